using System.Globalization;
using System.Text;
using Tributary.Sdk.Authenticating;

namespace Tributary.Sdk.Tests;

/// <summary>Signatures against those that AWS publishes.</summary>
public class AwsSignerTests
{
    private static readonly AwsKeySet S3Keys = new(
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        null
    );
    private static readonly AwsKeySet SuiteKeys = new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null);

    // "Signature Calculations for the Authorization Header: Transferring Payload in a Single Chunk", Amazon S3 API reference.
    [Theory]
    [InlineData(
        "GET",
        "/test.txt",
        "range: bytes=0-9",
        "",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )]
    [InlineData(
        "PUT",
        "/test$file.text",
        "date: Fri, 24 May 2013 00:00:00 GMT|x-amz-storage-class: REDUCED_REDUNDANCY",
        "Welcome to Amazon S3.",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    )]
    [InlineData("GET", "/?lifecycle", "", "", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")]
    [InlineData(
        "GET",
        "/?prefix=J&max-keys=2",
        "",
        "",
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
    )]
    public void Signs_the_examples_of_the_S3_reference(
        string method,
        string path,
        string headers,
        string body,
        string signature
    )
    {
        using var request = Request(method, $"https://examplebucket.s3.amazonaws.com{path}", headers);

        AwsSigner.Sign(request, Encoding.ASCII.GetBytes(body), S3Keys, "us-east-1", "s3", Time("20130524T000000Z"));

        SignatureOf(request).ShouldBe(signature);
        Authorization(request)
            .ShouldStartWith(
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders="
            );
    }

    [Theory]
    [InlineData("/", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData(
        "/?Param2=value2&Param1=value1",
        "",
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
    )]
    public void Signs_the_examples_of_the_published_suite(string path, string headers, string signature)
    {
        using var request = Request("GET", $"https://example.amazonaws.com{path}", headers);

        AwsSigner.Sign(
            request,
            [],
            new AwsKeySet("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null),
            "us-east-1",
            "service",
            Time("20150830T123600Z")
        );

        SignatureOf(request).ShouldBe(signature);
        request.Headers.Contains("x-amz-content-sha256").ShouldBeFalse("only S3 wants it");
    }

    [Fact]
    public void Signs_the_example_of_the_general_reference()
    {
        using var request = Request("GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", "");
        request.Content = new ByteArrayContent([]);
        request.Content.Headers.TryAddWithoutValidation(
            "Content-Type",
            "application/x-www-form-urlencoded; charset=utf-8"
        );

        AwsSigner.Sign(request, [], SuiteKeys, "us-east-1", "iam", Time("20150830T123600Z"));

        SignatureOf(request).ShouldBe("5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
    }

    [Theory]
    [InlineData("https://h/b/a%20b%2Bc%C3%BC", "https://h/b/a%20b+c%c3%bc")]
    [InlineData("https://h/b?x=a%20b&y=", "https://h/b?y&x=a+b")]
    public void Two_spellings_of_one_address_have_one_signature(string one, string other)
    {
        using var first = Request("GET", one, "");
        using var second = Request("GET", other, "");
        foreach (var request in (HttpRequestMessage[])[first, second])
        {
            AwsSigner.Sign(request, [], S3Keys, "auto", "s3", Time("20150830T123600Z"));
        }

        SignatureOf(second).ShouldBe(SignatureOf(first));
    }

    [Fact]
    public void A_new_signature_takes_the_place_of_the_old_one()
    {
        using var request = Request("GET", "https://host:8443/key", "");
        AwsSigner.Sign(request, [], new AwsKeySet("one", "secret", "session"), "r", "s3", Time("20150830T123600Z"));
        request.Headers.GetValues("x-amz-security-token").ShouldBe(["session"]);
        Authorization(request).ShouldContain("host;x-amz-content-sha256;x-amz-date;x-amz-security-token");

        AwsSigner.Sign(request, null, new AwsKeySet("two", "secret", null), "r", "s3", Time("20150830T123700Z"));

        request.Headers.GetValues("x-amz-date").ShouldBe(["20150830T123700Z"]);
        request.Headers.GetValues("x-amz-content-sha256").ShouldBe(["UNSIGNED-PAYLOAD"]);
        request.Headers.Contains("x-amz-security-token").ShouldBeFalse();
        request.Headers.GetValues("Authorization").ShouldHaveSingleItem().ShouldContain("Credential=two/");
    }

    [Fact]
    public void Only_what_decides_what_is_done_is_signed()
    {
        using var request = Request("GET", "https://h/", "Range: bytes=0-9|Accept: */*|User-Agent: me|X-Amz-Meta-A: b");

        AwsSigner.Sign(request, [], SuiteKeys, "auto", "sts", Time("20150830T123600Z"));

        Authorization(request).ShouldContain("SignedHeaders=host;range;x-amz-date;x-amz-meta-a,");
    }

    [Theory]
    [InlineData("https://gateway.internal/", "Host: h", "https://h/")]
    [InlineData("https://gateway.internal/", "Host: h:8443", "https://h:8443/")]
    public void The_host_that_a_request_names_is_signed(string url, string headers, string same)
    {
        using var first = Request("GET", url, headers);
        using var second = Request("GET", same, "");
        foreach (var request in (HttpRequestMessage[])[first, second])
        {
            AwsSigner.Sign(request, [], SuiteKeys, "auto", "s3", Time("20150830T123600Z"));
        }

        SignatureOf(first).ShouldBe(SignatureOf(second));
    }

    private static HttpRequestMessage Request(string method, string url, string headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), url);
        foreach (var header in headers.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            request.Headers.TryAddWithoutValidation(header.Split(": ")[0], header.Split(": ")[1]);
        }

        return request;
    }

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.ParseExact(
            text,
            "yyyyMMdd'T'HHmmss'Z'",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal
        );

    private static string Authorization(HttpRequestMessage request) =>
        request.Headers.GetValues("Authorization").Single();

    private static string SignatureOf(HttpRequestMessage request) => Authorization(request)[^64..];
}
