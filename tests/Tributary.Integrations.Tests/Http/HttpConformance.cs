using Tributary.Integrations.Http;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;
using Tributary.Testing;
using Tributary.Testing.Readers;

namespace Tributary.Integrations.Tests.Http;

public class HttpConformance : ManifestConformance
{
    public override Integration Integration { get; } = new HttpIntegration();

    [Theory]
    [InlineData(200, true)]
    [InlineData(404, true)]
    [InlineData(403, true)]
    [InlineData(401, false)]
    public async Task A_check_is_content_with_any_answer_that_takes_the_credentials(int status, bool passes)
    {
        await using var server = await LoopbackServer.StartAsync(http =>
        {
            http.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        using var harness = new ReaderHarness(
            Integration,
            new HttpConfig { BaseUrl = server.BaseUri.ToString() },
            new HttpCredentials { Auth = HttpAuth.Bearer, Token = "token" }
        );

        var failure = await Record.ExceptionAsync(() => harness.CheckAsync());

        (failure is null).ShouldBe(passes, failure?.Message);
    }

    [Fact]
    public async Task Nothing_is_read_and_a_listing_is_refused()
    {
        using var harness = new ReaderHarness(Integration, new HttpConfig { BaseUrl = "https://api.example.com" });

        (await harness.ReadAsync()).Items.ShouldBeEmpty();
        await Should.ThrowAsync<SourceException>(() => harness.ListAsync());
    }
}
