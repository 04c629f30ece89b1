using System.Net;
using Tributary.Sdk.Authenticating;
using Tributary.Testing;

namespace Tributary.Sdk.Tests;

/// <summary>Requests that are signed on their way, and signed again when they have waited for long.</summary>
public class AwsRequestTests
{
    private const string Bucket = "https://bucket.example.com/";

    private readonly ManualTime _time = new();
    private readonly List<string> _dates = [];

    // What a request says when it is sent; a second signature changes it.
    private readonly List<string> _hashes = [];

    [Fact]
    public async Task A_signature_that_grew_old_while_it_waited_is_made_again_once()
    {
        var storage = Storage(TimeSpan.FromMinutes(16));
        using var http = Client(storage);

        using var response = await http.GetAsync(Bucket);

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        _dates.ShouldBe(["20250115T080000Z", "20250115T081600Z"]);
        storage.Answers.Select(answer => answer.IsGivenBack).ShouldBe([true, false]);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(300, 1)]
    [InlineData(301, 2)]
    public async Task A_signature_of_up_to_five_minutes_is_not_old(int seconds, int requests)
    {
        using var http = Client(Storage(TimeSpan.FromSeconds(seconds)));

        using var response = await http.GetAsync(Bucket);

        _dates.Count.ShouldBe(requests);
    }

    [Fact]
    public async Task A_body_is_signed_and_repeated_unless_it_is_a_stream()
    {
        using var http = Client(Storage(TimeSpan.FromMinutes(16)));

        using var text = await http.PutAsync(Bucket, new StringContent("body"));
        using var stream = await http.PutAsync(Bucket, new StreamContent(new MemoryStream([1])));
        using var nothing = await http.GetAsync(Bucket);

        const string ofBody = "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5";
        const string ofNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        _hashes.ShouldBe([ofBody, ofBody, "UNSIGNED-PAYLOAD", ofNothing, ofNothing]);
    }

    [Fact]
    public async Task A_request_can_be_signed_for_another_region()
    {
        var storage = Storage(TimeSpan.Zero);
        using var http = Client(storage);
        using var request = new HttpRequestMessage(HttpMethod.Get, Bucket).SignFor("eu-west-2");

        using var response = await http.SendAsync(request);

        request.Headers.GetValues("Authorization").Single().ShouldContain("/20250115/eu-west-2/s3/aws4_request");
    }

    /// <summary>Refuses everything after a while.</summary>
    private RecordingHandler Storage(TimeSpan wait) =>
        new(request =>
        {
            _dates.Add(request.Headers.GetValues("x-amz-date").Single());
            _hashes.Add(request.Headers.GetValues("x-amz-content-sha256").Single());
            _time.Advance(wait);
            return new Answer(HttpStatusCode.Forbidden);
        });

    private HttpClient Client(RecordingHandler storage) =>
        new(
            new AuthenticatingHandler(
                Authentication.AwsSignature(Bucket, AwsKeys.Fixed("id", "secret"), "auto"),
                new TokensInMemory(_time),
                new TokenChannel(new HttpClient(), _time)
            )
            {
                InnerHandler = storage,
            }
        );
}
