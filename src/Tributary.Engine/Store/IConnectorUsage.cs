namespace Tributary.Engine.Store;

/// <summary>What connectors are used for: what their counters show, and what keeps them from being removed.</summary>
public interface IConnectorUsage
{
    /// <summary>The models of each connector of a workspace, by the connector's id; those without any are left out.</summary>
    Task<IReadOnlyDictionary<long, long>> CountModelsAsync(long workspaceId, CancellationToken cancellationToken);
}
