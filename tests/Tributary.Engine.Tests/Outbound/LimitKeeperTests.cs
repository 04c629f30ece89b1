using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tributary.Engine.Outbound.Pacing;
using Tributary.Engine.Store;
using Tributary.Sdk;
using Tributary.Testing;

namespace Tributary.Engine.Tests.Outbound;

/// <summary>What a process says to the store about the limits of its connectors, and when.</summary>
public sealed class LimitKeeperTests : IAsyncDisposable
{
    private static readonly Uri _address = new("https://api.example:8443/a?b");

    private readonly ManualTime _time = new();
    private readonly FakeStore _store = new();
    private readonly Warnings _logger = new();
    private readonly LimitKeeper _keeper;
    private readonly ConnectorState _state;

    public LimitKeeperTests()
    {
        _keeper = new LimitKeeper(_store, _time, _logger);
        _state = new ConnectorState(7, _time, _keeper);
    }

    public ValueTask DisposeAsync() => _keeper.DisposeAsync();

    [Fact]
    public async Task A_claim_says_whose_and_which_and_for_how_long()
    {
        await LeaveAsync(new RateLimit(RateUnit.Minute, 100));

        var claim = _store.Claims.ShouldHaveSingleItem();
        (claim.ConnectorId, claim.Bucket, claim.Max, claim.Window).ShouldBe((7, 16, 100, TimeSpan.FromMinutes(1)));
        (claim.Used.Count, claim.Kept, claim.Wanted).ShouldBe((0, 0, 2));
        (claim.Now, claim.AliveUntil).ShouldBe((_time.GetUtcNow(), _time.GetUtcNow().AddSeconds(5)));
    }

    [Fact]
    public async Task Each_beat_renews_the_lease_and_the_first_one_sweeps()
    {
        await LeaveAsync(new RateLimit(RateUnit.Day, 100));
        await BeatAsync();
        await BeatAsync();

        _store.Renewed.ShouldBe([_time.GetUtcNow().AddSeconds(4), _time.GetUtcNow().AddSeconds(5)]);
        _store.Sweeps.ShouldBe(1);
    }

    [Fact]
    public async Task After_ten_seconds_of_rest_all_is_given_up_and_nothing_beats()
    {
        await LeaveAsync(new RateLimit(RateUnit.Day, 100));
        for (var i = 0; i < 10; i++)
        {
            await BeatAsync();
        }

        _store.Claims.Count.ShouldBe(1);
        await BeatAsync();
        await Eventually.Holds(() => _store.Claims.Count == 2, "it has given up what it had");
        var claim = _store.Claims.Last();
        (claim.Kept, claim.Wanted, claim.Used.Single().Count).ShouldBe((0, 0, 1));
        await Eventually.Holds(() => _time.WaitingTimers == 0, "the clock is left alone");

        await LeaveAsync();
        await BeatAsync();
        _store.Renewed.Count.ShouldBe(12);
        _store.Sweeps.ShouldBe(1);
    }

    [Fact]
    public async Task What_other_processes_were_told_holds_here_too()
    {
        await LeaveAsync(new RateLimit(RateUnit.Day, 100));
        var until = _time.GetUtcNow().AddSeconds(30);
        _store.News = new LimitNews(
            [],
            [new LimitHold(7, "", "vendor", until), new LimitHold(8, "", "other", until.AddDays(1))]
        );
        await BeatAsync();

        await Eventually.Holds(() => _state.Limits.WaitingUntil == until, "it is heard");
    }

    [Fact]
    public async Task When_others_share_a_limit_this_process_asks_for_its_part()
    {
        await LeaveAsync(new RateLimit(RateUnit.Second, 10));
        _store.News = new LimitNews([(7, 0, 2), (8, 0, 5)], []);
        await BeatAsync();

        await Eventually.Holds(() => _store.Claims.Count == 2, "it has asked");
        _store.Claims.Last().Wanted.ShouldBe(5);
    }

    [Fact]
    public async Task What_was_asked_before_this_process_began_is_known_before_the_first_request()
    {
        var until = _time.GetUtcNow().AddSeconds(30);
        _store.Holds = [new LimitHold(7, "", "vendor", until)];

        await _state.OpenedAsync();

        _state.Limits.WaitingUntil.ShouldBe(until);
    }

    [Fact]
    public async Task A_hold_is_kept_where_others_find_it_and_never_for_more_than_a_day()
    {
        await _state.HoldAsync(_address, TimeSpan.FromSeconds(20), isHostOnly: false);
        await _state.HoldAsync(_address, TimeSpan.FromDays(400), isHostOnly: true);

        var now = _time.GetUtcNow();
        _store.Held.ShouldBe([
            new LimitHold(7, "", "api.example", now.AddSeconds(20)),
            new LimitHold(7, "https://api.example:8443", "api.example", now.AddDays(1)),
        ]);
        _state.Limits.WaitingUntil.ShouldBe(now.AddSeconds(20));
        _state.Hosts.Of(_address).HeldUntil.ShouldBe(now.AddDays(1));
    }

    [Fact]
    public void A_hold_that_has_passed_is_none()
    {
        _state.Held(new LimitHold(7, "", "vendor", _time.GetUtcNow()), _time.GetUtcNow());

        _state.Limits.WaitingUntil.ShouldBeNull();
        _state.IsIdle().ShouldBeTrue();
    }

    [Fact]
    public async Task A_connector_that_does_not_exist_yet_shares_nothing()
    {
        var draft = new ConnectorState(0, _time, _keeper);
        draft.Limits.Use([new RateLimit(RateUnit.Minute, 1)]);
        await draft.OpenedAsync();
        await draft.HoldAsync(_address, TimeSpan.FromMilliseconds(1), isHostOnly: true);
        await draft.Limits.EnterAsync(CancellationToken.None);

        (_store.Claims.Count, _store.Held.Count).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_store_that_fails_is_a_warning_and_a_wait_and_no_error()
    {
        _store.Failure = new InvalidOperationException("disk full");
        await _state.OpenedAsync();
        await _state.HoldAsync(_address, TimeSpan.FromMilliseconds(1), isHostOnly: true);
        _logger.Count.ShouldBe(2);
        _state.Limits.Use([new RateLimit(RateUnit.Minute, 1)]);
        var waiting = _state.Limits.EnterAsync(CancellationToken.None).AsTask();

        await Eventually.Holds(() => _state.Limits.WaitingUntil is not null, "it says until when it waits");
        _state.Limits.WaitingUntil.ShouldBe(_time.GetUtcNow().AddSeconds(1));
        _logger.Count.ShouldBe(3);
        _store.Failure = null;
        _time.Advance(TimeSpan.FromSeconds(1));
        await waiting;
    }

    [Fact]
    public async Task A_beat_that_fails_is_not_the_last()
    {
        await LeaveAsync(new RateLimit(RateUnit.Day, 100));
        _store.Failure = new InvalidOperationException("disk full");
        await BeatAsync(renews: false);
        await Eventually.Holds(() => _logger.Count == 1, "it has warned");
        _store.Failure = null;

        await BeatAsync();
        _store.Sweeps.ShouldBe(1);
    }

    [Fact]
    public async Task The_end_records_all_and_gives_back_the_rest_once()
    {
        _time.Advance(TimeSpan.FromTicks(1));
        await LeaveAsync(new RateLimit(RateUnit.Day, 100));
        var arrived = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromSeconds(0.3));
        await _keeper.DisposeAsync();
        await _keeper.DisposeAsync();

        _store.Claims.Count.ShouldBe(2);
        var claim = _store.Claims.Last();
        (claim.Kept, claim.Wanted).ShouldBe((0, 0));

        // In whole milliseconds, rounded up: counting a little longer is safe.
        claim.Used.ShouldBe([new LimitUse(arrived.ToUnixTimeMilliseconds() + 1, 1)]);
        _state.Limits.EnterAsync(CancellationToken.None).IsCompleted.ShouldBeFalse();
        _store.Claims.Count.ShouldBe(2);
    }

    [Fact]
    public async Task What_arrived_at_a_whole_millisecond_is_recorded_at_it()
    {
        await LeaveAsync(new RateLimit(RateUnit.Day, 100));
        var arrived = _time.GetUtcNow();
        await _keeper.DisposeAsync();

        _store.Claims.Last().Used.ShouldBe([new LimitUse(arrived.ToUnixTimeMilliseconds(), 1)]);
    }

    [Theory]
    [InlineData(30, 30)]
    [InlineData(null, 1)]
    public async Task It_asks_again_when_the_store_says_or_at_the_next_beat(int? moreAt, int waits)
    {
        _store.Answer = claim => new LimitGrant(0, 1, 0, moreAt is { } s ? claim.Now.AddSeconds(s) : null, null);
        _state.Limits.Use([new RateLimit(RateUnit.Minute, 1)]);
        _ = _state.Limits.EnterAsync(CancellationToken.None).AsTask();

        await Eventually.Holds(() => _state.Limits.WaitingUntil is not null, "it has been told");
        _state.Limits.WaitingUntil.ShouldBe(_time.GetUtcNow().AddSeconds(waits));
    }

    [Fact]
    public async Task Evenly_spaced_requests_keep_their_distance_to_those_of_others()
    {
        var others = _time.GetUtcNow().AddSeconds(2);
        _store.Answer = claim => new LimitGrant(claim.Wanted, 2, 0, null, others);
        _state.Limits.Use([new RateLimit(RateUnit.Minute, 60, RateStrategy.Spread)]);
        _ = _state.Limits.EnterAsync(CancellationToken.None).AsTask();

        await Eventually.Holds(() => _state.Limits.WaitingUntil is not null, "it waits");
        _state.Limits.WaitingUntil!.Value.ShouldBe(others.AddSeconds(1), TimeSpan.FromMilliseconds(5));
    }

    private async Task LeaveAsync(params RateLimit[] limits)
    {
        if (limits.Length > 0)
        {
            _state.Limits.Use(limits);
        }

        var permit = (await _state.Limits.EnterAsync(CancellationToken.None))!;
        permit.Left(permit);
        permit.Answered();
    }

    private async Task BeatAsync(bool renews = true)
    {
        var before = _store.Renewed.Count;
        await Eventually.Holds(() => _time.WaitingTimers > 0, "the next beat is due");
        _time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.Holds(() => !renews || _store.Renewed.Count == before + 1, "it has beaten");
    }

    private sealed class FakeStore : ILimitStore
    {
        public ConcurrentQueue<LimitClaim> Claims { get; } = new();

        public ConcurrentQueue<DateTimeOffset> Renewed { get; } = new();

        public ConcurrentQueue<LimitHold> Held { get; } = new();

        public int Sweeps { get; private set; }

        public Exception? Failure { get; set; }

        public LimitNews News { get; set; } = new([], []);

        public IReadOnlyList<LimitHold> Holds { get; set; } = [];

        public Func<LimitClaim, LimitGrant> Answer { get; set; } =
            claim => new LimitGrant(Math.Max(claim.Kept, claim.Wanted), 1, 0, null, null);

        public Task<LimitGrant> ExchangeAsync(LimitClaim claim, CancellationToken cancellationToken)
        {
            Fail();
            Claims.Enqueue(claim);
            return Task.FromResult(Answer(claim));
        }

        public Task RenewAsync(string holder, DateTimeOffset until, CancellationToken cancellationToken)
        {
            Fail();
            Renewed.Enqueue(until);
            return Task.CompletedTask;
        }

        public ValueTask<LimitNews> GetNewsAsync(
            string holder,
            DateTimeOffset now,
            CancellationToken cancellationToken
        ) => new(News);

        public ValueTask<IReadOnlyList<LimitHold>> GetHoldsAsync(
            long? connectorId,
            DateTimeOffset now,
            CancellationToken cancellationToken
        )
        {
            Fail();
            return new([.. Holds.Where(hold => hold.ConnectorId == connectorId)]);
        }

        public Task HoldAsync(LimitHold hold, CancellationToken cancellationToken)
        {
            Fail();
            Held.Enqueue(hold);
            return Task.CompletedTask;
        }

        public Task SweepAsync(DateTimeOffset now, CancellationToken cancellationToken)
        {
            Fail();
            Sweeps++;
            return Task.CompletedTask;
        }

        private void Fail()
        {
            if (Failure is { } failure)
            {
                throw failure;
            }
        }
    }

    private sealed class Warnings : ILogger
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            logLevel.ShouldBe(LogLevel.Warning);
            Interlocked.Increment(ref _count);
        }
    }
}
