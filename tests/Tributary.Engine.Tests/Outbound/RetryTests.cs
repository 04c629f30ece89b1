using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Testing;

namespace Tributary.Engine.Tests.Outbound;

public sealed class RetryTests
{
    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task Tries_again_what_may_pass(int status)
    {
        await using var server = await Failing(status, times: 2);
        var (response, _) = await SendAsync(server, new HttpRequestMessage(HttpMethod.Get, server.BaseUri));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        server.Requests.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(501)]
    public async Task Hands_back_what_will_not(int status)
    {
        await using var server = await Failing(status, times: 100);
        var (response, _) = await SendAsync(server, new HttpRequestMessage(HttpMethod.Get, server.BaseUri));

        ((int)response.StatusCode).ShouldBe(status);
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Gives_the_last_answer_back_after_four_attempts()
    {
        await using var server = await Failing(500, times: 100);
        var (response, waited) = await SendAsync(server, new HttpRequestMessage(HttpMethod.Get, server.BaseUri));

        response.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        server.Requests.Count.ShouldBe(4);
        waited.ShouldBeGreaterThan(TimeSpan.Zero);
        waited.ShouldBeLessThan(TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(6)]
    public async Task A_request_says_how_often_to_try(int attempts)
    {
        await using var server = await Failing(500, times: 100);
        var request = new HttpRequestMessage(HttpMethod.Get, server.BaseUri);
        request.Options.Set(OutboundOptions.MaxAttempts, attempts);
        await SendAsync(server, request);

        server.Requests.Count.ShouldBe(attempts);
    }

    [Theory]
    [InlineData(500, null, 1)]
    [InlineData(503, null, 1)]
    [InlineData(429, null, 1)]
    [InlineData(503, "2", 2)]
    [InlineData(429, "2", 2)]
    [InlineData(429, "0", 2)]
    public async Task A_post_is_repeated_only_when_it_was_surely_not_carried_out(
        int status,
        string? retryAfter,
        int requests
    )
    {
        await using var server = await Failing(status, times: 1, retryAfter);
        await SendAsync(
            server,
            new HttpRequestMessage(HttpMethod.Post, server.BaseUri) { Content = new StringContent("body") }
        );

        server.Requests.Count.ShouldBe(requests);
    }

    [Fact]
    public async Task A_post_that_only_reads_is_repeated()
    {
        await using var server = await Failing(502, times: 1);
        var request = new HttpRequestMessage(HttpMethod.Post, server.BaseUri) { Content = new StringContent("query") };
        request.Options.Set(OutboundOptions.OnlyReads, true);
        var (response, _) = await SendAsync(server, request);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_post_whose_connection_broke_after_it_was_sent_is_not_repeated()
    {
        await using var server = new RawServer((_, stream, _) => stream.DisposeAsync().AsTask());
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);

        var failure = await Should.ThrowAsync<SourceException>(() =>
            client.Http.PostAsync(new Uri(server.BaseUri, "?secret=1"), new StringContent("body"))
        );

        failure.Kind.ShouldBe(FailureKind.Transient);
        failure.Message.ShouldNotContain("secret");
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_post_that_was_never_sent_is_repeated()
    {
        var time = new ManualTime();
        var lookups = 0;
        await using var server = new RawServer(
            (_, stream, _) => RawServer.WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        );
        await using var outbound = new OutboundFixture(
            time: time,
            times: ManualTimeDriving.Endless,
            resolver: (_, _) =>
                Interlocked.Increment(ref lookups) < 3
                    ? throw new SocketException((int)SocketError.TryAgain)
                    : Task.FromResult(new[] { IPAddress.Loopback })
        );
        using var client = outbound.Client(limits: []);

        using var response = await time.WhileAdvancing(
            client.Http.PostAsync(new Uri($"http://later.example:{server.Port}/"), new StringContent("body"))
        );

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        lookups.ShouldBe(3);
    }

    [Fact]
    public async Task A_host_that_refuses_connections_is_named_without_the_query()
    {
        var time = new ManualTime();
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        await using var outbound = new OutboundFixture(time: time, times: ManualTimeDriving.Endless);
        using var client = outbound.Client(limits: []);

        var failure = await Should.ThrowAsync<SourceException>(() =>
            time.WhileAdvancing(client.Http.GetAsync(new Uri($"http://127.0.0.1:{port}/path?token=hidden")))
        );

        failure.Kind.ShouldBe(FailureKind.Transient);
        failure.Message.ShouldContain($"127.0.0.1:{port}");
        failure.Message.ShouldContain("refuses connections");
        failure.Message.ShouldNotContain("hidden");
    }

    [Fact]
    public async Task Waits_as_long_as_it_is_told_and_no_shorter()
    {
        var time = new ManualTime();
        await using var server = await Failing(429, times: 1, "30");
        await using var outbound = new OutboundFixture(time: time);
        using var client = outbound.Client(limits: []);

        var sending = client.Http.GetAsync(server.BaseUri);
        await Eventually.Holds(() => client.WaitingUntil is not null, "the request waits");
        time.Advance(TimeSpan.FromSeconds(29.9));
        server.Requests.Count.ShouldBe(1);
        client.WaitingUntil.ShouldNotBeNull();
        time.Advance(TimeSpan.FromSeconds(0.1));

        (await sending).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(400, """{"errors":[{"message":"Slow down","extensions":{"code":"RATELIMITED"}}]}""", 5)]
    [InlineData(403, """{"message":"You have exceeded a secondary rate limit."}""", 60)]
    [InlineData(403, """{"error":{"errors":[{"reason":"userRateLimitExceeded"}]}}""", 5)]
    public async Task Waits_where_only_the_body_speaks_of_a_limit(int status, string body, int seconds)
    {
        var time = new ManualTime();
        await using var server = await RefusingAsync(status, body, times: 1);
        await using var outbound = new OutboundFixture(time: time);
        using var client = outbound.Client(limits: []);

        var sending = client.Http.GetAsync(server.BaseUri);
        await Eventually.Holds(() => client.WaitingUntil is not null, "the request waits");
        client.WaitingUntil.ShouldBe(time.GetUtcNow().AddSeconds(seconds));
        time.Advance(TimeSpan.FromSeconds(seconds));

        (await sending).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_long_refusal_is_handed_back_whole()
    {
        var body = $$"""{"message":"{{new string('x', 3_000_000)}}"}""";
        await using var server = await RefusingAsync(403, body, times: 100);
        var (response, _) = await SendAsync(server, new HttpRequestMessage(HttpMethod.Get, server.BaseUri));

        (await response.Content.ReadAsStringAsync()).ShouldBe(body);
    }

    [Fact]
    public async Task A_refusal_whose_body_breaks_off_is_still_a_refusal()
    {
        await using var server = new RawServer(
            async (_, stream, _) =>
            {
                await RawServer.WriteAsync(
                    stream,
                    "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{\"mess"
                );
                stream.Close();
            }
        );
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);

        using var response = await client.Http.GetAsync(server.BaseUri, HttpCompletionOption.ResponseHeadersRead);

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        await using var body = await response.Content.ReadAsStreamAsync();
        var beginning = new byte[6];
        await body.ReadExactlyAsync(beginning);
        beginning.ShouldBe("{\"mess"u8.ToArray());
        var failure = await Should.ThrowAsync<Exception>(async () => await body.ReadExactlyAsync(beginning));
        failure.ShouldNotBeOfType<EndOfStreamException>();
    }

    [Theory]
    [InlineData(400, """{"errors":[{"message":"No such field"}]}""")]
    [InlineData(403, """{"message":"Not for you"}""")]
    public async Task A_refusal_with_a_body_is_handed_back_with_it(int status, string body)
    {
        await using var server = await RefusingAsync(status, body, times: 100);
        var (response, _) = await SendAsync(server, new HttpRequestMessage(HttpMethod.Get, server.BaseUri));

        ((int)response.StatusCode).ShouldBe(status);
        (await response.Content.ReadAsStringAsync()).ShouldBe(body);
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_wait_of_more_than_an_hour_is_handed_back_and_nothing_else_is_sent_meanwhile()
    {
        var time = new ManualTime();
        await using var server = await Failing(429, times: 1, "1000000000");
        await using var outbound = new OutboundFixture(time: time);
        using var client = outbound.Client(limits: []);

        using var response = await client.Http.GetAsync(server.BaseUri);
        var refusal = await Should.ThrowAsync<SourceException>(() => client.Http.GetAsync(server.BaseUri));

        response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refusal.Kind.ShouldBe(FailureKind.Transient);
        server.Requests.Count.ShouldBe(1);
        client.WaitingUntil.ShouldNotBeNull();

        time.Advance(TimeSpan.FromDays(1));
        (await client.Http.GetAsync(server.BaseUri)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task All_requests_of_the_connector_wait_when_one_is_told_to()
    {
        var time = new ManualTime();
        await using var server = await Failing(503, times: 1, "60");
        await using var outbound = new OutboundFixture(time: time);
        using var one = outbound.Client(7, limits: []);
        using var two = outbound.Client(7, limits: []);
        using var stranger = outbound.Client(8, limits: []);

        var told = one.Http.GetAsync(server.BaseUri);
        await Eventually.Holds(() => one.WaitingUntil is not null, "the connector is held back");
        var other = two.Http.GetAsync(server.BaseUri);

        two.WaitingUntil.ShouldBe(time.GetUtcNow().AddSeconds(60));
        stranger.WaitingUntil.ShouldBeNull();
        (await stranger.Http.GetAsync(server.BaseUri)).StatusCode.ShouldBe(HttpStatusCode.OK);
        server.Requests.Count.ShouldBe(2);

        time.Advance(TimeSpan.FromSeconds(59));
        other.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(1));
        (await told).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await other).StatusCode.ShouldBe(HttpStatusCode.OK);
        one.WaitingUntil.ShouldBeNull();
    }

    [Fact]
    public async Task A_used_up_allowance_holds_the_next_request_before_it_is_refused()
    {
        var time = new ManualTime();
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.Headers["RateLimit"] = "\"default\";r=0;t=20";
            return Task.CompletedTask;
        });
        await using var outbound = new OutboundFixture(time: time);
        using var client = outbound.Client(limits: []);

        await client.Http.GetAsync(server.BaseUri);

        client.WaitingUntil.ShouldBe(time.GetUtcNow().AddSeconds(20));
    }

    [Fact]
    public async Task A_source_that_is_down_is_not_hit_with_a_multiple_of_the_load()
    {
        await using var server = await Failing(500, times: int.MaxValue);
        var time = new ManualTime();
        await using var pipeline = new OutboundFixture(time: time, times: ManualTimeDriving.Endless);
        using var client = pipeline.Client(limits: []);

        for (var i = 0; i < 100; i++)
        {
            await time.WhileAdvancing(client.Http.GetAsync(server.BaseUri));
        }

        server.Requests.Count.ShouldBeLessThanOrEqualTo(150);
    }

    [Fact]
    public async Task Canceling_ends_a_wait_at_once()
    {
        await using var server = await Failing(429, times: 1, "1000");
        await using var outbound = new OutboundFixture(time: new ManualTime());
        using var client = outbound.Client(limits: []);
        using var canceling = new CancellationTokenSource();

        var waiting = client.Http.GetAsync(server.BaseUri, canceling.Token);
        await Eventually.Holds(() => client.WaitingUntil is not null, "the request waits");
        await canceling.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => waiting);
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task No_answer_in_time_is_a_transient_failure_of_the_host()
    {
        var time = new ManualTime();
        await using var server = new RawServer((_, _, token) => Task.Delay(Timeout.Infinite, token));
        await using var outbound = new OutboundFixture(time: time);
        using var client = outbound.Client(limits: []);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.BaseUri, "?token=hidden"));
        request.Options.Set(OutboundOptions.MaxAttempts, 1);

        var sending = client.Http.SendAsync(request);
        await Eventually.Holds(() => server.Requests.Count == 1, "the request has arrived");
        time.Advance(TimeSpan.FromSeconds(99));
        sending.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(1));

        var failure = await Should.ThrowAsync<SourceException>(() => sending);
        failure.Kind.ShouldBe(FailureKind.Transient);
        failure.Message.ShouldContain("127.0.0.1");
        failure.Message.ShouldNotContain("hidden");
    }

    private static async Task<(HttpResponseMessage Response, TimeSpan Waited)> SendAsync(
        LoopbackServer server,
        HttpRequestMessage request
    )
    {
        request.RequestUri.ShouldBe(server.BaseUri);
        var time = new ManualTime();
        var start = time.GetUtcNow();
        await using var outbound = new OutboundFixture(time: time, times: ManualTimeDriving.Endless);
        using var client = outbound.Client(limits: []);
        var response = await time.WhileAdvancing(client.Http.SendAsync(request));
        return (response, time.GetUtcNow() - start);
    }

    private static Task<LoopbackServer> Failing(int status, int times, string? retryAfter = null)
    {
        var seen = 0;
        return LoopbackServer.StartAsync(context =>
        {
            if (Interlocked.Increment(ref seen) <= times)
            {
                context.Response.StatusCode = status;
                if (retryAfter is not null)
                {
                    context.Response.Headers.RetryAfter = retryAfter;
                }
            }

            return Task.CompletedTask;
        });
    }

    private static Task<LoopbackServer> RefusingAsync(int status, string body, int times)
    {
        var seen = 0;
        return LoopbackServer.StartAsync(context =>
        {
            if (Interlocked.Increment(ref seen) > times)
            {
                return Task.CompletedTask;
            }

            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json; charset=utf-8";
            return context.Response.WriteAsync(body);
        });
    }
}
