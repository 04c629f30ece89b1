using Tributary.Engine.Audit;

namespace Tributary.Engine.Store;

/// <summary>The audit log.</summary>
public interface IAuditStore
{
    /// <summary>Newest first, from before <paramref name="beforeId"/>.</summary>
    Task<IReadOnlyList<AuditEntry>> ListAsync(
        long workspaceId,
        long beforeId,
        int limit,
        CancellationToken cancellationToken
    );
}
