using System.Net;
using Microsoft.AspNetCore.Http;
using Tributary.Engine.Outbound.Pacing;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Testing;

namespace Tributary.Engine.Tests.Outbound;

public sealed class HostPaceTests
{
    private static readonly HostPoliteness _politeness = new() { MaxConcurrency = 4, TargetConcurrency = 2 };
    private readonly ManualTime _time = new();

    [Fact]
    public void The_delay_follows_latency_as_AutoThrottle_says()
    {
        var pace = new HostPace(_politeness, _time);

        pace.Answered(TimeSpan.FromSeconds(1), HttpStatusCode.OK);
        pace.Delay.ShouldBe(TimeSpan.FromSeconds(0.5)); // never below latency ÷ target
        pace.Answered(TimeSpan.FromSeconds(0.2), HttpStatusCode.OK);
        pace.Delay.ShouldBe(TimeSpan.FromSeconds(0.3)); // the mean with the previous one
        pace.Answered(TimeSpan.FromSeconds(0.02), HttpStatusCode.InternalServerError);
        pace.Delay.ShouldBe(TimeSpan.FromSeconds(0.3)); // errors never shorten it
        pace.Answered(TimeSpan.FromSeconds(0.02), HttpStatusCode.NotFound);
        pace.Delay.ShouldBe(TimeSpan.FromSeconds(0.3));
        pace.Answered(TimeSpan.FromSeconds(2), HttpStatusCode.InternalServerError);
        pace.Delay.ShouldBe(TimeSpan.FromSeconds(1)); // but may lengthen it
        pace.Answered(TimeSpan.FromHours(1), HttpStatusCode.OK);
        pace.Delay.ShouldBe(_politeness.MaxDelay);
    }

    [Fact]
    public void One_slow_answer_is_forgotten_while_nothing_is_modified()
    {
        var pace = new HostPace(_politeness, _time);
        pace.Answered(TimeSpan.FromSeconds(1), HttpStatusCode.OK);

        for (var i = 0; i < 10; i++)
        {
            pace.Answered(TimeSpan.Zero, HttpStatusCode.NotModified);
        }

        pace.Delay.ShouldBeLessThan(TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task One_goes_first_and_then_as_many_as_are_allowed()
    {
        var pace = new HostPace(_politeness, _time);
        var waiting = Enumerable.Range(0, 7).Select(_ => Enter(pace)).ToList();

        waiting.Count(task => task.IsCompleted).ShouldBe(1);
        pace.Answered(TimeSpan.Zero, HttpStatusCode.OK);
        pace.Ended();
        await Eventually.Holds(() => waiting.Count(task => task.IsCompleted) == 5, "four more are under way");
        pace.Ended();
        await Eventually.Holds(() => waiting.Count(task => task.IsCompleted) == 6, "one has taken the place");
    }

    [Fact]
    public async Task The_head_of_the_first_answer_lets_the_others_go()
    {
        var pace = new HostPace(_politeness, _time);
        var waiting = Enumerable.Range(0, 6).Select(_ => Enter(pace)).ToList();

        pace.Answered(TimeSpan.Zero, HttpStatusCode.OK);

        await Eventually.Holds(() => waiting.Count(task => task.IsCompleted) == 4, "three more are under way");
    }

    [Fact]
    public async Task Nobody_passes_one_who_waits_longer()
    {
        var pace = new HostPace(_politeness, _time);
        await Enter(pace);
        pace.Answered(TimeSpan.Zero, HttpStatusCode.OK);
        var patient = pace.EnterAsync(TimeSpan.FromSeconds(5), CancellationToken.None).AsTask();
        var hasty = Enter(pace);

        hasty.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(5));
        await patient;
        await hasty;
    }

    [Fact]
    public async Task It_is_busy_while_requests_are_under_way_and_idle_a_minute_after_the_last()
    {
        var pace = new HostPace(_politeness, _time);
        (pace.IsBusy, pace.IsIdle()).ShouldBe((false, true));
        await Enter(pace);
        (pace.IsBusy, pace.IsIdle()).ShouldBe((true, false));
        pace.Answered(TimeSpan.Zero, HttpStatusCode.OK);
        pace.Ended();
        (pace.IsBusy, pace.IsIdle()).ShouldBe((false, false));

        _time.Advance(TimeSpan.FromSeconds(60));
        pace.IsIdle().ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        pace.IsIdle().ShouldBeTrue();
    }

    [Fact]
    public async Task Starts_keep_the_delay()
    {
        var pace = new HostPace(_politeness, _time);
        await Enter(pace);
        pace.Answered(TimeSpan.FromSeconds(1), HttpStatusCode.OK);
        await Enter(pace);
        var next = Enter(pace);

        _time.Advance(TimeSpan.FromSeconds(0.49));
        next.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(0.01));
        await next;
    }

    [Fact]
    public async Task A_fast_host_is_not_slowed_down()
    {
        var pace = new HostPace(new HostPoliteness(), _time);
        for (var i = 0; i < 10_000; i++)
        {
            var entering = Enter(pace);
            entering.IsCompleted.ShouldBeTrue();
            await entering;
            pace.Answered(TimeSpan.FromMilliseconds(7), HttpStatusCode.OK);
            pace.Ended();
        }
    }

    [Fact]
    public async Task The_gap_that_a_host_asks_for_is_kept_between_all_starts()
    {
        var pace = new HostPace(_politeness, _time);
        var gap = TimeSpan.FromSeconds(5);
        await pace.EnterAsync(gap, CancellationToken.None);
        pace.Answered(TimeSpan.Zero, HttpStatusCode.OK);
        pace.Ended();
        for (var i = 0; i < 3; i++)
        {
            var next = pace.EnterAsync(gap, CancellationToken.None).AsTask();
            _time.Advance(gap - TimeSpan.FromMilliseconds(1));
            next.IsCompleted.ShouldBeFalse();
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await next;
        }
    }

    [Fact]
    public async Task An_answer_that_nobody_reads_on_does_not_block_its_host_for_ever()
    {
        var pace = new HostPace(_politeness with { MaxConcurrency = 1 }, _time);
        await Enter(pace);
        pace.Answered(TimeSpan.Zero, HttpStatusCode.OK);
        var next = Enter(pace);

        _time.Advance(TimeSpan.FromSeconds(59));
        next.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        await next;
    }

    [Fact]
    public void Hosts_that_have_rested_are_forgotten()
    {
        var table = new HostTable(_time);
        for (var i = 0; i < 20_000; i++)
        {
            table.Of(new Uri($"http://host{i}.example/"));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        table.Count.ShouldBeLessThanOrEqualTo(2_000);
    }

    [Fact]
    public void What_a_host_asked_for_is_not_forgotten()
    {
        var table = new HostTable(_time);
        var held = new Uri("http://held.example/a");
        table.Of(held).Hold(TimeSpan.FromMinutes(50), "held.example");
        for (var i = 0; i < 2_500; i++)
        {
            table.Of(new Uri($"http://host{i}.example/"));
        }

        table.Of(new Uri("http://held.example/b")).HeldUntil.ShouldBe(_time.GetUtcNow().AddMinutes(50));
        table.Of(new Uri("http://held.example:81/")).HeldUntil.ShouldBeNull();
    }

    [Fact]
    public void A_hold_is_told_until_it_has_passed()
    {
        var pace = new HostPace(_politeness, _time);
        pace.Hold(TimeSpan.FromSeconds(5), "held.example");

        pace.HeldUntil.ShouldBe(_time.GetUtcNow().AddSeconds(5));
        _time.Advance(TimeSpan.FromSeconds(5));
        pace.HeldUntil.ShouldBeNull();
    }

    [Fact]
    public void When_all_hosts_that_are_wanted_are_held_the_first_that_is_ready_tells_until_when()
    {
        var table = new HostTable(_time);
        foreach (var (host, seconds) in new[] { ("a", 9), ("b", 5), ("c", 7), ("d", 1) })
        {
            var pace = table.Of(new Uri($"http://{host}.example/"));
            pace.Hold(TimeSpan.FromSeconds(seconds), host);
            if (host != "d")
            {
                _ = Enter(pace);
            }
        }

        table.WaitingUntil.ShouldBe(_time.GetUtcNow().AddSeconds(5));
    }

    [Fact]
    public async Task A_host_that_asks_to_wait_for_hours_is_not_waited_for()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "7300";
            return Task.CompletedTask;
        });
        await using var outbound = new OutboundFixture(time: _time);
        using var client = outbound.Client(1, new HostPoliteness());
        (await client.Http.GetAsync(server.BaseUri)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);

        var failure = await Should.ThrowAsync<SourceException>(() => client.Http.GetAsync(server.BaseUri));

        (failure.Kind, server.Requests.Count).ShouldBe((FailureKind.Transient, 1));
    }

    [Fact]
    public async Task A_host_that_asks_to_wait_holds_back_itself_only()
    {
        await using var calm = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        var isHeld = true;
        await using var busy = await LoopbackServer.StartAsync(context =>
        {
            if (isHeld)
            {
                isHeld = false;
                context.Response.StatusCode = 429;
                context.Response.Headers.RetryAfter = "60";
            }

            return Task.CompletedTask;
        });
        await using var outbound = new OutboundFixture(time: _time);
        using var client = outbound.Client(1, new HostPoliteness());

        var told = client.Http.GetAsync(busy.BaseUri);
        await Eventually.Holds(() => client.WaitingUntil is not null, "the only host that is wanted is held back");
        client.WaitingUntil.ShouldBe(_time.GetUtcNow().AddSeconds(60));
        (await client.Http.GetAsync(calm.BaseUri)).StatusCode.ShouldBe(HttpStatusCode.OK);
        _time.Advance(TimeSpan.FromSeconds(60));

        (await told).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task No_more_requests_are_in_flight_than_allowed_until_their_answers_are_read()
    {
        var inFlight = 0;
        var most = 0;
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            var now = Interlocked.Increment(ref inFlight);
            InterlockedMax(ref most, now);
            await context.Response.WriteAsync(new string('x', 100_000));
            await Task.Delay(5);
            Interlocked.Decrement(ref inFlight);
            await context.Response.WriteAsync("end");
        });
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(1, new HostPoliteness { MaxConcurrency = 3, MaxDelay = TimeSpan.Zero });

        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => client.Http.GetAsync(server.BaseUri)));

        most.ShouldBe(3);
    }

    [Fact]
    public async Task A_retry_does_not_wait_for_its_own_failed_answer()
    {
        var failures = 2;
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = failures-- > 0 ? 500 : 200;
            return context.Response.WriteAsync("some words");
        });
        await using var outbound = new OutboundFixture(time: _time, times: ManualTimeDriving.Endless);
        using var client = outbound.Client(1, new HostPoliteness { MaxConcurrency = 1 });
        var start = _time.GetUtcNow();

        using var response = await _time.WhileAdvancing(client.Http.GetAsync(server.BaseUri));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (_time.GetUtcNow() - start).ShouldBeLessThan(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_request_tells_the_gap_of_its_host()
    {
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        await using var outbound = new OutboundFixture(time: _time);
        using var client = outbound.Client(1, new HostPoliteness());
        await client.Http.SendAsync(Gapped(server.BaseUri));

        var next = client.Http.SendAsync(Gapped(server.BaseUri));
        _time.Advance(TimeSpan.FromSeconds(9));
        server.Requests.Count.ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(1));
        await next;

        server.Requests.Count.ShouldBe(2);
    }

    private static HttpRequestMessage Gapped(Uri address)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Options.Set(OutboundOptions.HostDelay, TimeSpan.FromSeconds(10));
        return request;
    }

    private static Task Enter(HostPace pace) => pace.EnterAsync(TimeSpan.Zero, CancellationToken.None).AsTask();

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = target; value > seen; )
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
