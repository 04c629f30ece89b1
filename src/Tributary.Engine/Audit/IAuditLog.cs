using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Audit;

/// <summary>Who did what. Entries are written in the transaction of what they tell of.</summary>
public interface IAuditLog
{
    /// <summary>Newest first, from before <paramref name="beforeId"/>. Admins only.</summary>
    Task<IReadOnlyList<AuditEntry>> ListAsync(
        Caller caller,
        long beforeId,
        int limit,
        CancellationToken cancellationToken
    );
}

/// <summary>Something that somebody did.</summary>
/// <param name="Id">Grows with time.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Who: an e-mail address, a token's name, or <c>system</c>.</param>
/// <param name="Action">What, as <c>connector.create</c>.</param>
/// <param name="Target">To what, as <c>connector 12 "Docs"</c>.</param>
/// <param name="Detail">More, without secrets; null when the rest says it all.</param>
public sealed record AuditEntry(long Id, DateTimeOffset At, string Actor, string Action, string Target, string? Detail);
