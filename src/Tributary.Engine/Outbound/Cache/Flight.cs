using Tributary.Engine.Store;

namespace Tributary.Engine.Outbound.Cache;

/// <summary>A question that is being asked, with those who wait for its answer. It is given up when all of them have.</summary>
internal sealed class Flight : IDisposable
{
    private readonly Lock _sync = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<Task<CacheEntry?>> _started = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private int _waiting;
    private bool _isGivenUp;

    public Flight() => Stop = _stop.Token;

    /// <summary>Ends when nobody waits any more.</summary>
    public CancellationToken Stop { get; }

    /// <summary>Waits with the others; false when they have just given up.</summary>
    public bool TryJoin()
    {
        lock (_sync)
        {
            _waiting += _isGivenUp ? 0 : 1;
            return !_isGivenUp;
        }
    }

    /// <summary>The asking has begun.</summary>
    public void Start(Task<CacheEntry?> asking) => _started.SetResult(asking);

    /// <summary>The answer; what went wrong with it goes to all who wait. Once after each <see cref="TryJoin"/>.</summary>
    public async Task<CacheEntry?> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await (await _started.Task.WaitAsync(cancellationToken)).WaitAsync(cancellationToken);
        }
        finally
        {
            bool isLast;
            lock (_sync)
            {
                isLast = --_waiting == 0;
                _isGivenUp |= isLast;
            }

            if (isLast)
            {
                await _stop.CancelAsync();
                Dispose();
            }
        }
    }

    public void Dispose() => _stop.Dispose();
}
