using System.Text.Json;
using Tributary.Engine.Connectors;
using Tributary.Engine.Custom;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Models;

/// <summary>
/// Models as their users handle them; the same promises as <see cref="IConnectorService"/>. Refusals carry the Cargo
/// dialect's names in <see cref="EngineException.Reason"/>.
/// </summary>
public interface IModelService
{
    /// <summary>The workspace's own dataset, then each connector's.</summary>
    Task<IReadOnlyList<Dataset>> ListDatasetsAsync(Caller caller, CancellationToken cancellationToken);

    /// <summary>One dataset. NotFound <c>datasetNotFound</c>.</summary>
    Task<Dataset> GetDatasetAsync(Caller caller, Guid uuid, CancellationToken cancellationToken);

    /// <summary>All models, in order of creation.</summary>
    Task<IReadOnlyList<Model>> ListAsync(Caller caller, CancellationToken cancellationToken);

    /// <summary>One model. NotFound <c>modelNotFound</c>, or <c>datasetNotFound</c> when its connector is being deleted.</summary>
    Task<Model> GetAsync(Caller caller, Guid uuid, CancellationToken cancellationToken);

    /// <summary>Validates, sets up at the source what pushes, stores, and queues the first run where the extractor wants one.</summary>
    Task<Model> CreateAsync(Caller caller, ModelDraft draft, CancellationToken cancellationToken);

    /// <summary>Changes settings. Of a documents model the schedule is its connector's.</summary>
    Task<Model> UpdateAsync(Caller caller, Guid uuid, ModelChange change, CancellationToken cancellationToken);

    /// <summary>Reads a model now; one that is not read by us is left as it is. Conflict <c>alreadySyncing</c>.</summary>
    Task<Model> RefreshAsync(Caller caller, Guid uuid, CancellationToken cancellationToken);

    /// <summary>Removes a model; a run clears what it held.</summary>
    Task RemoveAsync(Caller caller, Guid uuid, CancellationToken cancellationToken);

    /// <summary>Whether a dataset of the workspace has a model of this slug.</summary>
    Task<bool> ExistsAsync(Caller caller, Guid dataset, string slug, CancellationToken cancellationToken);

    /// <summary>A first page of what an extractor would give; nothing is stored.</summary>
    Task<ExtractorPage> PreviewAsync(
        Caller caller,
        Guid dataset,
        string extractor,
        JsonElement config,
        CancellationToken cancellationToken
    );

    /// <summary>How many records an extractor would give.</summary>
    Task<long> PreviewCountAsync(
        Caller caller,
        Guid dataset,
        string extractor,
        JsonElement config,
        CancellationToken cancellationToken
    );

    /// <summary>Queues a run that fills a model.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="uuid">The model.</param>
    /// <param name="isReset">Forget the position and read everything again.</param>
    /// <param name="isForced">Also when the extractor's least interval has not gone by.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<ModelRun> StartRunAsync(
        Caller caller,
        Guid uuid,
        bool isReset,
        bool isForced,
        CancellationToken cancellationToken
    );

    /// <summary>Runs that fill models, newest first.</summary>
    Task<IReadOnlyList<ModelRun>> ListRunsAsync(
        Caller caller,
        Guid? model,
        IReadOnlyCollection<Runs.RunState> states,
        int limit,
        int offset,
        CancellationToken cancellationToken
    );

    /// <summary>Ends a run at its next commit. NotFound <c>runNotFound</c>, Conflict <c>runAlreadyFinished</c>.</summary>
    Task CancelRunAsync(Caller caller, Guid uuid, CancellationToken cancellationToken);
}

/// <summary>What a new model is made of, not validated yet.</summary>
public sealed record ModelDraft
{
    public required string Slug { get; init; }
    public required string Name { get; init; }
    public required Guid DatasetUuid { get; init; }
    public required string ExtractorSlug { get; init; }
    public required JsonElement Config { get; init; }
    public string? Description { get; init; }

    /// <summary>See <see cref="Model.Schedule"/>.</summary>
    public string? Schedule { get; init; }
}

/// <summary>What to change of a model; members that are not set stay as they are.</summary>
public sealed record ModelChange
{
    public string? Name { get; init; }
    public string? ExtractorSlug { get; init; }
    public Change<string?>? Description { get; init; }
    public (double X, double Y)? Position { get; init; }
    public JsonElement? Config { get; init; }
    public Change<JsonElement?>? Unification { get; init; }
    public Change<string?>? Schedule { get; init; }
}
