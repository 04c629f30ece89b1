using System.Text.Json;
using Tributary.Engine.Audit;
using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;

namespace Tributary.Engine.Store;

/// <summary>Connectors and their credentials. Every look-up names the workspace, but for those of the scheduler.</summary>
public interface IConnectorStore
{
    /// <summary>Stores connector, credential and, when asked to, its first run, in one transaction.</summary>
    /// <exception cref="NameTakenException">Name or slug are taken.</exception>
    Task<Connector> InsertAsync(NewConnector connector, CancellationToken cancellationToken);

    /// <summary>One; null when it is not in the workspace.</summary>
    ValueTask<Connector?> FindAsync(long workspaceId, long id, CancellationToken cancellationToken);

    /// <summary>One by its uuid; null when it is not in the workspace or is being deleted.</summary>
    ValueTask<Connector?> FindAsync(long workspaceId, Guid uuid, CancellationToken cancellationToken);

    /// <summary>One by its slug; null when there is none. One that is being deleted has freed its slug.</summary>
    ValueTask<Connector?> FindBySlugAsync(long workspaceId, string slug, CancellationToken cancellationToken);

    /// <summary>Whether a name (with its integration) is taken in the workspace. One that is being deleted has freed its name.</summary>
    ValueTask<bool> IsTakenAsync(
        long workspaceId,
        string integration,
        string name,
        CancellationToken cancellationToken
    );

    /// <summary>Whether a slug is taken in the workspace.</summary>
    ValueTask<bool> IsSlugTakenAsync(long workspaceId, string slug, CancellationToken cancellationToken);

    /// <summary>With what goes on, in order of id.</summary>
    Task<IReadOnlyList<ConnectorOverview>> ListAsync(
        long workspaceId,
        ConnectorFilter filter,
        long afterId,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>One with what goes on; null when it is not in the workspace.</summary>
    ValueTask<ConnectorOverview?> FindOverviewAsync(long workspaceId, long id, CancellationToken cancellationToken);

    /// <summary>Changes settings; null members stay.</summary>
    /// <exception cref="NameTakenException">The new name is taken.</exception>
    Task<Connector?> UpdateAsync(ConnectorUpdate update, CancellationToken cancellationToken);

    /// <summary>Moves a connector from one of the given states to another. Null when it is in none of them.</summary>
    Task<Connector?> TryMoveAsync(
        long workspaceId,
        long id,
        IReadOnlyCollection<ConnectorStatus> from,
        ConnectorStatus to,
        DateTimeOffset now,
        AuditDraft audit,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Marks a connector as being deleted, ends what waits, asks what goes on to stop, and queues the run that deletes it,
    /// in one transaction. A deletion that is under way is returned. Null when it is not in the workspace.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="audit">What is logged.</param>
    /// <param name="onlyUnused">Refuse while it has models.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ConnectorInUseException">It has models.</exception>
    Task<Run?> TryDeleteAsync(NewRun run, AuditDraft audit, bool onlyUnused, CancellationToken cancellationToken);

    /// <summary>A credential's envelope; null when it does not exist.</summary>
    ValueTask<SealedCredential?> FindCredentialAsync(
        long workspaceId,
        long credentialId,
        CancellationToken cancellationToken
    );

    /// <summary>Credentials that are not wrapped by this key, in order of id.</summary>
    Task<IReadOnlyList<SealedCredential>> ListCredentialsNotUnderAsync(
        string keyId,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>Replaces envelopes, each only if it still is what it was.</summary>
    Task ReplaceSecretsAsync(
        IReadOnlyList<(SealedCredential Old, byte[] Secret, string KeyId)> replacements,
        CancellationToken cancellationToken
    );

    /// <summary>The keys that wrap stored credentials, tokens and tickets: they must be in the key ring.</summary>
    ValueTask<IReadOnlyCollection<string>> ListKeyIdsInUseAsync(CancellationToken cancellationToken);
}

/// <summary>What is inserted.</summary>
public sealed record NewConnector
{
    public required Guid Uuid { get; init; }
    public Guid DatasetUuid { get; init; } = Guid.NewGuid();
    public required long WorkspaceId { get; init; }
    public required string Name { get; init; }

    /// <summary>Another connector of the integration may have the name too.</summary>
    public bool AllowsSameName { get; init; }
    public required string Slug { get; init; }

    /// <summary>The integration's own slug, whatever alias was sent.</summary>
    public required string Integration { get; init; }

    /// <summary>The slug or alias that was sent.</summary>
    public required string IntegrationSent { get; init; }
    public required JsonElement Config { get; init; }
    public required Guid CredentialUuid { get; init; }
    public required byte[] Secret { get; init; }
    public required string KeyId { get; init; }
    public required ConnectorStatus Status { get; init; }
    public bool UsesSharedCredentials { get; init; }
    public long? RefreshFreq { get; init; }
    public long? PruneFreq { get; init; }
    public Sdk.RateLimit? RateLimit { get; init; }
    public long? CacheTtlMilliseconds { get; init; }
    public required DateTimeOffset Now { get; init; }
    public required long CreatedBy { get; init; }
    public DateTimeOffset? NextPruneAt { get; init; }

    /// <summary>The documents model that is made with it, without which nothing of it is read; null for none.</summary>
    public Guid? DocumentsModel { get; init; }

    /// <summary>The first run; null when none is to be queued.</summary>
    public NewRun? FirstRun { get; init; }
    public required AuditDraft Audit { get; init; }
}

/// <summary>What is changed; null members stay.</summary>
public sealed record ConnectorUpdate
{
    public required long WorkspaceId { get; init; }
    public required long Id { get; init; }
    public required DateTimeOffset Now { get; init; }
    public string? Name { get; init; }

    /// <summary>See <see cref="NewConnector.AllowsSameName"/>.</summary>
    public bool AllowsSameName { get; init; }
    public JsonElement? Config { get; init; }
    public (byte[] Secret, string KeyId)? Secret { get; init; }

    /// <summary>With <see cref="Secret"/>: the names of kept tokens that belong to the new credentials; all others are forgotten. Null forgets none.</summary>
    public IReadOnlyCollection<string>? TokensInUse { get; init; }
    public bool? UsesSharedCredentials { get; init; }

    /// <summary>True takes it from the others of its integration.</summary>
    public bool? IsDefault { get; init; }
    public Change<Sdk.RateLimit?>? RateLimit { get; init; }
    public Change<long?>? CacheTtlMilliseconds { get; init; }
    public Change<long?>? RefreshFreq { get; init; }
    public Change<long?>? PruneFreq { get; init; }

    /// <summary>When the next refresh and prune are due with the new frequencies; taken when these are set.</summary>
    public DateTimeOffset? NextRefreshAt { get; init; }
    public DateTimeOffset? NextPruneAt { get; init; }
    public required AuditDraft Audit { get; init; }
}

/// <summary>A credential as it is stored.</summary>
public sealed record SealedCredential(long Id, Guid Uuid, long WorkspaceId, byte[] Secret, string KeyId);

/// <summary>An entry of the audit log, to be written with what it tells of.</summary>
public sealed record AuditDraft(
    long WorkspaceId,
    DateTimeOffset At,
    string Actor,
    string Action,
    string Target,
    string? Detail = null
);

/// <summary>A connector has models that would be lost with it.</summary>
public sealed class ConnectorInUseException(long models) : Exception($"The connector has {models} models.")
{
    /// <summary>How many.</summary>
    public long Models { get; } = models;
}

/// <summary>A name or slug is taken in the workspace.</summary>
public sealed class NameTakenException(bool isSlug) : Exception(isSlug ? "The slug is taken." : "The name is taken.")
{
    /// <summary>It is the slug.</summary>
    public bool IsSlug { get; } = isSlug;
}
