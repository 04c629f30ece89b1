using System.Collections.Concurrent;
using System.Text.Json;
using Tributary.Engine.Connectors;
using Tributary.Engine.Custom.Manifests;
using Tributary.Engine.Custom.Schemas;
using Tributary.Engine.Outbound.Pacing;
using Tributary.Sdk;

namespace Tributary.Engine.Custom.Client;

/// <summary>
/// The limits of single actions and extractors, beside those of the whole connector. A call waits for every one whose
/// schema its config fits; those that name the same resource share a window per connector.
/// </summary>
internal sealed class ConditionalLimits(TimeProvider time)
{
    private const int MostKept = 10_000;
    private readonly ConcurrentDictionary<
        (long Connector, string Resource, RateLimit Limit),
        ConnectorLimits
    > _windows = new();

    /// <summary>Sends when all agree. Until it is answered, a call may leave at any moment, and so takes its place.</summary>
    public async Task<CustomAnswer> SendAsync(
        Connector connector,
        string key,
        IReadOnlyList<ConditionalLimit> limits,
        JsonElement config,
        Func<Task<CustomAnswer>> send,
        CancellationToken cancellationToken
    )
    {
        var permits = new List<ConnectorLimits.Permit>();
        try
        {
            for (var index = 0; index < limits.Count; index++)
            {
                var limit = limits[index];
                if (limit.Schema is { } schema && !SchemaEvaluator.Fits(schema, config))
                {
                    continue;
                }

                var resource = limit.ResourceId is { } named ? $"resource/{named}" : $"{key}/{index}";
                var window = Window((connector.Id, resource, limit.Limit));
                if (await window.EnterAsync(cancellationToken).ConfigureAwait(false) is { } permit)
                {
                    permits.Add(permit);
                }
            }

            return await send().ConfigureAwait(false);
        }
        finally
        {
            foreach (var permit in permits)
            {
                permit.Left(this);
                permit.Answered();
            }
        }
    }

    private ConnectorLimits Window((long Connector, string Resource, RateLimit Limit) key)
    {
        if (_windows.Count >= MostKept)
        {
            foreach (var idle in _windows.Where(entry => entry.Value.IsIdle()))
            {
                _windows.TryRemove(idle.Key, out _);
            }
        }

        return _windows.GetOrAdd(
            key,
            static (key, time) =>
            {
                var window = new ConnectorLimits(time);
                window.Use([key.Limit]);
                return window;
            },
            time
        );
    }
}
