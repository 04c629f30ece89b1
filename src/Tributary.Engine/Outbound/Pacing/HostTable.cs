using Tributary.Sdk;

namespace Tributary.Engine.Outbound.Pacing;

/// <summary>The hosts that a connector has met. Those that have rested are forgotten when there are many.</summary>
internal sealed class HostTable(TimeProvider time)
{
    private const int MostResting = 1_000;

    private readonly Lock _sync = new();
    private readonly Dictionary<Origin, HostPace> _hosts = [];
    private HostPoliteness _politeness = new();
    private int _sweepAt = MostResting;

    /// <summary>How many it knows.</summary>
    public int Count
    {
        get
        {
            lock (_sync)
            {
                return _hosts.Count;
            }
        }
    }

    /// <summary>When the first host is ready again, if all that there are requests for asked to be left alone; else null.</summary>
    public DateTimeOffset? WaitingUntil
    {
        get
        {
            lock (_sync)
            {
                DateTimeOffset? earliest = null;
                foreach (var host in _hosts.Values.Where(host => host.IsBusy))
                {
                    if (host.HeldUntil is not { } until)
                    {
                        return null;
                    }

                    earliest = earliest is { } other && other < until ? other : until;
                }

                return earliest;
            }
        }
    }

    /// <summary>Takes another politeness for hosts that are met from now on.</summary>
    public void Use(HostPoliteness politeness)
    {
        lock (_sync)
        {
            if (politeness != _politeness)
            {
                _politeness = politeness;
                Sweep();
            }
        }
    }

    /// <summary>The pace of the host of an address.</summary>
    public HostPace Of(Uri uri)
    {
        var origin = new Origin(uri.Scheme, uri.IdnHost, uri.Port);
        lock (_sync)
        {
            if (_hosts.TryGetValue(origin, out var known))
            {
                return known;
            }

            if (_hosts.Count >= _sweepAt)
            {
                Sweep();

                // Looking through all of them at each new one would be slow when none of them rests.
                _sweepAt = Math.Max(MostResting, _hosts.Count * 2);
            }

            return _hosts[origin] = new HostPace(_politeness, time);
        }
    }

    /// <summary>Whether forgetting it would change nothing that matters.</summary>
    public bool IsIdle()
    {
        lock (_sync)
        {
            return _hosts.Values.All(host => host.IsIdle());
        }
    }

    private void Sweep()
    {
        foreach (var (origin, host) in _hosts)
        {
            if (host.IsIdle())
            {
                _hosts.Remove(origin);
            }
        }
    }

    private readonly record struct Origin(string Scheme, string Host, int Port);
}
