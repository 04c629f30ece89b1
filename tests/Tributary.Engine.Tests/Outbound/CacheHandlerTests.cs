using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging.Abstractions;
using Tributary.Engine.Outbound;
using Tributary.Engine.Outbound.Cache;
using Tributary.Testing;

namespace Tributary.Engine.Tests.Outbound;

/// <summary>The cache as a link of the pipeline, with nothing behind it but a source that the test plays.</summary>
public sealed class CacheHandlerTests
{
    private const int MostBody = ResponseCache.MostValueBytes - 64 * 1024;

    [Theory]
    [InlineData(1, true, 0)]
    [InlineData(1, false, 1)]
    [InlineData(0, true, 1)]
    public async Task Without_an_age_or_a_cache_or_a_connector_requests_pass(long connector, bool hasCache, int hours)
    {
        var source = Empty();
        using var client = Client(source, connector, hasCache);
        for (var i = 1; i <= 2; i++)
        {
            using var request = Request(hours: hours);
            using var answer = await client.SendAsync(request, default);
            OutboundCache.OutcomeOf(answer).ShouldBe(CacheOutcome.Bypass);
            source.Asked.ShouldBe(i);
        }
    }

    [Theory]
    [InlineData(false, false, CacheOutcome.Hit)]
    [InlineData(true, false, CacheOutcome.Refresh)]
    [InlineData(false, true, CacheOutcome.Refresh)]
    public async Task A_caller_refreshes_by_option_or_by_header(bool option, bool header, CacheOutcome outcome)
    {
        using var client = Client(Empty());
        (await client.SendAsync(Request(), default)).Dispose();
        using var request = Request(refresh: option);
        request.Headers.CacheControl = header ? new CacheControlHeaderValue { NoCache = true } : null;

        using var answer = await client.SendAsync(request, default);

        OutboundCache.OutcomeOf(answer).ShouldBe(outcome);
    }

    [Fact]
    public async Task A_body_goes_out_as_what_it_is()
    {
        var seen = "";
        using var client = Client(
            new Source(async sent =>
            {
                seen = $"{sent.Content!.Headers.ContentType} {await sent.Content.ReadAsStringAsync()}";
                return new HttpResponseMessage();
            })
        );
        using var request = Request();
        request.Method = new HttpMethod("SEARCH");
        request.Content = new StringContent("words", new MediaTypeHeaderValue("text/x-query"));

        (await client.SendAsync(request, default)).Dispose();

        seen.ShouldBe("text/x-query words");
    }

    [Theory]
    [InlineData(MostBody, true, CacheOutcome.Hit)]
    [InlineData(MostBody, false, CacheOutcome.Hit)]
    [InlineData(MostBody + 1, true, CacheOutcome.Miss)]
    [InlineData(MostBody + 1, false, CacheOutcome.Miss)]
    public async Task Bodies_are_kept_up_to_a_length_and_arrive_whole_in_any_case(
        int length,
        bool saysSo,
        CacheOutcome outcome
    )
    {
        using var client = Client(
            new Source(_ =>
            {
                // A stream that cannot seek does not know its length.
                HttpContent content = saysSo
                    ? new ByteArrayContent(new byte[length])
                    : new StreamContent(new RejoinedStream(new byte[length], Stream.Null));
                content.Headers.ContentType = new MediaTypeHeaderValue("text/x-long");
                return Task.FromResult(new HttpResponseMessage { Content = content });
            })
        );
        foreach (var expected in new[] { CacheOutcome.Miss, outcome })
        {
            using var request = Request();
            using var answer = await client.SendAsync(request, default);
            OutboundCache.OutcomeOf(answer).ShouldBe(expected);
            answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/x-long");
            (await answer.Content.ReadAsByteArrayAsync()).Length.ShouldBe(length);
        }
    }

    [Fact]
    public async Task An_answer_that_may_not_be_shared_is_its_asker_s_and_who_waited_with_it_asks_alone()
    {
        var goOn = new TaskCompletionSource();
        var asked = 0;
        using var client = Client(
            new Source(async _ =>
            {
                var number = Interlocked.Increment(ref asked);
                await goOn.Task;
                return NotToBeKept(new StringContent($"{number}"));
            })
        );
        using var request = Request();
        var one = client.SendAsync(request, default);
        var other = client.SendAsync(Request(), default);
        goOn.SetResult();

        using var first = await one;
        using var second = await other;

        (await first.Content.ReadAsStringAsync(), OutboundCache.OutcomeOf(first)).ShouldBe(("1", CacheOutcome.Miss));
        (await second.Content.ReadAsStringAsync(), OutboundCache.OutcomeOf(second)).ShouldBe(("2", CacheOutcome.Miss));
        first.RequestMessage.ShouldBeSameAs(request);
    }

    [Fact]
    public async Task An_answer_that_only_somebody_who_has_gone_may_have_is_closed()
    {
        var late = new TaskCompletionSource<HttpResponseMessage>();
        using var client = Client(new Source(_ => late.Task));
        using var leaving = new CancellationTokenSource();
        var asking = client.SendAsync(Request(), leaving.Token);
        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => asking);
        var content = new WatchedContent();

        late.SetResult(NotToBeKept(content));

        await content.Closed.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task What_the_cache_notes_on_a_request_cannot_be_mistaken_for_others_notes()
    {
        using var client = Client(Empty());
        using var request = Request();

        (await client.SendAsync(request, default)).Dispose();

        request.Options.Select(option => option.Key).ShouldBe(["tributary.cache", "tributary.cache-outcome"], true);
    }

    private static HttpMessageInvoker Client(Source source, long connector = 1, bool hasCache = true) =>
        new(
            new CacheHandler(
                connector,
                hasCache ? new ResponseCache(new FakeCacheStore(), new ManualTime()) : null,
                new OutboundTelemetry(connector, NullLogger.Instance)
            )
            {
                InnerHandler = source,
            }
        );

    private static Source Empty() => new(_ => Task.FromResult(new HttpResponseMessage()));

    private static HttpRequestMessage Request(int hours = 1, bool refresh = false)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "https://api.example/list");
        request.Options.Set(OutboundCache.Request, new CacheRequest(TimeSpan.FromHours(hours), refresh));
        return request;
    }

    private static HttpResponseMessage NotToBeKept(HttpContent content) =>
        new() { Content = content, Headers = { CacheControl = new CacheControlHeaderValue { NoStore = true } } };

    private sealed class Source(Func<HttpRequestMessage, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        private int _asked;

        public int Asked => _asked;

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            Interlocked.Increment(ref _asked);
            return answer(request);
        }
    }

    private sealed class WatchedContent() : ByteArrayContent([])
    {
        private readonly TaskCompletionSource _closed = new();

        public Task Closed => _closed.Task;

        protected override void Dispose(bool disposing)
        {
            _closed.TrySetResult();
            base.Dispose(disposing);
        }
    }
}
