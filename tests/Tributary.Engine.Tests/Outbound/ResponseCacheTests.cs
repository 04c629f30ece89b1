using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Engine.Outbound;
using Tributary.Engine.Outbound.Cache;
using Tributary.Engine.Store;
using Tributary.Testing;

namespace Tributary.Engine.Tests.Outbound;

public sealed class ResponseCacheTests : IAsyncDisposable
{
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);
    private readonly SharedStore _store = new();
    private readonly ManualTime _time = new();
    private int _asked;

    [Fact]
    public async Task Within_the_time_the_same_is_asked_once_and_its_age_is_judged_when_it_is_read()
    {
        var cache = await CacheAsync();
        (await GetAsync(cache, "a")).ShouldBe("a1 Miss");
        (await GetAsync(cache, "a")).ShouldBe("a1 Hit");
        (await GetAsync(cache, "b")).ShouldBe("b2 Miss");

        _time.Advance(TimeSpan.FromMinutes(30));
        (await GetAsync(cache, "a", TimeSpan.FromMinutes(31))).ShouldBe("a1 Hit");
        (await GetAsync(cache, "a", TimeSpan.FromMinutes(30))).ShouldBe("a3 Miss");
        (await GetAsync(cache, "a")).ShouldBe("a3 Hit");
    }

    [Fact]
    public async Task Refresh_asks_anew_and_keeps_the_answer()
    {
        var cache = await CacheAsync();
        await GetAsync(cache, "a");

        (await GetAsync(cache, "a", refresh: true)).ShouldBe("a2 Refresh");
        (await GetAsync(cache, "a")).ShouldBe("a2 Hit");
    }

    [Fact]
    public async Task Another_process_and_the_next_one_know_it()
    {
        await GetAsync(await CacheAsync(), "a");

        (await GetAsync(await CacheAsync(), "a")).ShouldBe("a1 Hit");
    }

    [Fact]
    public async Task A_purge_concerns_one_connector_and_reaches_other_processes_within_a_second()
    {
        var (one, other) = (await CacheAsync(), await CacheAsync());
        await GetAsync(one, "a");
        await GetAsync(other, "a");
        await GetAsync(one, "a", connector: 2);

        await one.PurgeAsync(1, default);
        (await GetAsync(one, "a")).ShouldBe("a3 Miss");
        (await GetAsync(one, "a", connector: 2)).ShouldBe("a2 Hit");
        _time.Advance(TimeSpan.FromSeconds(1));
        (await GetAsync(other, "a")).ShouldBe("a3 Hit");
    }

    [Fact]
    public async Task What_was_asked_before_a_purge_is_not_kept_after_it()
    {
        var cache = await CacheAsync();
        var answer = new TaskCompletionSource<FreshValue>();
        var asking = cache.GetOrAddAsync(1, "a", _hour, false, _ => answer.Task, default);
        await cache.PurgeAsync(1, default);
        answer.SetResult(new FreshValue("old"u8.ToArray()));
        await asking;

        (await GetAsync(cache, "a")).ShouldBe("a1 Miss");
    }

    [Fact]
    public async Task Those_who_ask_the_same_at_once_share_one_answer_even_when_the_first_gives_up()
    {
        var cache = await CacheAsync();
        var answer = new TaskCompletionSource<FreshValue>();
        using var first = new CancellationTokenSource();
        var asked = 0;
        Task<CachedValue> Ask(CancellationToken token) =>
            cache.GetOrAddAsync(
                1,
                "a",
                _hour,
                false,
                stop =>
                {
                    Interlocked.Increment(ref asked);
                    return answer.Task.WaitAsync(stop);
                },
                token
            );
        var one = Ask(first.Token);
        var others = Enumerable.Range(0, 20).Select(_ => Ask(default)).ToList();
        await Eventually.Holds(() => asked == 1, "it is asked");

        await first.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => one);
        answer.SetResult(new FreshValue("x"u8.ToArray()));

        (await Task.WhenAll(others)).ShouldAllBe(value => value.Outcome == CacheOutcome.Shared);
        asked.ShouldBe(1);
    }

    [Fact]
    public async Task What_nobody_waits_for_any_more_is_given_up_and_asked_anew_by_the_next()
    {
        var cache = await CacheAsync();
        var stopped = new TaskCompletionSource();
        using var leaving = new CancellationTokenSource();
        var asking = cache.GetOrAddAsync(
            1,
            "a",
            _hour,
            false,
            async stop =>
            {
                stop.Register(stopped.SetResult);
                await Task.Delay(Timeout.Infinite, stop);
                return null!;
            },
            leaving.Token
        );
        await leaving.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => asking);
        (await GetAsync(cache, "a")).ShouldBe("a1 Miss");
        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Failures_go_to_all_who_wait_and_to_nobody_later()
    {
        var cache = await CacheAsync();
        await Should.ThrowAsync<InvalidOperationException>(() =>
            cache.GetOrAddAsync(1, "a", _hour, false, _ => throw new InvalidOperationException(), default)
        );
        var refused = new FreshValue("no"u8.ToArray(), MayBeKept: false);
        await cache.GetOrAddAsync(1, "a", _hour, false, _ => Task.FromResult(refused), default);

        (await GetAsync(cache, "a")).ShouldBe("a1 Miss");
    }

    [Fact]
    public async Task Without_a_time_and_above_a_megabyte_nothing_is_kept()
    {
        var cache = await CacheAsync();
        await GetAsync(cache, "a", TimeSpan.Zero);
        (await GetAsync(cache, "a")).ShouldBe("a2 Miss");

        var large = new FreshValue(new byte[ResponseCache.MostValueBytes + 1]);
        await cache.GetOrAddAsync(1, "large", _hour, false, _ => Task.FromResult(large), default);
        (await GetAsync(cache, "large")).ShouldBe("large3 Miss");
    }

    [Fact]
    public async Task The_oldest_make_room_in_the_store_and_the_longest_unused_in_memory()
    {
        var store = (await _store.OpenAsync()).GetRequiredService<ICacheStore>();
        var cache = new ResponseCache(store, _time, memoryBytes: 2_000, storeBytes: 50_000);
        for (var i = 0; i < 100; i++)
        {
            var value = new FreshValue(new byte[1_000]);
            await cache.GetOrAddAsync(1, $"{i}", _hour, false, _ => Task.FromResult(value), default);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        (await GetAsync(cache, "99")).ShouldEndWith("Hit");
        (await GetAsync(cache, "70")).ShouldEndWith("Hit");
        (await GetAsync(cache, "30")).ShouldEndWith("Miss");
    }

    [Fact]
    public void Memory_keeps_what_is_used()
    {
        var memory = new MemoryTier(2_500);
        CacheKey Key(int i) => new(1, (UInt128)i, 0);
        var entry = new CacheEntry(new byte[1_000], _time.GetUtcNow());
        memory.Put(Key(1), entry, 0);
        memory.Put(Key(2), entry, 0);
        memory.Find(Key(1), 0).ShouldNotBeNull();
        memory.Put(Key(3), entry, 0);

        memory.Find(Key(1), 0).ShouldNotBeNull();
        memory.Find(Key(2), 0).ShouldBeNull();
        memory.Bytes.ShouldBe(2_400);
        memory.Put(Key(1), entry, 0);
        memory.Bytes.ShouldBe(2_400);
        memory.Find(Key(3), 0).ShouldNotBeNull();
        memory.Find(Key(1), 1).ShouldBeNull();
        memory.Bytes.ShouldBe(1_200);
        memory.Put(Key(4), new CacheEntry(new byte[2_400], _time.GetUtcNow()), 0);
        memory.Bytes.ShouldBe(1_200);
    }

    [Fact]
    public async Task A_request_is_answered_from_the_cache_with_its_status_headers_and_body()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 203;
            context.Response.ContentType = "application/json";
            context.Response.Headers["X-Page"] = "7";
            return context.Response.WriteAsync("[1]");
        });
        await using var process = await _store.ProcessAsync(TimeProvider.System);
        using var client = process.Client();

        foreach (var outcome in new[] { CacheOutcome.Miss, CacheOutcome.Hit })
        {
            using var answer = await client.Http.SendAsync(Request(server.BaseUri));
            OutboundCache.OutcomeOf(answer).ShouldBe(outcome);
            answer.StatusCode.ShouldBe(HttpStatusCode.NonAuthoritativeInformation);
            answer.Headers.GetValues("X-Page").ShouldBe(["7"]);
            answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
            (await answer.Content.ReadAsStringAsync()).ShouldBe("[1]");
        }

        server.Requests.Count.ShouldBe(1);
        using var plain = await client.Http.GetAsync(server.BaseUri);
        OutboundCache.OutcomeOf(plain).ShouldBe(CacheOutcome.Bypass);
        server.Requests.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("GET", "?a=1", "Accept: text/html", null, true)]
    [InlineData("GET", "?a=2", null, null, true)]
    [InlineData("HEAD", "?a=1", null, null, true)]
    [InlineData("GET", "?a=1", "Accept-Language: de", null, true)]
    [InlineData("GET", "?a=1", "Range: bytes=0-1", null, true)]
    [InlineData("GET", "?a=1", "X-Trace: 9", null, false)]
    [InlineData("GET", "?a=1", "Authorization: Bearer other", null, false)]
    [InlineData("SEARCH", "?a=1", null, "x", true)]
    public async Task What_makes_a_difference_is_in_the_key(
        string method,
        string query,
        string? header,
        string? body,
        bool isOther
    )
    {
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        await using var process = await _store.ProcessAsync(TimeProvider.System);
        using var client = process.Client();
        await client.Http.SendAsync(Request(new Uri(server.BaseUri, "?a=1")));

        var request = Request(new Uri(server.BaseUri, query), header);
        request.Method = new HttpMethod(method);
        request.Content = body is null ? null : new StringContent(body);
        var answer = await client.Http.SendAsync(request);

        OutboundCache.OutcomeOf(answer).ShouldBe(isOther ? CacheOutcome.Miss : CacheOutcome.Hit);
    }

    [Theory]
    [InlineData("GET", "", "X-Api-Key: s")]
    [InlineData("GET", "", "Cookie: s")]
    [InlineData("GET", "", "X-Session-Token: s")]
    [InlineData("GET", "", "Cache-Control: no-store")]
    [InlineData("GET", "?access_token=s", null)]
    [InlineData("GET", "?api%5Fkey=s", null)]
    [InlineData("GET", "?a=1&sig=s", null)]
    [InlineData("POST", "", null)]
    [InlineData("DELETE", "", null)]
    public async Task Requests_with_secrets_and_those_that_change_something_are_not_cached(
        string method,
        string query,
        string? header
    )
    {
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        await using var process = await _store.ProcessAsync(TimeProvider.System);
        using var client = process.Client();
        for (var i = 0; i < 2; i++)
        {
            var request = Request(new Uri(server.BaseUri, query), header);
            request.Method = new HttpMethod(method);
            OutboundCache.OutcomeOf(await client.Http.SendAsync(request)).ShouldBe(CacheOutcome.Bypass);
        }

        server.Requests.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(500, "X-A: 1")]
    [InlineData(404, "X-A: 1")]
    [InlineData(302, "X-A: 1")]
    [InlineData(200, "Set-Cookie: a=b")]
    [InlineData(200, "Cache-Control: no-store")]
    [InlineData(200, "Vary: *")]
    public async Task Answers_that_are_nobody_else_s_are_not_kept(int status, string header)
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers[header.Split(": ")[0]] = header.Split(": ")[1];
            return Task.CompletedTask;
        });
        await using var process = await _store.ProcessAsync(TimeProvider.System);
        using var client = process.Client();
        for (var i = 0; i < 2; i++)
        {
            var request = Request(server.BaseUri);
            request.Options.Set(Sdk.Http.OutboundOptions.MaxAttempts, 1);
            using var answer = await client.Http.SendAsync(request);
            OutboundCache.OutcomeOf(answer).ShouldBe(CacheOutcome.Miss);
            ((int)answer.StatusCode).ShouldBe(status);
        }

        server.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_answer_fits_only_those_who_sent_the_headers_that_it_varies_by()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.Headers.Vary = "X-Tenant, Accept";
            return context.Response.WriteAsync($"for {context.Request.Headers["X-Tenant"]}");
        });
        await using var process = await _store.ProcessAsync(TimeProvider.System);
        using var client = process.Client();
        async Task<string> Ask(string tenant)
        {
            using var answer = await client.Http.SendAsync(Request(server.BaseUri, $"X-Tenant: {tenant}"));
            return $"{await answer.Content.ReadAsStringAsync()} {OutboundCache.OutcomeOf(answer)}";
        }

        (await Ask("a")).ShouldBe("for a Miss");
        (await Ask("a")).ShouldBe("for a Hit");
        (await Ask("b")).ShouldBe("for b Miss");
    }

    [Fact]
    public async Task Answers_too_long_to_be_kept_arrive_whole()
    {
        var text = new string('x', 3_000_000);
        await using var server = await LoopbackServer.StartAsync(context => context.Response.WriteAsync(text));
        await using var process = await _store.ProcessAsync(TimeProvider.System);
        using var client = process.Client();

        using var answer = await client.Http.SendAsync(Request(server.BaseUri));

        OutboundCache.OutcomeOf(answer).ShouldBe(CacheOutcome.Miss);
        (await answer.Content.ReadAsStringAsync()).ShouldBe(text);
    }

    [Fact]
    public async Task What_the_cache_had_is_counted_without_the_query()
    {
        const long connector = 4712;
        var measured = new List<string>();
        using var meters = new System.Diagnostics.Metrics.MeterListener();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "tributary.outbound.cache")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meters.SetMeasurementEventCallback<long>(
            (_, _, tags, _) =>
            {
                var text = string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
                if (text.Contains($"connector.id={connector}", StringComparison.Ordinal))
                {
                    measured.Add(text);
                }
            }
        );
        meters.Start();
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        await using var process = await _store.ProcessAsync(TimeProvider.System);
        using var client = process.Client(connector);

        await client.Http.SendAsync(Request(new Uri(server.BaseUri, "?q=hidden")));
        await client.Http.SendAsync(Request(new Uri(server.BaseUri, "?q=hidden")));

        measured.ShouldBe([
            $"connector.id={connector} server.address=127.0.0.1 outcome=miss",
            $"connector.id={connector} server.address=127.0.0.1 outcome=hit",
        ]);
    }

    [Fact]
    public async Task Requests_that_are_the_same_at_the_same_time_go_out_once()
    {
        var goOn = new TaskCompletionSource();
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            await goOn.Task;
            await context.Response.WriteAsync("once");
        });
        await using var process = await _store.ProcessAsync(TimeProvider.System);
        using var client = process.Client();
        using var leaving = new CancellationTokenSource();
        var first = client.Http.SendAsync(Request(server.BaseUri), leaving.Token);
        await Eventually.Holds(() => server.Requests.Count == 1, "the first has arrived");
        var others = Enumerable.Range(0, 10).Select(_ => client.Http.SendAsync(Request(server.BaseUri))).ToList();

        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => first);
        goOn.SetResult();

        foreach (var answer in await Task.WhenAll(others))
        {
            (await answer.Content.ReadAsStringAsync()).ShouldBe("once");
        }

        server.Requests.Count.ShouldBe(1);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private static HttpRequestMessage Request(Uri address, string? header = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Options.Set(OutboundCache.Request, new CacheRequest(_hour));
        if (header is not null)
        {
            request.Headers.TryAddWithoutValidation(header.Split(": ")[0], header.Split(": ")[1]);
        }

        return request;
    }

    private async Task<ResponseCache> CacheAsync() =>
        new((await _store.OpenAsync()).GetRequiredService<ICacheStore>(), _time);

    private async Task<string> GetAsync(
        ResponseCache cache,
        string key,
        TimeSpan? ttl = null,
        bool refresh = false,
        long connector = 1
    )
    {
        var value = await cache.GetOrAddAsync(
            connector,
            key,
            ttl ?? _hour,
            refresh,
            _ => Task.FromResult(new FreshValue(Encoding.UTF8.GetBytes($"{key}{Interlocked.Increment(ref _asked)}"))),
            default
        );
        return $"{Encoding.UTF8.GetString(value.Value)} {value.Outcome}";
    }
}
