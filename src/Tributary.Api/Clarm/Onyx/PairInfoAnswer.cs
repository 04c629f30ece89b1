using Tributary.Api.Http;
using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;
using Tributary.Engine.Workspaces;

namespace Tributary.Api.Clarm.Onyx;

/// <summary>Everything about a pair: Onyx's CCPairFullInfo. What is about permission syncs is empty: there are none.</summary>
internal sealed record PairInfoAnswer
{
    public required long Id { get; init; }
    public required string Name { get; init; }
    public required ConnectorStatus Status { get; init; }
    public required bool InRepeatedErrorState { get; init; }
    public required long NumDocsIndexed { get; init; }
    public required ConnectorSnapshot Connector { get; init; }
    public required CredentialSnapshot Credential { get; init; }
    public required long NumberOfIndexAttempts { get; init; }
    public required string? LastIndexAttemptStatus { get; init; }
    public required DeletionAttemptAnswer? LatestDeletionAttempt { get; init; }
    public string AccessType { get; init; } = "public";
    public required bool IsEditableForCurrentUser { get; init; }
    public required string? DeletionFailureMessage { get; init; }
    public required bool Indexing { get; init; }
    public required Guid Creator { get; init; }
    public string? CreatorEmail { get; init; }
    public required DateTimeOffset? LastIndexed { get; init; }
    public required DateTimeOffset? LastPruned { get; init; }
    public DateTimeOffset? LastFullPermissionSync { get; init; }

    /// <summary>Documents a minute since it was created.</summary>
    public required double? OverallIndexingSpeed { get; init; }
    public required string? LatestCheckpointDescription { get; init; }
    public string? LastPermissionSyncAttemptStatus { get; init; }
    public bool PermissionSyncing { get; init; }
    public DateTimeOffset? LastPermissionSyncAttemptFinished { get; init; }
    public string? LastPermissionSyncAttemptErrorMessage { get; init; }
    public bool SupportsTargetedReindex { get; init; }

    public static async Task<PairInfoAnswer> OfAsync(Exchange exchange, ConnectorOverview overview)
    {
        var connector = overview.Connector;
        var latest = overview.CurrentRun ?? overview.LastRun;
        var deletion = latest is { Kind: RunKind.Delete } ? latest : null;
        var age = exchange.Get<TimeProvider>().GetUtcNow() - connector.CreatedAt;
        return new PairInfoAnswer
        {
            Id = connector.Id,
            Name = connector.Name,
            Status = connector.Status,
            InRepeatedErrorState = connector.InRepeatedErrorState,
            NumDocsIndexed = connector.DocumentCount,
            Connector = ConnectorSnapshot.Of(connector, exchange.Get<IIntegrationCatalog>()),
            Credential = await CredentialSnapshot.OfAsync(exchange, connector),
            NumberOfIndexAttempts = await exchange
                .Get<IRunService>()
                .CountAsync(exchange.Caller, connector.Id, exchange.Aborted),
            LastIndexAttemptStatus = latest is null ? null : AttemptAnswer.StatusOf(latest.State),
            LatestDeletionAttempt = deletion is null
                ? null
                : new DeletionAttemptAnswer(connector.Id, connector.CredentialId, TaskStatusOf(deletion.State)),
            IsEditableForCurrentUser = exchange.Caller.Role >= Role.Editor,
            DeletionFailureMessage = deletion?.Error,
            Indexing = overview.CurrentRun is { State: RunState.Running, Kind: RunKind.Refresh or RunKind.Reindex },
            Creator = connector.CreatedByUuid,
            LastIndexed = connector.LastSuccessAt,
            LastPruned = connector.LastPrunedAt,
            OverallIndexingSpeed = age > TimeSpan.Zero ? connector.DocumentCount / age.TotalMinutes : null,
            LatestCheckpointDescription = overview.CurrentRun?.CurrentItem,
        };
    }

    private static string TaskStatusOf(RunState state) =>
        state switch
        {
            RunState.Queued => "PENDING",
            RunState.Running => "STARTED",
            RunState.Succeeded => "SUCCESS",
            _ => "FAILURE",
        };
}

/// <summary>How the deletion of a pair stands.</summary>
internal sealed record DeletionAttemptAnswer(long ConnectorId, long CredentialId, string Status);
