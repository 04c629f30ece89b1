using Tributary.Engine.Runs;
using Tributary.Engine.Store;

namespace Tributary.Engine.Models;

/// <summary>While a run waits for somebody else, says every few seconds that it is alive, and hears when it is asked to stop.</summary>
internal sealed class RunBeat : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop;
    private readonly Task _beating;

    public RunBeat(StartedRun start, IRunStore runs, TimeProvider time, CancellationToken stop)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _beating = BeatAsync(start, runs, time, _stop.Token);
    }

    /// <summary>What the run does, in words.</summary>
    public string Phase { get; set; } = "reading";

    /// <summary>Until when it waits; null when it does not.</summary>
    public DateTimeOffset? WaitingUntil { get; set; }

    /// <summary>Ends when the run is to stop, whoever asked for it.</summary>
    public CancellationToken Stop => _stop.Token;

    public void Dispose()
    {
        _stop.Cancel();
        _beating.ContinueWith(_ => _stop.Dispose(), TaskScheduler.Default);
    }

    private async Task BeatAsync(StartedRun start, IRunStore runs, TimeProvider time, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
            {
                var progress = new RunProgress(Phase, null, WaitingUntil);
                if (
                    await runs.BeatAsync(start.Fence, start.Connector.Id, progress, time.GetUtcNow(), stop)
                        .ConfigureAwait(false)
                )
                {
                    await _stop.CancelAsync().ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run has ended.
        }
        catch (FencedException)
        {
            // A newer one has begun: the next commit says so too.
            await _stop.CancelAsync().ConfigureAwait(false);
        }
    }
}
