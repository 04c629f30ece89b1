using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tributary.Testing;

namespace Tributary.Api.Tests.Custom;

/// <summary>Requests through a connector.</summary>
public class ProxyTests
{
    private const string Token = "the-token-of-the-api";

    [Fact]
    public async Task A_request_arrives_with_the_connectors_credentials_and_none_of_the_callers()
    {
        var seen = new ConcurrentQueue<Dictionary<string, string>>();
        await using var target = await LoopbackServer.StartAsync(async http =>
        {
            seen.Enqueue(
                http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase)
            );
            http.Response.StatusCode = 418;
            http.Response.Headers["Set-Cookie"] = "a=b";
            http.Response.Headers["X-Own"] = "theirs";
            http.Response.Headers["Access-Control-Allow-Origin"] = "*";
            http.Response.ContentType = "text/html";
            using var reader = new StreamReader(http.Request.Body);
            await http.Response.WriteAsync(
                $"{http.Request.Method} {http.Request.QueryString} {await reader.ReadToEndAsync()}"
            );
        });
        await using var scene = await CustomScene.StartAsync();
        var connector = await HttpConnectorAsync(scene, target, """{"auth":"bearer","token":"the-token-of-the-api"}""");
        using var request = new HttpRequestMessage(
            HttpMethod.Post,
            $"/v1/connection/connectors/{connector}/proxy/items?q=1&q=%2F"
        )
        {
            Content = new StringContent("héllo", Encoding.UTF8, "text/plain"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", CustomScene.Admin);
        foreach (
            var name in (string[])
                [
                    "Cookie",
                    "X-Forwarded-Host",
                    "Forwarded",
                    "X-Cargo-Origin",
                    "X-Onyx-Authorization2",
                    "Proxy-Authorization",
                    "TE",
                ]
        )
        {
            request.Headers.TryAddWithoutValidation(name, "trailers");
        }

        request.Headers.Host = "evil.example.com";
        request.Headers.Add("X-Mine", "kept");
        using var answer = await scene.Api.Http.SendAsync(request);

        ((int)answer.StatusCode).ShouldBe(418);
        (await answer.Content.ReadAsStringAsync()).ShouldBe("POST ?q=1&q=%2F héllo");
        var headers = seen.Last();
        headers["Authorization"].ShouldBe("Bearer " + Token);
        headers["X-Mine"].ShouldBe("kept");
        headers["Host"].ShouldBe(target.BaseUri.Authority);
        headers.Keys.ShouldNotContain(name =>
            name.StartsWith("X-Forwarded")
            || name.StartsWith("X-Cargo")
            || name == "Cookie"
            || name == "Forwarded"
            || name.StartsWith("Proxy")
        );
        answer.Headers.GetValues("X-Own").ShouldBe(["theirs"]);
        answer.Headers.GetValues("X-Upstream-Status").ShouldBe(["418"]);
        answer.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("sandbox");
        answer.Headers.Contains("Set-Cookie").ShouldBeFalse();
        answer.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"auth":"header","name":"X-Api-Key","token":"the-token-of-the-api"}""", "X-Api-Key", Token)]
    [InlineData("""{"auth":"basic","username":"u","password":"p"}""", "Authorization", "Basic dTpw")]
    [InlineData("""{"auth":"headers","header_values":{"X-A":"1","X-B":"2"}}""", "X-B", "2")]
    [InlineData("""{"auth":"query","name":"key","token":"the-token-of-the-api"}""", "?", "?a=b&key=" + Token)]
    public async Task Each_kind_of_credentials_is_sent(string credentials, string name, string value)
    {
        await using var target = await LoopbackServer.StartAsync(http =>
            http.Response.WriteAsync(
                name == "?" ? http.Request.QueryString.ToString() : http.Request.Headers[name].ToString()
            )
        );
        await using var scene = await CustomScene.StartAsync();
        var connector = await HttpConnectorAsync(scene, target, credentials);

        var answer = await scene.SendAsync("GET", $"connectors/{connector}/proxy/x?a=b");

        answer.ShouldBeFine().Text.ShouldBe(value);
    }

    [Fact]
    public async Task Credentials_that_are_not_whole_are_told_member_by_member()
    {
        await using var scene = await CustomScene.StartAsync();

        var answer = await scene.SendAsync(
            "POST",
            "connectors",
            """{"name":"A","slug":"a","integrationSlug":"http","config":{"base_url":"ftp://x","credentials":{"auth":"client_credentials"}}}"""
        );

        answer.Should(HttpStatusCode.BadRequest);
        answer
            .Json.GetProperty("errors")
            .EnumerateArray()
            .Select(error => error.GetProperty("path").GetString())
            .ShouldBe(
                [
                    "config.base_url",
                    "config.credentials.token_url",
                    "config.credentials.client_id",
                    "config.credentials.client_secret",
                ],
                ignoreOrder: true
            );
    }

    [Theory]
    [InlineData("//evil.example.com/x")]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("a/%2e%2e/x")]
    [InlineData("a/%2E%2E%2Fx")]
    [InlineData("a/%252e%252e/x")]
    [InlineData("a\\..\\x")]
    [InlineData("%5c%5cevil.example.com")]
    [InlineData("a%0d%0aHost:%20evil")]
    [InlineData("./a")]
    public async Task No_path_leads_away(string path)
    {
        await using var target = await LoopbackServer.StartAsync(http => http.Response.WriteAsync("reached"));
        await using var scene = await CustomScene.StartAsync();
        var connector = await HttpConnectorAsync(
            scene,
            target,
            """{"auth":"bearer","token":"the-token-of-the-api"}""",
            "base/"
        );
        target.Requests.Clear();

        var status = await RawAsync(scene, $"/v1/connection/connectors/{connector}/proxy/{path}");

        status.ShouldBeInRange(400, 404);
        target.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("http://evil.example.com/", "/base/http://evil.example.com/")]
    [InlineData("@evil.example.com/x", "/base/@evil.example.com/x")]
    [InlineData("group%2Fproject", "/base/group%2Fproject")]
    [InlineData("a%20b/%C3%BC", "/base/a%20b/%C3%BC")]
    public async Task What_only_looks_like_a_way_out_stays_below_the_base(string path, string expected)
    {
        var seen = new ConcurrentQueue<string>();
        await using var target = await LoopbackServer.StartAsync(http =>
        {
            seen.Enqueue(http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget);
            return http.Response.WriteAsync("reached");
        });
        await using var scene = await CustomScene.StartAsync();
        var connector = await HttpConnectorAsync(
            scene,
            target,
            """{"auth":"bearer","token":"the-token-of-the-api"}""",
            "base/"
        );

        var status = await RawAsync(scene, $"/v1/connection/connectors/{connector}/proxy/{path}");

        status.ShouldBe(200);
        seen.Last().ShouldBe(expected);
    }

    [Fact]
    public async Task A_redirect_to_another_host_takes_no_credentials_along()
    {
        var seen = new ConcurrentQueue<string>();
        await using var other = await LoopbackServer.StartAsync(http =>
        {
            seen.Enqueue(http.Request.Headers.Authorization.ToString());
            return http.Response.WriteAsync("other");
        });
        await using var target = await LoopbackServer.StartAsync(http =>
        {
            http.Response.Redirect(other.BaseUri + "there");
            return Task.CompletedTask;
        });
        await using var scene = await CustomScene.StartAsync();
        var connector = await HttpConnectorAsync(scene, target, """{"auth":"bearer","token":"the-token-of-the-api"}""");

        (await scene.SendAsync("GET", $"connectors/{connector}/proxy/x")).ShouldBeFine().Text.ShouldBe("other");
        (await scene.SendAsync("POST", $"connectors/{connector}/proxy/x", "{}")).Should(HttpStatusCode.Redirect);

        seen.ShouldAllBe(authorization => authorization == "");
    }

    [Fact]
    public async Task An_answer_that_refuses_the_credentials_is_not_mistaken_for_ours()
    {
        var isRefusing = false;
        await using var target = await LoopbackServer.StartAsync(http =>
        {
            http.Response.StatusCode = isRefusing ? 401 : 200;
            return http.Response.WriteAsync("no");
        });
        await using var scene = await CustomScene.StartAsync();
        var connector = await HttpConnectorAsync(scene, target, """{"auth":"bearer","token":"the-token-of-the-api"}""");
        isRefusing = true;

        var answer = await scene.SendAsync("GET", $"connectors/{connector}/proxy/x");

        answer.Should((HttpStatusCode)424).Text.ShouldBe("no");
        answer.Headers["X-Upstream-Status"].ShouldBe("401");
    }

    [Fact]
    public async Task Answers_are_kept_for_the_connectors_time_and_its_limit_is_told()
    {
        var count = 0;
        await using var target = await LoopbackServer.StartAsync(http =>
            http.Response.WriteAsync($"answer {Interlocked.Increment(ref count)}")
        );
        await using var scene = await CustomScene.StartAsync();
        var connector = await HttpConnectorAsync(
            scene,
            target,
            """{"auth":"bearer","token":"the-token-of-the-api"}""",
            cache: 60_000,
            rateLimit: new
            {
                unit = "day",
                max = 3, // one of which the check took when the connector was made
                strategy = "burst",
            }
        );

        var first = (await GetAsync("x")).ShouldBeFine();
        var second = (await GetAsync("x")).ShouldBeFine();

        first.Headers["X-Cache"].ShouldBe("MISS");
        second.Headers["X-Cache"].ShouldBe("HIT");
        second.Text.ShouldBe(first.Text);
        first.Headers["RateLimit-Policy"].ShouldBe("\"connector\";q=3;w=86400");
        first.Headers["RateLimit"].ShouldStartWith("\"connector\";r=1;t=");
        (await GetAsync("y")).ShouldBeFine();
        var refused = await GetAsync("z");
        refused.Should(HttpStatusCode.TooManyRequests);
        int.Parse(refused.Headers["Retry-After"], System.Globalization.CultureInfo.InvariantCulture)
            .ShouldBeInRange(1, 86_400);
        (await GetAsync("x"))
            .ShouldBeFine()
            .Headers["X-Cache"]
            .ShouldBe("HIT", "what is kept needs no room in the limit");

        Task<Answer> GetAsync(string path) => scene.SendAsync("GET", $"connectors/{connector}/proxy/{path}");
    }

    [Fact]
    public async Task The_checks_of_a_new_connector_and_of_its_changes_count()
    {
        var count = 0;
        await using var target = await LoopbackServer.StartAsync(http =>
            http.Response.WriteAsync($"answer {Interlocked.Increment(ref count)}")
        );
        await using var scene = await CustomScene.StartAsync();
        var connector = await HttpConnectorAsync(
            scene,
            target,
            """{"auth":"none"}""",
            rateLimit: new { unit = "day", max = 2 }
        );
        count.ShouldBe(1);

        // The change is checked apart from what the connector may still do, and takes it.
        var changed = await scene.SendAsync(
            "PUT",
            $"connectors/{connector}",
            $$"""{"config":{"credentials":{"auth":"none"},"base_url":"{{target.BaseUri}}v2/"} }"""
        );
        changed.ShouldBeFine();
        (await scene.SendAsync("GET", $"connectors/{connector}/proxy/x")).Should(HttpStatusCode.TooManyRequests);
        count.ShouldBe(2);
    }

    [Fact]
    public async Task A_connector_is_made_when_its_limit_leaves_no_room_for_all_of_its_check()
    {
        var count = 0;
        await using var target = await LoopbackServer.StartAsync(http =>
        {
            http.Response.StatusCode = 503;
            Interlocked.Increment(ref count);
            return Task.CompletedTask;
        });
        await using var scene = await CustomScene.StartAsync();

        await HttpConnectorAsync(scene, target, """{"auth":"none"}""", rateLimit: new { unit = "day", max = 1 });

        count.ShouldBe(1, "the second attempt may go tomorrow");
    }

    [Fact]
    public async Task Large_bodies_stream_both_ways()
    {
        const int Size = 64 << 20;
        await using var target = await LoopbackServer.StartAsync(async http =>
        {
            http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize =
                null;
            var (received, block) = (0L, new byte[1 << 16]);
            while (await http.Request.Body.ReadAsync(block) is var some and > 0)
            {
                received += some;
            }

            for (; received > 0; received -= block.Length)
            {
                await http.Response.Body.WriteAsync(block);
            }
        });
        await using var scene = await CustomScene.StartAsync();
        var connector = await HttpConnectorAsync(scene, target, """{"auth":"none"}""");
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/v1/connection/connectors/{connector}/proxy/x")
        {
            Content = new StreamContent(new ZeroStream(Size)),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", CustomScene.Admin);

        using var answer = await scene.Api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var (read, buffer) = (0L, new byte[1 << 16]);
        while (await body.ReadAsync(buffer) is var some and > 0)
        {
            read += some;
        }

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        read.ShouldBe(Size);
    }

    [Fact]
    public async Task A_caller_who_goes_away_ends_the_request()
    {
        var begun = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        var isSlow = false;
        await using var target = await LoopbackServer.StartAsync(async http =>
        {
            if (!isSlow)
            {
                return;
            }

            http.RequestAborted.Register(() => ended.TrySetResult());
            begun.TrySetResult();
            await ended.Task;
        });
        await using var scene = await CustomScene.StartAsync();
        var connector = await HttpConnectorAsync(scene, target, """{"auth":"none"}""");
        isSlow = true;
        using var leaving = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/connection/connectors/{connector}/proxy/x");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", CustomScene.Admin);

        var sending = scene.Api.Http.SendAsync(request, leaving.Token);
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await leaving.CancelAsync();

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await Should.ThrowAsync<OperationCanceledException>(() => sending);
    }

    [Fact]
    public async Task Integrations_without_an_api_and_unknown_connectors_are_refused()
    {
        await using var scene = await CustomScene.StartAsync();
        var pushed = await scene.ConnectAsync("ingestion_api", "{}");

        (await scene.SendAsync("GET", $"connectors/{pushed}/proxy/x"))
            .Should(HttpStatusCode.BadRequest)
            .Json.GetProperty("reason")
            .GetString()
            .ShouldBe("proxyNotSupported");
        (await scene.SendAsync("GET", $"connectors/{Guid.NewGuid()}/proxy/x"))
            .Should(HttpStatusCode.NotFound)
            .Json.GetProperty("reason")
            .GetString()
            .ShouldBe("connectorNotFound");
    }

    [Fact]
    public async Task An_api_that_is_gone_is_told_with_its_reason()
    {
        await using var scene = await CustomScene.StartAsync();
        var target = await LoopbackServer.StartAsync(http => http.Response.WriteAsync("ok"));
        var connector = await HttpConnectorAsync(scene, target, """{"auth":"bearer","token":"the-token-of-the-api"}""");
        await target.DisposeAsync();

        var answer = await scene.SendAsync("POST", $"connectors/{connector}/proxy/x", "{}");

        answer.Should(HttpStatusCode.BadRequest);
        answer.Json.GetProperty("reason").GetString().ShouldBe("failedToReachApi");
        answer.Json.GetProperty("errorMessage").GetString()!.ShouldContain(target.BaseUri.Authority);
    }

    private static Task<Guid> HttpConnectorAsync(
        CustomScene scene,
        LoopbackServer target,
        string credentials,
        string path = "",
        long? cache = null,
        object? rateLimit = null
    ) =>
        scene.ConnectAsync(
            "http",
            $$"""{"base_url":"{{target.BaseUri}}{{path}}","credentials":{{credentials}}}""",
            cache,
            rateLimit
        );

    /// <summary>Sends a path as it stands, which client libraries would tidy up.</summary>
    private static async Task<int> RawAsync(CustomScene scene, string target)
    {
        using var client = new TcpClient();
        var address = scene.Api.Http.BaseAddress!;
        await client.ConnectAsync(address.Host, address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"GET {target} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {CustomScene.Admin}\r\nConnection: close\r\n\r\n"
            )
        );
        using var reader = new StreamReader(stream);
        var status = await reader.ReadLineAsync();
        return int.Parse(status!.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private sealed class ZeroStream(long length) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var some = (int)Math.Min(_left, count);
            _left -= some;
            return some;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
