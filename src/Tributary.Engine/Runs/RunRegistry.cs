using System.Collections.Concurrent;

namespace Tributary.Engine.Runs;

/// <summary>The runs that go on in this process: lets a person stop one at once, and others wait for its end.</summary>
internal sealed class RunRegistry
{
    private readonly ConcurrentDictionary<long, CancellationTokenSource> _going = new();
    private readonly ConcurrentDictionary<long, TaskCompletionSource> _waiting = new();

    /// <summary>A run of the connector begins; the token ends it.</summary>
    public CancellationTokenSource Begin(long connectorId, CancellationToken shutdown)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(shutdown);
        _going[connectorId] = source;
        return source;
    }

    /// <summary>It has ended.</summary>
    public void End(long connectorId, long runId)
    {
        if (_going.TryRemove(connectorId, out var source))
        {
            source.Dispose();
        }

        Signal(runId);
    }

    /// <summary>Stops what goes on for the connector.</summary>
    public void Stop(long connectorId)
    {
        if (_going.TryGetValue(connectorId, out var source))
        {
            try
            {
                source.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It has just ended by itself.
            }
        }
    }

    /// <summary>Completes when the run's state has changed for good (in this process).</summary>
    public Task WaitAsync(long runId) =>
        _waiting
            .GetOrAdd(runId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
            .Task;

    /// <summary>Runs that somebody waits for.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Wakes those who wait for the run.</summary>
    public void Signal(long runId)
    {
        if (_waiting.TryRemove(runId, out var waiting))
        {
            waiting.TrySetResult();
        }
    }
}
