using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Tributary.Engine.Outbound;
using Tributary.Engine.Tests.Outbound;
using Tributary.Sdk.Authenticating;
using Tributary.Testing;

namespace Tributary.Engine.Tests.OAuth;

/// <summary>Credentials in the whole pipeline: each hop of a redirect is judged by its own address.</summary>
public sealed class CredentialsOnTheWireTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<string> _seen = new();
    private LoopbackServer _api = null!;
    private LoopbackServer _files = null!;

    public async ValueTask InitializeAsync()
    {
        _files = await LoopbackServer.StartAsync(context =>
        {
            _seen.Enqueue($"files {context.Request.Headers["X-Key"]} {context.Request.QueryString}".TrimEnd());
            return Task.CompletedTask;
        });
        _api = await LoopbackServer.StartAsync(context =>
        {
            _seen.Enqueue($"api {context.Request.Headers["X-Key"]} {context.Request.QueryString}".TrimEnd());
            if (context.Request.Path == "/moved")
            {
                context.Response.Redirect("/here");
            }
            else if (context.Request.Path == "/away")
            {
                context.Response.Redirect(_files.BaseUri.ToString());
            }

            return Task.CompletedTask;
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await _files.DisposeAsync();
    }

    [Fact]
    public async Task A_redirect_to_another_host_gets_none() =>
        (await GetAsync("away", Authentication.Header(Api, "X-Key", "k"))).ShouldBe(["api k", "files"]);

    [Fact]
    public async Task A_redirect_to_a_host_that_is_named_gets_them() =>
        (await GetAsync("away", Authentication.Header(Api, "X-Key", "k").AlsoFor(_files.BaseUri.ToString()))).ShouldBe([
            "api k",
            "files k",
        ]);

    [Fact]
    public async Task A_redirect_within_the_host_keeps_them() =>
        (await GetAsync("moved", Authentication.Header(Api, "X-Key", "k"))).ShouldBe(["api k", "api k"]);

    [Fact]
    public async Task A_key_in_the_query_string_stays_with_its_host()
    {
        (await GetAsync("away", Authentication.Query(Api, "key", "k"))).ShouldBe(["api  ?key=k", "files"]);
        _seen.Clear();
        (await GetAsync("moved", Authentication.Query(Api, "key", "k"))).ShouldBe(["api  ?key=k", "api  ?key=k"]);
    }

    private string Api => _api.BaseUri.ToString();

    private async Task<IEnumerable<string>> GetAsync(string path, Authentication authentication)
    {
        await using var fixture = new OutboundFixture();
        var time = new ManualTime();
        using var tokens = new HttpClient();
        using var authenticator = new AuthenticatingHandler(
            authentication,
            new TokensInMemory(time),
            new TokenChannel(tokens, time)
        );
        using var client = fixture.Outbound.For(new OutboundProfile(1, [], null) { Authenticator = authenticator });
        using var response = await client.Http.GetAsync(Api + path);
        return _seen;
    }
}
