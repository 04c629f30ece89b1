using Tributary.Engine.Outbound.Retry;
using Tributary.Engine.Store;

namespace Tributary.Engine.Outbound.Pacing;

/// <summary>What the process knows of one connector's traffic.</summary>
internal sealed class ConnectorState
{
    private readonly LimitKeeper? _keeper;
    private readonly TimeProvider _time;
    private readonly Lazy<Task> _opened;
    private int _clients;

    /// <param name="connectorId">Whose; 0 for one that does not exist yet, which shares nothing with anybody.</param>
    /// <param name="time">The clock.</param>
    /// <param name="keeper">Shares limits and holds with other processes and the next start; null for not at all.</param>
    public ConnectorState(long connectorId, TimeProvider time, LimitKeeper? keeper = null)
    {
        ConnectorId = connectorId;
        _time = time;
        _keeper = connectorId == 0 ? null : keeper;
        _opened = new Lazy<Task>(() => _keeper is null ? Task.CompletedTask : _keeper.OpenAsync(this));
        Limits = new ConnectorLimits(time, _keeper?.SourceOf(this));
        Hosts = new HostTable(time);
    }

    /// <summary>Whose it is.</summary>
    public long ConnectorId { get; }

    /// <summary>The limits of all its requests together.</summary>
    public ConnectorLimits Limits { get; }

    /// <summary>What is known of single hosts.</summary>
    public HostTable Hosts { get; }

    /// <summary>How many retries it may still do.</summary>
    public RetryBudget Budget { get; } = new();

    /// <summary>One exchange with the store at a time.</summary>
    public SemaphoreSlim Exchanging { get; } = new(1);

    /// <summary>Completes when what was asked for before this process began is known.</summary>
    public Task OpenedAsync() => _opened.Value;

    /// <summary>The other side asks to be left alone: <paramref name="isHostOnly"/> by requests to that host, else by all.</summary>
    public async Task HoldAsync(Uri uri, TimeSpan delay, bool isHostOnly)
    {
        var now = _time.GetUtcNow();
        var origin = isHostOnly ? uri.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) : "";
        var bounded = delay < HoldUntil.LongestRemembered ? delay : HoldUntil.LongestRemembered;
        var hold = new LimitHold(ConnectorId, origin, uri.IdnHost, now + bounded);
        Held(hold, now);
        if (_keeper is not null)
        {
            await _keeper.HoldAsync(hold);
        }
    }

    /// <summary>Keeps to a hold, whoever was told of it.</summary>
    public void Held(LimitHold hold, DateTimeOffset now)
    {
        var delay = hold.Until - now;
        if (delay <= TimeSpan.Zero)
        {
            return;
        }

        if (hold.Origin.Length > 0 && Uri.TryCreate(hold.Origin, UriKind.Absolute, out var origin))
        {
            Hosts.Of(origin).Hold(delay, hold.Host);
        }
        else
        {
            Limits.Hold(delay, hold.Host);
        }
    }

    /// <summary>A client uses it.</summary>
    public void Enter() => Interlocked.Increment(ref _clients);

    /// <summary>A client is gone.</summary>
    public void Leave() => Interlocked.Decrement(ref _clients);

    /// <summary>Whether forgetting it would change nothing that matters.</summary>
    public bool IsIdle() => Volatile.Read(ref _clients) == 0 && Limits.IsIdle() && Hosts.IsIdle();
}
