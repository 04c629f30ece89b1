using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Http;
using Tributary.Testing;

namespace Tributary.Sdk.Tests;

/// <summary>Keys of roles, from STS.</summary>
public sealed class AwsRoleTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task A_role_is_assumed_and_its_keys_sign_until_shortly_before_they_expire()
    {
        var forms = new List<string>();
        await using var sts = await StsAsync(forms);
        var seen = new List<string>();
        await using var s3 = await LoopbackServer.StartAsync(context =>
        {
            seen.Add($"{context.Request.Headers["x-amz-security-token"]} {context.Request.Headers.Authorization}");
            return Task.CompletedTask;
        });
        var keys = AwsKeys.AssumeRole(
            AwsKeys.Fixed("AKIA", "secret"),
            "arn:aws:iam::1:role/r",
            "eu-west-1",
            sts.BaseUri.ToString(),
            "external"
        );
        using var http = EchoServer.Client(
            Authentication.AwsSignature(s3.BaseUri.ToString(), keys, "eu-west-1"),
            _time
        );

        await http.GetAsync(s3.BaseUri);
        await http.GetAsync(s3.BaseUri);
        _time.Advance(TimeSpan.FromMinutes(55));
        await http.GetAsync(s3.BaseUri);

        forms.Count.ShouldBe(2);
        forms[0]
            .ShouldStartWith(
                "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&RoleSessionName=tributary&DurationSeconds=3600&ExternalId=external "
            );
        forms[0].ShouldContain("Credential=AKIA/20250115/eu-west-1/sts/aws4_request");
        seen[0].ShouldStartWith("session AWS4-HMAC-SHA256 Credential=ASIA1/");
        seen[2].ShouldContain("Credential=ASIA2/");
    }

    [Fact]
    public async Task A_token_in_a_file_is_the_server_s_own_identity_and_may_assume_another_role()
    {
        var forms = new List<string>();
        await using var sts = await StsAsync(forms);
        using var folder = new TemporaryFolder();
        var file = folder["token"];
        await File.WriteAllTextAsync(file, "ey.J.wt\n");
        var environment = new Dictionary<string, string>
        {
            ["AWS_WEB_IDENTITY_TOKEN_FILE"] = file,
            ["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/pod",
            ["AWS_ENDPOINT_URL_STS"] = sts.BaseUri.ToString(),
        };
        var own = AwsKeys.OfServer(environment.GetValueOrDefault);
        var other = AwsKeys.AssumeRole(own, "arn:aws:iam::2:role/reader", "eu-west-1", sts.BaseUri.ToString());
        await using var s3 = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        using var http = EchoServer.Client(Authentication.AwsSignature(s3.BaseUri.ToString(), other, "r"), _time);

        await http.GetAsync(s3.BaseUri);

        forms[0].ShouldStartWith("Action=AssumeRoleWithWebIdentity&");
        forms[0].ShouldContain("WebIdentityToken=ey.J.wt ");
        forms[0].ShouldNotContain("Credential=", customMessage: "the token is proof enough");
        forms[1].ShouldStartWith("Action=AssumeRole&");
        forms[1].ShouldContain("Credential=ASIA1/");
    }

    [Fact]
    public void A_server_without_an_identity_says_how_to_give_it_one()
    {
        Should.Throw<SourceException>(() => AwsKeys.OfServer(_ => null)).Message.ShouldContain("AWS_ROLE_ARN");
    }

    [Theory]
    [InlineData(
        403,
        "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>",
        FailureKind.Credentials,
        "AccessDenied"
    )]
    [InlineData(
        400,
        "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>",
        FailureKind.Transient,
        "busy"
    )]
    [InlineData(403, "no xml", FailureKind.Credentials, "(no reason given). Check that the role arn:r exists")]
    [InlineData(500, "", FailureKind.Transient, "500")]
    [InlineData(200, "<a/>", FailureKind.Source, "200")]
    [InlineData(200, "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", FailureKind.Source, "200")]
    [InlineData(503, "", FailureKind.Transient, "503")]
    public async Task Refusals_of_a_role_have_their_kind(int status, string body, FailureKind kind, string word)
    {
        await using var sts = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        });
        var keys = AwsKeys.AssumeRole(AwsKeys.Fixed("a", "s"), "arn:r", "r", sts.BaseUri.ToString());
        using var http = EchoServer.Client(Authentication.AwsSignature("https://s3.test", keys, "r"), _time);

        var failure = await Should.ThrowAsync<SourceException>(() => http.GetAsync("https://s3.test/"));

        failure.Kind.ShouldBe(kind);
        failure.Message.ShouldContain(word);
    }

    [Fact]
    public async Task A_token_file_that_is_not_there_is_named_by_its_variable()
    {
        using var folder = new TemporaryFolder();

        var failure = await Should.ThrowAsync<SourceException>(() =>
            FetchAsync(("AWS_ROLE_ARN", "r"), TokenFile(folder))
        );

        failure.Kind.ShouldBe(FailureKind.Configuration);
        failure.Message.ShouldContain("AWS_WEB_IDENTITY_TOKEN_FILE");
    }

    [Theory]
    [InlineData("eu-west-1", "eu-west-2", "https://sts.eu-west-1.amazonaws.com/")]
    [InlineData("", "eu-west-2", "https://sts.eu-west-2.amazonaws.com/")]
    [InlineData("", "", "https://sts.us-east-1.amazonaws.com/")]
    public async Task The_region_of_the_server_says_which_STS_is_asked(string region, string other, string asked)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["token"], "jwt");

        var sent = await FetchAsync(
            ("AWS_ROLE_ARN", "r"),
            TokenFile(folder),
            ("AWS_REGION", region),
            ("AWS_DEFAULT_REGION", other)
        );

        sent.RequestUri!.ToString().ShouldBe(asked);
        sent.Headers.Accept.ShouldBeEmpty("STS answers with JSON where that is asked for");
        sent.Options.TryGetValue(OutboundOptions.OnlyReads, out var canBeRepeated);
        canBeRepeated.ShouldBeTrue();
    }

    [Fact]
    public void Keys_of_the_server_go_before_its_role()
    {
        var environment = new Dictionary<string, string>
        {
            ["AWS_ACCESS_KEY_ID"] = "AKIA",
            ["AWS_SECRET_ACCESS_KEY"] = "secret",
            ["AWS_SESSION_TOKEN"] = "session",
            ["AWS_WEB_IDENTITY_TOKEN_FILE"] = "file",
            ["AWS_ROLE_ARN"] = "role",
        };

        var keys = AwsKeys.OfServer(environment.GetValueOrDefault).ShouldBeOfType<FixedAwsKeys>().Keys;

        (keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken).ShouldBe(("AKIA", "secret", "session"));
    }

    /// <summary>An STS that gives keys for an hour, numbered.</summary>
    /// <param name="forms">Gets what it is sent, and how that is signed.</param>
    private Task<LoopbackServer> StsAsync(List<string> forms) =>
        LoopbackServer.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            forms.Add($"{await reader.ReadToEndAsync()} {context.Request.Headers.Authorization}");
            var expiry = _time.GetUtcNow().AddHours(1).ToString("o", CultureInfo.InvariantCulture);
            await context.Response.WriteAsync(
                $"""
                <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
                <AccessKeyId>ASIA{forms.Count}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
                <SessionToken>session</SessionToken><Expiration>{expiry}</Expiration>
                </Credentials></AssumeRoleResult></AssumeRoleResponse>
                """
            );
        });

    private static (string Name, string Value) TokenFile(TemporaryFolder folder) =>
        ("AWS_WEB_IDENTITY_TOKEN_FILE", folder["token"]);

    /// <summary>Fetches keys of the server's role.</summary>
    /// <returns>What STS was sent.</returns>
    private async Task<HttpRequestMessage> FetchAsync(params (string Name, string Value)[] environment)
    {
        var sts = new RecordingHandler(_ => new Answer(
            HttpStatusCode.OK,
            """
            <Answer><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
            <SessionToken>session</SessionToken><Expiration>2025-01-15T09:00:00Z</Expiration></Answer>
            """
        ));
        var values = environment.ToDictionary(variable => variable.Name, variable => variable.Value);
        var role = AwsKeys.OfServer(values.GetValueOrDefault).ShouldBeOfType<RoleAwsKeys>();
        await role.Grant.FetchAsync(null, new TokenChannel(new HttpClient(sts), _time), null, CancellationToken.None);
        return sts.Requests.Single();
    }
}
