using System.Collections.Concurrent;
using Tributary.Engine.Outbound.Pacing;
using Tributary.Sdk;
using Tributary.Testing;

namespace Tributary.Engine.Tests.Outbound;

public sealed class ConnectorLimitsTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Requests_beyond_the_limit_wait_for_the_window_and_go_in_order()
    {
        var limits = Limits(new RateLimit(RateUnit.Minute, 2));
        var gone = new ConcurrentQueue<int>();
        var waiting = Enumerable.Range(0, 6).Select(i => GoAsync(limits, i, gone)).ToList();

        await Eventually.Holds(() => gone.Count == 2, "the first two have gone");
        limits.WaitingUntil!.Value.ShouldBe(_time.GetUtcNow().AddSeconds(60), TimeSpan.FromMilliseconds(200));
        _time.Advance(TimeSpan.FromSeconds(59.9));
        gone.Count.ShouldBe(2);
        _time.Advance(TimeSpan.FromSeconds(0.3));
        await Eventually.Holds(() => gone.Count == 4, "two more have gone");
        _time.Advance(TimeSpan.FromSeconds(61));
        await Task.WhenAll(waiting);

        gone.Take(2).Order().ShouldBe([0, 1]);
        gone.Skip(2).Take(2).Order().ShouldBe([2, 3]);
        gone.Skip(4).Order().ShouldBe([4, 5]);
    }

    [Fact]
    public async Task A_request_counts_from_when_it_left_and_not_from_when_it_was_let_go()
    {
        var limits = Limits(new RateLimit(RateUnit.Second, 1));
        var permit = await limits.EnterAsync(CancellationToken.None);
        var next = limits.EnterAsync(CancellationToken.None).AsTask();

        _time.Advance(TimeSpan.FromSeconds(10)); // its connection takes that long to open
        next.IsCompleted.ShouldBeFalse();
        permit!.Left(permit);
        permit.Answered();
        _time.Advance(TimeSpan.FromSeconds(0.99));
        next.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(0.02));
        await next;
    }

    [Fact]
    public async Task A_request_that_never_left_costs_nothing()
    {
        var limits = Limits(new RateLimit(RateUnit.Day, 1));
        (await limits.EnterAsync(CancellationToken.None))!.Ended();

        await limits.EnterAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_request_that_failed_after_it_left_counts()
    {
        var limits = Limits(new RateLimit(RateUnit.Day, 1));
        var permit = await limits.EnterAsync(CancellationToken.None);
        permit!.Left(this);
        permit.Ended();

        limits.WaitingUntil.ShouldNotBeNull();
    }

    [Fact]
    public async Task Canceling_leaves_the_line_to_the_others()
    {
        var limits = Limits(new RateLimit(RateUnit.Minute, 1));
        await LeaveAsync(limits);
        using var canceling = new CancellationTokenSource();
        var first = limits.EnterAsync(canceling.Token).AsTask();
        var second = limits.EnterAsync(CancellationToken.None).AsTask();

        await canceling.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => first);
        _time.Advance(TimeSpan.FromSeconds(61));

        await second;
    }

    [Fact]
    public async Task All_limits_hold_together()
    {
        var limits = Limits(new RateLimit(RateUnit.Second, 5), new RateLimit(RateUnit.Minute, 7));
        var gone = new ConcurrentQueue<int>();
        var waiting = Enumerable.Range(0, 8).Select(i => GoAsync(limits, i, gone)).ToList();

        await Eventually.Holds(() => gone.Count == 5, "a second's requests have gone");
        _time.Advance(TimeSpan.FromSeconds(2));
        await Eventually.Holds(() => gone.Count == 7, "a minute's requests have gone");
        _time.Advance(TimeSpan.FromSeconds(30));
        gone.Count.ShouldBe(7);
        _time.Advance(TimeSpan.FromSeconds(30));
        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task Changing_the_limit_forgets_nothing_that_has_left()
    {
        var limits = Limits(new RateLimit(RateUnit.Minute, 2));
        await LeaveAsync(limits);
        await LeaveAsync(limits);

        limits.Use([new RateLimit(RateUnit.Minute, 3)]);
        await LeaveAsync(limits);

        limits.EnterAsync(CancellationToken.None).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Without_limits_nothing_is_counted()
    {
        (await Limits().EnterAsync(CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task The_longest_hold_wins_and_ends()
    {
        var limits = Limits();
        limits.Hold(TimeSpan.FromSeconds(30), "vendor");
        limits.Hold(TimeSpan.FromSeconds(10), "vendor");
        var waiting = limits.EnterAsync(CancellationToken.None).AsTask();

        limits.WaitingUntil.ShouldBe(_time.GetUtcNow().AddSeconds(30));
        _time.Advance(TimeSpan.FromSeconds(29));
        waiting.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        await waiting;
        limits.WaitingUntil.ShouldBeNull();
    }

    [Fact]
    public async Task However_many_wait_all_go_when_a_hold_ends()
    {
        var limits = Limits();
        limits.Hold(TimeSpan.FromSeconds(30), "vendor");
        var waiting = Enumerable.Range(0, 50).Select(_ => limits.EnterAsync(CancellationToken.None).AsTask()).ToList();

        _time.Advance(TimeSpan.FromSeconds(30));

        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task A_connector_is_forgotten_only_when_nobody_uses_it_and_nothing_counts()
    {
        var state = new ConnectorState(1, _time);
        state.IsIdle().ShouldBeTrue();
        state.Enter();
        state.IsIdle().ShouldBeFalse();
        state.Leave();
        state.Limits.Use([new RateLimit(RateUnit.Minute, 1)]);
        await LeaveAsync(state.Limits);
        state.IsIdle().ShouldBeFalse();

        _time.Advance(TimeSpan.FromSeconds(61));
        state.IsIdle().ShouldBeTrue();
    }

    [Fact]
    public async Task Those_who_wait_are_told_when_the_wait_becomes_too_long()
    {
        var limits = Limits();
        limits.Hold(TimeSpan.FromSeconds(30), "vendor");
        var waiting = limits.EnterAsync(CancellationToken.None).AsTask();

        limits.Hold(TimeSpan.FromHours(2), "vendor.example");

        var failure = await Should.ThrowAsync<SourceException>(() => waiting);
        failure.Kind.ShouldBe(FailureKind.Transient);
        failure.Message.ShouldContain("vendor.example");
    }

    [Fact]
    public async Task A_request_that_is_not_answered_is_taken_to_have_arrived_within_a_window()
    {
        var goOn = new TaskCompletionSource();
        await using var server = await LoopbackServer.StartAsync(_ => goOn.Task);
        await using var outbound = new OutboundFixture(time: _time);
        using var client = outbound.Client(1, null, new RateLimit(RateUnit.Second, 1));
        var slow = client.Http.GetAsync(server.BaseUri);
        await Eventually.Holds(() => server.Requests.Count == 1, "the first has arrived");
        var next = client.Http.GetAsync(server.BaseUri);

        _time.Advance(TimeSpan.FromSeconds(0.9));
        server.Requests.Count.ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(1.1));
        await Eventually.Holds(
            () => server.Requests.Count == 2,
            "the second has arrived before the first was answered"
        );

        goOn.SetResult();
        await Task.WhenAll(slow, next);
    }

    [Fact]
    public async Task A_request_whose_connection_is_slow_to_open_counts_from_when_it_is_written()
    {
        var resolve = new TaskCompletionSource();
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        await using var outbound = new OutboundFixture(
            time: _time,
            resolver: async (_, _) =>
            {
                await resolve.Task;
                return [System.Net.IPAddress.Loopback];
            }
        );
        using var client = outbound.Client(1, null, new RateLimit(RateUnit.Second, 1));
        var slow = client.Http.GetAsync(new Uri($"http://slow.example:{server.BaseUri.Port}/"));
        var next = client.Http.GetAsync(server.BaseUri);

        _time.Advance(TimeSpan.FromSeconds(30));
        server.Requests.ShouldBeEmpty();
        resolve.SetResult();
        await slow;
        server.Requests.Count.ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(1.1));
        await next;
    }

    private ConnectorLimits Limits(params RateLimit[] limits)
    {
        var made = new ConnectorLimits(_time);
        made.Use(limits);
        return made;
    }

    private static async Task LeaveAsync(ConnectorLimits limits)
    {
        var permit = (await limits.EnterAsync(CancellationToken.None))!;
        permit.Left(permit);
        permit.Answered();
    }

    private static async Task GoAsync(ConnectorLimits limits, int number, ConcurrentQueue<int> gone)
    {
        var permit = await limits.EnterAsync(CancellationToken.None);
        permit!.Left(permit);
        permit.Answered();
        gone.Enqueue(number);
    }
}
