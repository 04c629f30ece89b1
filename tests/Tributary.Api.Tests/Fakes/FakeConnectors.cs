using System.Text.Json;
using Tributary.Engine;
using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;
using Tributary.Engine.Workspaces;
using Tributary.Sdk;
using Tributary.Sdk.Settings;

namespace Tributary.Api.Tests.Fakes;

/// <summary>Connectors in memory. A base_url with "refused" fails its check; files named "bad…" cannot be read.</summary>
internal sealed class FakeConnectors(FakeEngine engine) : IConnectorService
{
    public Task<Connector> CreateAsync(Caller caller, ConnectorDraft draft, CancellationToken cancellationToken)
    {
        engine.Demand(caller, Role.Editor);
        var integration = engine.Catalog.Find(draft.IntegrationSlug)!;
        if (integration.Manifest.Kind == IntegrationKind.Pull)
        {
            Validate(integration, draft.Config, draft.Credentials);
        }

        if (
            engine.Connectors.Values.Any(known =>
                known.Name == draft.Name && known.IntegrationSlug == draft.IntegrationSlug
            )
        )
        {
            throw new EngineException(
                RefusalKind.Rejected,
                "Connector by this name already exists, duplicate naming not allowed."
            );
        }

        var id = engine.NextId();
        var now = engine.Time.GetUtcNow();
        engine.Credentials[id] = draft.Credentials.GetRawText();
        var connector = engine.Connectors[id] = new Connector
        {
            Id = id,
            Uuid = Guid.NewGuid(),
            DatasetUuid = Guid.NewGuid(),
            WorkspaceId = caller.WorkspaceId,
            Name = draft.Name,
            Slug = draft.Name,
            IntegrationSlug = draft.IntegrationSlug,
            Config = draft.Config.Clone(),
            CredentialId = engine.NextId(),
            Status = ConnectorStatus.Scheduled,
            RefreshFreq = draft.RefreshFreq,
            PruneFreq = draft.PruneFreq,
            CreatedAt = now,
            UpdatedAt = now,
            CreatedBy = caller.UserId,
            CreatedByUuid = caller.UserUuid,
        };
        if (integration.Manifest.Kind == IntegrationKind.Pull)
        {
            Read(connector);
        }

        return Task.FromResult(connector);
    }

    public Task<Connector> GetAsync(Caller caller, long id, CancellationToken cancellationToken) =>
        Task.FromResult(engine.Connector(caller, id));

    public Task<Connector> GetAsync(Caller caller, Guid uuid, CancellationToken cancellationToken) =>
        Task.FromResult(
            engine.Connectors.Values.FirstOrDefault(connector =>
                connector.WorkspaceId == caller.WorkspaceId && connector.Uuid == uuid
            ) ?? throw EngineException.NotFound($"There is no connector {uuid}.", "connectorNotFound")
        );

    public ValueTask<bool> IsSlugTakenAsync(Caller caller, string slug, CancellationToken cancellationToken) =>
        new(engine.Connectors.Values.Any(connector => connector.Slug == slug));

    public Task<IReadOnlyDictionary<long, long>> CountModelsAsync(Caller caller, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<long, long>>(new Dictionary<long, long>());

    public async ValueTask<JsonElement?> GetMaskedSettingsAsync(
        Caller caller,
        Connector connector,
        CancellationToken cancellationToken
    ) => await GetMaskedCredentialsAsync(caller, connector.Id, cancellationToken);

    public Task<Run> DeleteUnusedAsync(Caller caller, long id, CancellationToken cancellationToken) =>
        DeleteAsync(caller, id, cancellationToken);

    public Task<ConnectorOverview> GetOverviewAsync(Caller caller, long id, CancellationToken cancellationToken) =>
        Task.FromResult(Overview(engine.Connector(caller, id)));

    public Task<IReadOnlyList<ConnectorOverview>> ListAsync(
        Caller caller,
        ConnectorFilter filter,
        long afterId,
        int limit,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<ConnectorOverview>>([
            .. engine
                .Connectors.Values.Where(connector =>
                    connector.WorkspaceId == caller.WorkspaceId
                    && connector.Id > afterId
                    && (filter.IntegrationSlug is null || connector.IntegrationSlug == filter.IntegrationSlug)
                    && (filter.Name is null || connector.Name.Contains(filter.Name, StringComparison.OrdinalIgnoreCase))
                    && (filter.Status is null || connector.Status == filter.Status)
                )
                .OrderBy(connector => connector.Id)
                .Take(limit)
                .Select(Overview),
        ]);

    public Task<Connector> UpdateAsync(
        Caller caller,
        long id,
        ConnectorChange change,
        CancellationToken cancellationToken
    )
    {
        engine.Demand(caller, Role.Editor);
        var connector = engine.Connector(caller, id);
        var integration = engine.Catalog.Find(connector.IntegrationSlug)!;
        if (change.Config is { } config && integration.Manifest.Kind == IntegrationKind.Pull)
        {
            Validate(integration, config, JsonElement.Parse(engine.Credentials[id]));
        }

        if (change.Credentials is { } credentials)
        {
            engine.Credentials[id] = credentials.GetRawText();
        }

        return Task.FromResult(
            engine.Connectors[id] = connector with
            {
                Name = change.Name ?? connector.Name,
                Config = change.Config?.Clone() ?? connector.Config,
                RefreshFreq = change.RefreshFreq is { } refresh ? refresh.Value : connector.RefreshFreq,
                PruneFreq = change.PruneFreq is { } prune ? prune.Value : connector.PruneFreq,
            }
        );
    }

    public Task<JsonElement> GetMaskedCredentialsAsync(Caller caller, long id, CancellationToken cancellationToken)
    {
        engine.Connector(caller, id);
        var masked = JsonElement
            .Parse(engine.Credentials[id])
            .EnumerateObject()
            .ToDictionary(member => member.Name, _ => "••••••••••••");
        return Task.FromResult(JsonSerializer.SerializeToElement(masked));
    }

    public Task<Connector> PauseAsync(Caller caller, long id, CancellationToken cancellationToken) =>
        SetStatus(caller, id, ConnectorStatus.Paused);

    public Task<Connector> ResumeAsync(Caller caller, long id, CancellationToken cancellationToken) =>
        SetStatus(caller, id, ConnectorStatus.Active);

    public Task<Run> DeleteAsync(Caller caller, long id, CancellationToken cancellationToken)
    {
        SetStatus(caller, id, ConnectorStatus.Deleting);
        engine.Connectors.TryRemove(id, out _);
        return Task.FromResult(engine.AddRun(id, RunKind.Delete, RunState.Queued));
    }

    private Task<Connector> SetStatus(Caller caller, long id, ConnectorStatus status)
    {
        engine.Demand(caller, Role.Editor);
        return Task.FromResult(engine.Connectors[id] = engine.Connector(caller, id) with { Status = status });
    }

    private ConnectorOverview Overview(Connector connector)
    {
        var runs = engine.Runs.Values.Where(run => run.ConnectorId == connector.Id).ToList();
        return new ConnectorOverview(
            connector,
            runs.Where(run => run.FinishedAt is null).MaxBy(run => run.Id),
            runs.Where(run => run.FinishedAt is not null).MaxBy(run => run.Id),
            engine.Failures.Values.Count(failure => failure.ConnectorId == connector.Id && failure.ResolvedAt is null)
        );
    }

    private static void Validate(Integration integration, JsonElement config, JsonElement credentials)
    {
        var problems = new List<SettingsProblem>();
        var all = new List<SettingsProblem>();
        SettingsReader.Read(integration.ConfigType, config, UnknownMembers.Refused, problems);
        all.AddRange(problems.Select(problem => problem.Under("config")));
        problems.Clear();
        SettingsReader.Read(integration.CredentialsType, credentials, UnknownMembers.Refused, problems);
        all.AddRange(problems.Select(problem => problem.Under("credentials")));
        if (all.Count > 0)
        {
            throw new EngineException(all);
        }

        if (config.TryGetProperty("base_url", out var url) && url.GetString()!.Contains("refused"))
        {
            throw new EngineException(RefusalKind.Rejected, "Connector validation error: the site refused.");
        }
    }

    private void Read(Connector connector)
    {
        var names =
            connector.Config.TryGetProperty("file_names", out var list) && list.ValueKind == JsonValueKind.Array
                ? list.EnumerateArray().Select(name => name.GetString()!).ToList()
                : ["page"];
        var bad = names.Where(name => name.StartsWith("bad", StringComparison.Ordinal)).ToList();
        var good = names.Count - bad.Count;
        var run = engine.AddRun(
            connector.Id,
            RunKind.Refresh,
            bad.Count == 0 ? RunState.Succeeded : RunState.SucceededWithFailures,
            new RunCounts(Read: names.Count, Added: good, Failed: bad.Count, Chunks: good * 3)
        );
        foreach (var name in bad)
        {
            var id = engine.NextId();
            var now = engine.Time.GetUtcNow();
            engine.Failures[id] = new DocumentFailure(
                id,
                connector.Id,
                run.Id,
                name,
                null,
                "damaged",
                1,
                now,
                now,
                null
            );
        }

        engine.Connectors[connector.Id] = connector with { DocumentCount = good, Status = ConnectorStatus.Active };
    }
}
