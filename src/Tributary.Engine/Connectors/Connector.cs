using System.Text.Json;
using Tributary.Sdk;

namespace Tributary.Engine.Connectors;

/// <summary>One configured integration in a workspace: the Clarm dialect's source, the Cargo dialect's connector.</summary>
public sealed record Connector
{
    /// <summary>The source id.</summary>
    public required long Id { get; init; }

    /// <summary>The connector uuid.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>The uuid of its dataset, which holds its models and lives as long as it.</summary>
    public required Guid DatasetUuid { get; init; }

    /// <summary>Whose it is.</summary>
    public required long WorkspaceId { get; init; }

    /// <summary>What people call it; unique in the workspace per integration.</summary>
    public required string Name { get; init; }

    /// <summary>Unique in the workspace; letters, digits, <c>_</c> and <c>-</c>.</summary>
    public required string Slug { get; init; }

    /// <summary>The integration's slug or alias, as it was sent.</summary>
    public required string IntegrationSlug { get; init; }

    /// <summary>The typed config as JSON, as it was sent. Holds no secret.</summary>
    public required JsonElement Config { get; init; }

    /// <summary>The id of its credential.</summary>
    public required long CredentialId { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required ConnectorStatus Status { get; init; }

    /// <summary>The one that is taken when a workspace has several of its integration; at most one is.</summary>
    public bool IsDefault { get; init; }

    /// <summary>It reads with the operator's credentials for its integration (the Cargo dialect's <c>useCredits</c>); its config is empty.</summary>
    public bool UsesSharedCredentials { get; init; }

    /// <summary>Seconds from the end of a refresh to the next; null refreshes once.</summary>
    public long? RefreshFreq { get; init; }

    /// <summary>Seconds from the end of a prune to the next; null or 0 never prunes by itself.</summary>
    public long? PruneFreq { get; init; }

    /// <summary>The connector's own rate limit; null for none.</summary>
    public RateLimit? RateLimit { get; init; }

    /// <summary>How long answers to requests on a user's behalf are kept, in milliseconds; null or 0 for not at all.</summary>
    public long? CacheTtlMilliseconds { get; init; }

    /// <summary>Five refreshes in a row have failed (one, when it refreshes once).</summary>
    public bool InRepeatedErrorState { get; init; }

    /// <summary>Documents it holds; those that others hold too are counted.</summary>
    public long DocumentCount { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its settings were last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Who made it.</summary>
    public required long CreatedBy { get; init; }

    /// <summary>The same person's uuid.</summary>
    public required Guid CreatedByUuid { get; init; }

    /// <summary>When a refresh or reindex last ended well; null for never.</summary>
    public DateTimeOffset? LastSuccessAt { get; init; }

    /// <summary>When a prune last ended well; null for never.</summary>
    public DateTimeOffset? LastPrunedAt { get; init; }

    /// <summary>When the next refresh is due; null when none is.</summary>
    public DateTimeOffset? NextRefreshAt { get; init; }

    /// <summary>When the next prune is due; null when none is.</summary>
    public DateTimeOffset? NextPruneAt { get; init; }

    /// <summary>What last went wrong with it as a whole; null when the last run ended well.</summary>
    public string? LastError { get; init; }
}

/// <summary>Where a connector is in its life.</summary>
public enum ConnectorStatus
{
    /// <summary>Made; its first run has not begun.</summary>
    Scheduled,

    /// <summary>Its first run goes on, or has not ended well yet.</summary>
    InitialIndexing,

    /// <summary>It has read its source at least once and stays fresh.</summary>
    Active,

    /// <summary>A person has paused it: nothing runs.</summary>
    Paused,

    /// <summary>Five checks in a row have failed: nothing runs until its settings change.</summary>
    Invalid,

    /// <summary>It is being deleted.</summary>
    Deleting,
}
