using System.Text.Json;
using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;

namespace Tributary.Engine.Models;

/// <summary>Models, what people added to them, and the runs that fill them. Every look-up names the workspace, but for those of runs.</summary>
public interface IModelStore
{
    /// <summary>All of a workspace, in order of creation.</summary>
    Task<IReadOnlyList<Model>> ListAsync(long workspaceId, CancellationToken cancellationToken);

    /// <summary>One; null when it is not in the workspace, or was removed.</summary>
    ValueTask<Model?> FindAsync(long workspaceId, Guid uuid, CancellationToken cancellationToken);

    /// <summary>One by its key, removed or not; null when its connector is gone too.</summary>
    ValueTask<Model?> FindAsync(long id, CancellationToken cancellationToken);

    /// <summary>One by the names that it has in SQL (<c>-</c> written as <c>_</c>, without regard to case); null when there is none.</summary>
    ValueTask<Model?> FindByTableAsync(
        long workspaceId,
        string dataset,
        string model,
        CancellationToken cancellationToken
    );

    /// <summary>Whether a dataset has a model of this slug.</summary>
    ValueTask<bool> ExistsAsync(long workspaceId, Guid dataset, string slug, CancellationToken cancellationToken);

    /// <summary>The dataset; null when it is not in the workspace, or its connector is being deleted.</summary>
    ValueTask<Dataset?> FindDatasetAsync(long workspaceId, Guid uuid, CancellationToken cancellationToken);

    /// <summary>The workspace's own dataset.</summary>
    ValueTask<Dataset> FindDefaultDatasetAsync(long workspaceId, CancellationToken cancellationToken);

    /// <summary>Stores a model and its first run, and sets its connector's schedule where it holds the documents, in one transaction.</summary>
    /// <exception cref="EngineException">Conflict <c>duplicateSlug</c>; Rejected <c>modelNotCompatible</c> for a second documents model.</exception>
    Task<Model> InsertAsync(NewModel model, CancellationToken cancellationToken);

    /// <summary>Changes settings; null members stay. Null when it is not in the workspace.</summary>
    Task<Model?> UpdateAsync(ModelUpdate update, CancellationToken cancellationToken);

    /// <summary>Removes a model, ends what reads it at once, and queues the run that clears what it held. False when it is not in the workspace.</summary>
    Task<bool> RemoveAsync(
        Model model,
        NewRun? clear,
        DateTimeOffset now,
        AuditDraft audit,
        CancellationToken cancellationToken
    );

    /// <summary>Changes the columns that people added, under a lock. Null when the model is not in the workspace.</summary>
    /// <param name="workspaceId">The workspace.</param>
    /// <param name="uuid">The model.</param>
    /// <param name="change">From the stored array to the one to store; may throw.</param>
    /// <param name="now">The time of the change.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<Model?> ChangeColumnsAsync(
        long workspaceId,
        Guid uuid,
        Func<Model, JsonElement> change,
        DateTimeOffset now,
        CancellationToken cancellationToken
    );

    /// <summary>Runs that fill models, newest first.</summary>
    Task<IReadOnlyList<ModelRun>> ListRunsAsync(
        long workspaceId,
        Guid? model,
        IReadOnlyCollection<RunState> states,
        int limit,
        int offset,
        CancellationToken cancellationToken
    );

    /// <summary>One run that fills a model; null when there is none in the workspace.</summary>
    ValueTask<ModelRun?> FindRunAsync(long workspaceId, Guid uuid, CancellationToken cancellationToken);

    /// <summary>Relationships of a workspace, in order of creation.</summary>
    Task<IReadOnlyList<Relationship>> ListRelationshipsAsync(long workspaceId, CancellationToken cancellationToken);

    /// <summary>Replaces the relationships of a dataset.</summary>
    Task ReplaceRelationshipsAsync(
        long workspaceId,
        Guid dataset,
        IReadOnlyList<Relationship> relationships,
        CancellationToken cancellationToken
    );
}

/// <summary>What holds models.</summary>
/// <param name="Uuid">Its id.</param>
/// <param name="Slug">Its connector's slug, or <c>default</c>.</param>
/// <param name="Connector">Its connector; null for the workspace's own.</param>
public sealed record Dataset(Guid Uuid, string Slug, Connector? Connector);

/// <summary>A run with the model that it fills.</summary>
public sealed record ModelRun(Run Run, Guid ModelUuid);

/// <summary>What is inserted.</summary>
public sealed record NewModel
{
    public required Guid Uuid { get; init; }
    public required long WorkspaceId { get; init; }
    public required Guid DatasetUuid { get; init; }
    public required long? ConnectorId { get; init; }
    public required ModelKind Kind { get; init; }
    public required string Slug { get; init; }
    public required string Name { get; init; }
    public string? Description { get; init; }
    public required string ExtractorSlug { get; init; }
    public required JsonElement Config { get; init; }
    public string? Schedule { get; init; }

    /// <summary>When its schedule first reads it; null when a run is queued at once, or never.</summary>
    public DateTimeOffset? NextRunAt { get; init; }

    /// <summary>Its first run; null when none is to be queued.</summary>
    public NewRun? FirstRun { get; init; }
    public required DateTimeOffset Now { get; init; }
    public required AuditDraft Audit { get; init; }
}

/// <summary>What is changed; null members stay.</summary>
public sealed record ModelUpdate
{
    public required Model Model { get; init; }
    public string? Name { get; init; }
    public Change<string?>? Description { get; init; }
    public (double X, double Y)? Position { get; init; }
    public JsonElement? Config { get; init; }
    public Change<JsonElement?>? Unification { get; init; }
    public Change<string?>? Schedule { get; init; }

    /// <summary>When the new schedule next reads it; taken when <see cref="Schedule"/> is set.</summary>
    public DateTimeOffset? NextRunAt { get; init; }
    public required DateTimeOffset Now { get; init; }
    public required AuditDraft Audit { get; init; }
}

/// <summary>How two models belong together.</summary>
public sealed record Relationship
{
    public required Guid Uuid { get; init; }
    public required Guid DatasetUuid { get; init; }
    public required Guid FromModelUuid { get; init; }
    public required Guid ToModelUuid { get; init; }

    /// <summary>Its columns and kind, as they were sent.</summary>
    public required JsonElement Definition { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
}
