using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Http;
using Tributary.Sdk.Authenticating;
using Tributary.Testing;

namespace Tributary.Sdk.Tests;

/// <summary>What requests are sent with, and where to.</summary>
public class AuthenticationTests
{
    [Fact]
    public async Task Each_kind_sends_what_its_vendor_reads()
    {
        await using var server = await EchoServer.StartAsync();

        (await server.GetAsync(Authentication.None)).ShouldBe("");
        (await server.GetAsync(Authentication.Bearer(server.Address, " t0ken\n"))).ShouldBe(
            "Authorization: Bearer t0ken"
        );
        (await server.GetAsync(Authentication.Basic(server.Address, "jane@example.com/token", "pässword"))).ShouldBe(
            "Authorization: Basic amFuZUBleGFtcGxlLmNvbS90b2tlbjpww6Rzc3dvcmQ="
        );
        (await server.GetAsync(Authentication.Header(server.Address, "PRIVATE-TOKEN", "x"))).ShouldBe(
            "PRIVATE-TOKEN: x"
        );
        (
            await server.GetAsync(Authentication.Headers(server.Address, ("Api-Key", "k"), ("Api-Username", "u")))
        ).ShouldBe("Api-Key: k|Api-Username: u");
    }

    [Theory]
    [InlineData("/a", "/a?key=a%26b")]
    [InlineData("/a?", "/a?key=a%26b")]
    [InlineData("/a?b=c", "/a?b=c&key=a%26b")]
    public async Task A_key_in_the_query_string_is_sent_and_never_shown(string path, string sent)
    {
        await using var server = await EchoServer.StartAsync();
        using var http = server.Client(Authentication.Query(server.Address, "key", "a&b"));

        using var response = await http.GetAsync(server.Address + path);

        server.Paths.ShouldBe([sent]);
        response.RequestMessage!.RequestUri!.PathAndQuery.ShouldNotContain("key");
    }

    [Fact]
    public async Task Credentials_go_only_to_the_hosts_that_are_named()
    {
        await using var api = await EchoServer.StartAsync();
        await using var files = await EchoServer.StartAsync();
        await using var stranger = await EchoServer.StartAsync();
        var part = Authentication.Bearer($"{api.Address}/v1/", "t").AlsoFor(files.Address);

        (await files.GetAsync(part)).ShouldBe("Authorization: Bearer t");
        (await api.GetAsync(part)).ShouldBe("Authorization: Bearer t");
        (await stranger.GetAsync(part)).ShouldBe("");
    }

    [Theory]
    [InlineData("https://api.example.com/v1", "https://api.example.com/other", true)]
    [InlineData("https://api.example.com", "https://API.example.com:443/", true)]
    [InlineData("https://api.example.com", "http://api.example.com/", false)]
    [InlineData("https://api.example.com", "https://api.example.com:8443/", false)]
    [InlineData("https://api.example.com:8443", "http://api.example.com:8443/", false)]
    [InlineData("https://api.example.com", "https://example.com/", false)]
    [InlineData("https://api.example.com", "https://api.example.com.evil.net/", false)]
    public void Scheme_host_and_port_all_count(string api, string address, bool isSame) =>
        (Authentication.Bearer(api, "t").For(new Uri(address)) is not null).ShouldBe(isSame);

    [Fact]
    public async Task Each_host_can_have_credentials_of_its_own()
    {
        await using var one = await EchoServer.StartAsync();
        await using var two = await EchoServer.StartAsync();
        var parts = Authentication.Each(
            Authentication.Bearer(one.Address, "1"),
            Authentication.Header(two.Address, "Api-Key", "2")
        );

        (await one.GetAsync(parts)).ShouldBe("Authorization: Bearer 1");
        (await two.GetAsync(parts)).ShouldBe("Api-Key: 2");
        Should
            .Throw<InvalidOperationException>(() => parts.AlsoFor("https://three.example.com"))
            .Message.ShouldContain("Each(part.AlsoFor(");
    }

    [Fact]
    public void Further_hosts_get_the_credentials_of_every_kind()
    {
        const string api = "https://api.example.com";
        const string files = "https://files.example.com";
        foreach (
            var part in (Authentication[])
                [
                    Authentication.Header(api, "Api-Key", "k"),
                    Authentication.Query(api, "key", "k"),
                    Authentication.Token(api, TokenGrant.ClientCredentials(api, "id", "secret", null)),
                    Authentication.AwsSignature(api, AwsKeys.Fixed("id", "secret"), "auto"),
                ]
        )
        {
            part.For(new Uri(files)).ShouldBeNull();
            var wider = part.AlsoFor(files);
            wider.For(new Uri(files)).ShouldBeOfType(part.GetType());
            wider.For(new Uri(api)).ShouldBeOfType(part.GetType());
        }
    }

    [Fact]
    public async Task A_request_can_go_without_credentials()
    {
        await using var server = await EchoServer.StartAsync();
        using var http = server.Client(Authentication.Bearer(server.Address, "t"));
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Address).WithoutCredentials();

        using var response = await http.SendAsync(request);

        server.Seen.ShouldBe([""]);
    }

    [Fact]
    public async Task A_header_that_is_there_already_is_replaced()
    {
        await using var server = await EchoServer.StartAsync();
        using var http = server.Client(Authentication.Bearer(server.Address, "t"));
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Address);
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer old");

        using var response = await http.SendAsync(request);

        server.Seen.ShouldBe(["Authorization: Bearer t"]);
    }

    [Fact]
    public async Task A_refusal_of_credentials_that_do_not_change_is_handed_on()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 401;
            return context.Response.WriteAsync("why");
        });
        using var http = EchoServer.Client(Authentication.Bearer(server.BaseUri.ToString(), "t"), new ManualTime());

        using var response = await http.GetAsync(server.BaseUri);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await response.Content.ReadAsStringAsync()).ShouldBe("why");
        server.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("line\nbreak")]
    [InlineData("tökén")]
    [InlineData("  ")]
    public void What_cannot_be_sent_is_refused_without_being_repeated(string token)
    {
        var refusal = Should.Throw<SourceException>(() => Authentication.Header("https://example.com", "X", token));

        refusal.Kind.ShouldBe(FailureKind.Credentials);
        refusal.Message.ShouldContain("Copy it again");
        refusal.Message.ShouldNotContain("kén");
        refusal.Message.ShouldNotContain("break\n");
    }

    [Theory]
    [InlineData("api.example.com")]
    [InlineData("ftp://example.com")]
    [InlineData("https://user@example.com")]
    [InlineData("")]
    public void An_address_that_is_none_is_refused(string api)
    {
        var refusal = Should.Throw<SourceException>(() => Authentication.Bearer(api, "t"));

        refusal.Kind.ShouldBe(FailureKind.Configuration);
        refusal.Message.ShouldContain("starts with https://");
    }
}

/// <summary>Says which credentials it was sent.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private static readonly string[] Interesting = ["Authorization", "PRIVATE-TOKEN", "Api-Key", "Api-Username"];

    private LoopbackServer _server = null!;

    public string Address => _server.BaseUri.ToString().TrimEnd('/');

    public ConcurrentQueue<string> Seen { get; } = new();

    public IEnumerable<string> Paths => _server.Requests.Select(request => request.Split(' ')[1]);

    public static async Task<EchoServer> StartAsync()
    {
        var result = new EchoServer();
        result._server = await LoopbackServer.StartAsync(context =>
        {
            var found = Interesting
                .Where(name => context.Request.Headers.ContainsKey(name))
                .Select(name => $"{name}: {context.Request.Headers[name]}");
            var text = string.Join('|', found);
            result.Seen.Enqueue(text);
            return context.Response.WriteAsync(text);
        });
        return result;
    }

    public async Task<string> GetAsync(Authentication authentication)
    {
        using var http = Client(authentication);
        return await http.GetStringAsync(Address);
    }

    public HttpClient Client(Authentication authentication) => Client(authentication, new ManualTime());

    public static HttpClient Client(
        Authentication authentication,
        TimeProvider time,
        OAuthClient? client = null,
        ITokenVault? vault = null,
        string? vendor = null
    ) =>
        new(
            new AuthenticatingHandler(
                authentication,
                vault ?? new TokensInMemory(time),
                new TokenChannel(new HttpClient(), time, client, vendor)
            )
            {
                InnerHandler = new SocketsHttpHandler(),
            }
        );

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
