using Tributary.Engine.Store;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Audit;

/// <inheritdoc cref="IAuditLog"/>
internal sealed class AuditLog(IAuditStore store) : IAuditLog
{
    public Task<IReadOnlyList<AuditEntry>> ListAsync(
        Caller caller,
        long beforeId,
        int limit,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Admin);
        return store.ListAsync(caller.WorkspaceId, beforeId, limit, cancellationToken);
    }
}
