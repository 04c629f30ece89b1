using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Engine.Catalog;
using Tributary.Engine.Connectors;
using Tributary.Engine.Custom;
using Tributary.Engine.Runs;
using Tributary.Engine.Scheduling;
using Tributary.Engine.Store;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Models;

/// <inheritdoc cref="IModelService"/>
internal sealed class ModelService(
    IModelStore store,
    IConnectorStore connectors,
    ModelContext context,
    ModelRuns modelRuns,
    ModelPreview preview,
    IExtractorClient extractors,
    ModelHooks hooks,
    RunRegistry registry,
    IRunScheduler scheduler,
    TimeProvider time
) : IModelService
{
    public async Task<IReadOnlyList<Dataset>> ListDatasetsAsync(Caller caller, CancellationToken cancellationToken)
    {
        var own = await store.FindDefaultDatasetAsync(caller.WorkspaceId, cancellationToken).ConfigureAwait(false);
        var result = new List<Dataset> { own };
        const int Page = 500;
        IReadOnlyList<ConnectorOverview> page;
        var after = 0L;
        do
        {
            page = await connectors
                .ListAsync(caller.WorkspaceId, new ConnectorFilter(), after, Page, cancellationToken)
                .ConfigureAwait(false);
            result.AddRange(
                page.Select(overview => overview.Connector)
                    .Where(connector => connector.Status != ConnectorStatus.Deleting)
                    .Select(connector => new Dataset(connector.DatasetUuid, connector.Slug, connector))
            );
            after = page.Count > 0 ? page[^1].Connector.Id : after;
        } while (page.Count == Page);

        return result;
    }

    public Task<Dataset> GetDatasetAsync(Caller caller, Guid uuid, CancellationToken cancellationToken) =>
        context.DatasetAsync(caller.WorkspaceId, uuid, cancellationToken);

    public Task<IReadOnlyList<Model>> ListAsync(Caller caller, CancellationToken cancellationToken) =>
        store.ListAsync(caller.WorkspaceId, cancellationToken);

    public Task<Model> GetAsync(Caller caller, Guid uuid, CancellationToken cancellationToken) =>
        context.ModelAsync(caller.WorkspaceId, uuid, cancellationToken);

    public Task<bool> ExistsAsync(Caller caller, Guid dataset, string slug, CancellationToken cancellationToken) =>
        store.ExistsAsync(caller.WorkspaceId, dataset, slug, cancellationToken).AsTask();

    public async Task<Model> CreateAsync(Caller caller, ModelDraft draft, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Editor);
        ModelRules.DemandShape(draft.Slug, draft.Name, draft.Config);
        var dataset = await context
            .DatasetAsync(caller.WorkspaceId, draft.DatasetUuid, cancellationToken)
            .ConfigureAwait(false);
        var (kind, extractor) = await KindAsync(dataset, draft.ExtractorSlug, cancellationToken).ConfigureAwait(false);
        ModelRules.DemandConfig(draft.Config, extractor.Config.JsonSchema);
        var schedule = ModelRules.ReadSchedule(draft.Schedule, extractor.Mode);
        if (
            await store
                .ExistsAsync(caller.WorkspaceId, dataset.Uuid, draft.Slug, cancellationToken)
                .ConfigureAwait(false)
        )
        {
            throw ModelRules.DuplicateSlug(draft.Slug);
        }

        var now = time.GetUtcNow();
        var uuid = Guid.NewGuid();
        var config = draft.Config;
        var isHook = dataset.Connector is not null && extractor.Mode is { IsFetch: false, AutoIngest: true };
        var call = new ExtractorCall(dataset.Connector!, draft.ExtractorSlug, uuid, config);
        if (isHook)
        {
            config = Merge(config, await extractors.CreateAsync(call, cancellationToken).ConfigureAwait(false));
        }

        var starts = extractor.Mode.IsFetch && (kind == ModelKind.Documents || extractor.Mode.AutoFetch);
        var model = new NewModel
        {
            Uuid = uuid,
            WorkspaceId = caller.WorkspaceId,
            DatasetUuid = dataset.Uuid,
            ConnectorId = dataset.Connector?.Id,
            Kind = kind,
            Slug = draft.Slug,
            Name = draft.Name,
            Description = draft.Description,
            ExtractorSlug = draft.ExtractorSlug,
            Config = config,
            Schedule = draft.Schedule,
            NextRunAt = starts ? null : schedule?.Next(now),
            FirstRun = starts
                ? new NewRun(Guid.NewGuid(), caller.WorkspaceId, dataset.Connector!.Id, RunKind.Refresh, "start", now)
                : null,
            Now = now,
            Audit = Audit(caller, "model.create", draft.Slug),
        };
        Model made;
        try
        {
            made = await store.InsertAsync(model, cancellationToken).ConfigureAwait(false);
        }
        catch (EngineException) when (isHook)
        {
            // Somebody else took the slug meanwhile: nothing of this one stays behind at the source.
            await extractors.RemoveAsync(call with { Config = config }, cancellationToken).ConfigureAwait(false);
            throw;
        }

        await WakeAsync(made, cancellationToken).ConfigureAwait(false);
        return made;
    }

    public async Task<Model> UpdateAsync(
        Caller caller,
        Guid uuid,
        ModelChange change,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Editor);
        ModelRules.DemandShape(slug: null, change.Name, change.Config);
        var model = await context.ModelAsync(caller.WorkspaceId, uuid, cancellationToken).ConfigureAwait(false);
        ModelRules.DemandSameExtractor(model, change.ExtractorSlug);
        var source = await context.SourceAsync(model, cancellationToken).ConfigureAwait(false);
        var extractor = source?.Extractor ?? NativeExtractor.Description;
        var now = time.GetUtcNow();
        var schedule = ModelRules.ReadSchedule(change.Schedule?.Value, extractor.Mode);
        var config = change.Config;
        if (config is { } sent)
        {
            ModelRules.DemandConfig(sent, extractor.Config.JsonSchema);
            if (source is { } at && extractor.Mode is { IsFetch: false, AutoIngest: true })
            {
                var call = new ExtractorCall(at.Connector, model.ExtractorSlug, model.Uuid, sent);
                config = Merge(sent, await extractors.UpdateAsync(call, cancellationToken).ConfigureAwait(false));
            }
        }

        var updated =
            await store
                .UpdateAsync(
                    new ModelUpdate
                    {
                        Model = model,
                        Name = change.Name,
                        Description = change.Description,
                        Position = change.Position,
                        Config = config,
                        Unification = change.Unification,
                        Schedule = change.Schedule,
                        NextRunAt = schedule?.Next(
                            schedule.EverySeconds is null ? now : model.LastRun?.FinishedAt ?? now
                        ),
                        Now = now,
                        Audit = Audit(caller, "model.update", model.Slug),
                    },
                    cancellationToken
                )
                .ConfigureAwait(false)
            ?? throw EngineException.NotFound($"Model {uuid} does not exist.", "modelNotFound");
        if (config is not null && model.Kind == ModelKind.Records && extractor.Mode.IsFetch)
        {
            // Another config may see other content: everything is read again with it.
            await modelRuns.EnqueueAsync(caller, updated, RunKind.Reindex, cancellationToken).ConfigureAwait(false);
            registry.Stop(model.ConnectorId!.Value, model.LastRun?.Id ?? 0);
        }

        await WakeAsync(updated, cancellationToken).ConfigureAwait(false);
        return updated;
    }

    public async Task<Model> RefreshAsync(Caller caller, Guid uuid, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Editor);
        var model = await context.ModelAsync(caller.WorkspaceId, uuid, cancellationToken).ConfigureAwait(false);
        var source = await context.SourceAsync(model, cancellationToken).ConfigureAwait(false);
        if (source is not { Extractor.Mode.IsFetch: true })
        {
            return model;
        }

        if (model.LastRun is { State: RunState.Queued or RunState.Running } open)
        {
            throw new EngineException(
                RefusalKind.Conflict,
                $"Run {open.Uuid} of this model is already going on.",
                "alreadySyncing"
            );
        }

        if (model.IsPaused)
        {
            throw new EngineException(
                RefusalKind.Rejected,
                "The connector of this model is paused or invalid: resume it first.",
                "failedToSyncFromClient"
            );
        }

        await modelRuns.EnqueueAsync(caller, model, RunKind.Refresh, cancellationToken).ConfigureAwait(false);
        return await context.ModelAsync(caller.WorkspaceId, uuid, cancellationToken).ConfigureAwait(false);
    }

    public async Task RemoveAsync(Caller caller, Guid uuid, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Editor);
        var model = await context.ModelAsync(caller.WorkspaceId, uuid, cancellationToken).ConfigureAwait(false);
        var now = time.GetUtcNow();
        var connector = model.ConnectorId is { } id
            ? await connectors.FindAsync(model.WorkspaceId, id, cancellationToken).ConfigureAwait(false)
            : null;
        var clear = connector is null
            ? null
            : new NewRun(Guid.NewGuid(), model.WorkspaceId, connector.Id, RunKind.Clear, caller.Name, now)
            {
                ModelId = model.Id,
            };
        if (connector is not null && await hooks.IsHookAsync(model, cancellationToken).ConfigureAwait(false))
        {
            var call = new ExtractorCall(connector, model.ExtractorSlug, model.Uuid, model.Config);
            await extractors.RemoveAsync(call, cancellationToken).ConfigureAwait(false);
        }

        var audit = Audit(caller, "model.remove", model.Slug);
        if (!await store.RemoveAsync(model, clear, now, audit, cancellationToken).ConfigureAwait(false))
        {
            throw EngineException.NotFound($"Model {uuid} does not exist.", "modelNotFound");
        }

        if (model.LastRun is { State: RunState.Running } going)
        {
            registry.Stop(going.ConnectorId, going.Id);
        }

        await WakeAsync(model, cancellationToken).ConfigureAwait(false);
    }

    public Task<ExtractorPage> PreviewAsync(
        Caller caller,
        Guid dataset,
        string extractor,
        JsonElement config,
        CancellationToken cancellationToken
    ) => preview.RecordsAsync(caller, dataset, extractor, config, cancellationToken);

    public Task<long> PreviewCountAsync(
        Caller caller,
        Guid dataset,
        string extractor,
        JsonElement config,
        CancellationToken cancellationToken
    ) => preview.CountAsync(caller, dataset, extractor, config, cancellationToken);

    public Task<ModelRun> StartRunAsync(
        Caller caller,
        Guid uuid,
        bool isReset,
        bool isForced,
        CancellationToken cancellationToken
    ) => modelRuns.StartAsync(caller, uuid, isReset, isForced, cancellationToken);

    public Task<IReadOnlyList<ModelRun>> ListRunsAsync(
        Caller caller,
        Guid? model,
        IReadOnlyCollection<RunState> states,
        int limit,
        int offset,
        CancellationToken cancellationToken
    ) => store.ListRunsAsync(caller.WorkspaceId, model, states, limit, offset, cancellationToken);

    public Task CancelRunAsync(Caller caller, Guid uuid, CancellationToken cancellationToken) =>
        modelRuns.CancelAsync(caller, uuid, cancellationToken);

    /// <summary>What a dataset's model of this extractor would be.</summary>
    private async Task<(ModelKind Kind, ExtractorDescription Extractor)> KindAsync(
        Dataset dataset,
        string extractor,
        CancellationToken cancellationToken
    )
    {
        if (dataset.Connector is not { } connector)
        {
            return extractor == NativeExtractor.Slug
                ? (ModelKind.Native, NativeExtractor.Description)
                : throw new EngineException(
                    RefusalKind.Rejected,
                    $"The dataset 'default' belongs to no connector: its models are of the extractor '{NativeExtractor.Slug}'.",
                    "modelNotCompatible"
                );
        }

        var description = await context.ExtractorAsync(connector, extractor, cancellationToken).ConfigureAwait(false);
        var isCustom = await context.IsCustomAsync(connector, cancellationToken).ConfigureAwait(false);
        return (isCustom ? ModelKind.Records : ModelKind.Documents, description);
    }

    private Task WakeAsync(Model model, CancellationToken cancellationToken) =>
        model.ConnectorId is { } id ? scheduler.WakeAsync(id, cancellationToken) : Task.CompletedTask;

    private static JsonElement Merge(JsonElement config, JsonElement? extra)
    {
        if (extra is not { ValueKind: JsonValueKind.Object } more)
        {
            return config;
        }

        var merged = JsonObject.Create(config)!;
        foreach (var member in more.EnumerateObject())
        {
            merged[member.Name] = JsonSerializer.SerializeToNode(member.Value);
        }

        return JsonSerializer.SerializeToElement(merged);
    }

    private AuditDraft Audit(Caller caller, string action, string slug) =>
        new(caller.WorkspaceId, time.GetUtcNow(), caller.Name, action, $"model \"{slug}\"");
}
