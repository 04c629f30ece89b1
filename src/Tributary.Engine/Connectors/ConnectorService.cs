using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Engine.Catalog;
using Tributary.Engine.Models;
using Tributary.Engine.OAuth;
using Tributary.Engine.Outbound;
using Tributary.Engine.Outbound.Cache;
using Tributary.Engine.Runs;
using Tributary.Engine.Scheduling;
using Tributary.Engine.Store;
using Tributary.Engine.Workspaces;
using Tributary.Sdk;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Connectors;

/// <inheritdoc cref="IConnectorService"/>
internal sealed class ConnectorService(
    IConnectorStore store,
    IConnectorUsage usage,
    IRunStore runs,
    ConnectorSettings connectorSettings,
    ConnectorClients clients,
    CredentialVault vault,
    IResponseCache cache,
    RunRegistry registry,
    IRunScheduler scheduler,
    IOAuthService oauth,
    IOutboundHttp outbound,
    ModelHooks hooks,
    TimeProvider time
) : IConnectorService
{
    private readonly ConnectorNames _names = new(store);

    public async Task<Connector> CreateAsync(Caller caller, ConnectorDraft draft, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Editor);
        ConnectorNames.Demand(draft.Name);
        draft = draft with
        {
            Credentials = await oauth
                .ResolveAsync(caller, draft.IntegrationSlug, draft.Credentials, cancellationToken)
                .ConfigureAwait(false),
        };
        if (draft.Slug is { } wanted)
        {
            await _names.DemandSlugAsync(caller, wanted, cancellationToken).ConfigureAwait(false);
        }

        var integration = connectorSettings.SlugOf(draft.IntegrationSlug);
        if (
            !draft.AllowsSameName
            && await store
                .IsTakenAsync(caller.WorkspaceId, integration, draft.Name, cancellationToken)
                .ConfigureAwait(false)
        )
        {
            throw ConnectorNames.NameTaken();
        }

        var uuid = Guid.NewGuid();
        var credential = Guid.NewGuid();
        var settings = await PrepareAsync(caller, draft, uuid, credential, cancellationToken).ConfigureAwait(false);
        var now = time.GetUtcNow();
        var (secret, keyId) = vault.Seal(settings.Secret, caller.WorkspaceId, credential);
        var starts = draft.StartNow && settings.HasRuns;
        var connector = new NewConnector
        {
            Uuid = uuid,
            WorkspaceId = caller.WorkspaceId,
            Name = draft.Name,
            AllowsSameName = draft.AllowsSameName,
            Slug =
                draft.Slug
                ?? await _names.FreeSlugAsync(caller, draft.Name, uuid, cancellationToken).ConfigureAwait(false),
            Integration = integration,
            IntegrationSent = draft.IntegrationSlug,
            Config = settings.Config,
            UsesSharedCredentials = settings.IsShared,
            CredentialUuid = credential,
            Secret = secret,
            KeyId = keyId,
            Status = settings.HasRuns ? ConnectorStatus.Scheduled : ConnectorStatus.Active,
            RefreshFreq = draft.RefreshFreq,
            PruneFreq = draft.PruneFreq,
            RateLimit = draft.RateLimit,
            CacheTtlMilliseconds = draft.CacheTtlMilliseconds,
            Now = now,
            CreatedBy = caller.UserId,
            NextPruneAt = settings.HasRuns ? Schedule.NextPrune(draft.PruneFreq, now) : null,
            DocumentsModel = starts ? Guid.NewGuid() : null,
            FirstRun = starts ? new NewRun(Guid.NewGuid(), caller.WorkspaceId, 0, RunKind.Refresh, "start", now) : null,
            Audit = Audit(caller, "connector.create", ""),
        };
        try
        {
            var made = await store.InsertAsync(connector, cancellationToken).ConfigureAwait(false);
            CountCheck(made.Id, settings);
            if (settings.HasRuns)
            {
                await scheduler.WakeAsync(made.Id, cancellationToken).ConfigureAwait(false);
            }

            return made;
        }
        catch (NameTakenException taken)
        {
            throw taken.IsSlug ? ConnectorNames.SlugTaken(connector.Slug) : ConnectorNames.NameTaken();
        }
    }

    public async Task<Connector> GetAsync(Caller caller, Guid uuid, CancellationToken cancellationToken) =>
        await store.FindAsync(caller.WorkspaceId, uuid, cancellationToken).ConfigureAwait(false)
        ?? throw EngineException.NotFound($"There is no connector {uuid}.", "connectorNotFound");

    public ValueTask<bool> IsSlugTakenAsync(Caller caller, string slug, CancellationToken cancellationToken) =>
        store.IsSlugTakenAsync(caller.WorkspaceId, slug, cancellationToken);

    public Task<IReadOnlyDictionary<long, long>> CountModelsAsync(Caller caller, CancellationToken cancellationToken) =>
        usage.CountModelsAsync(caller.WorkspaceId, cancellationToken);

    public async Task<Connector> GetAsync(Caller caller, long id, CancellationToken cancellationToken) =>
        await store.FindAsync(caller.WorkspaceId, id, cancellationToken).ConfigureAwait(false) ?? throw Missing(id);

    public async Task<ConnectorOverview> GetOverviewAsync(
        Caller caller,
        long id,
        CancellationToken cancellationToken
    ) =>
        await store.FindOverviewAsync(caller.WorkspaceId, id, cancellationToken).ConfigureAwait(false)
        ?? throw Missing(id);

    public Task<IReadOnlyList<ConnectorOverview>> ListAsync(
        Caller caller,
        ConnectorFilter filter,
        long afterId,
        int limit,
        CancellationToken cancellationToken
    ) => store.ListAsync(caller.WorkspaceId, filter, afterId, limit, cancellationToken);

    public async Task<Connector> UpdateAsync(
        Caller caller,
        long id,
        ConnectorChange change,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Editor);
        if (change.Name is { } name)
        {
            ConnectorNames.Demand(name);
        }

        DemandFrequencies(change);
        var connector = await GetAsync(caller, id, cancellationToken).ConfigureAwait(false);
        if (connector.Status == ConnectorStatus.Deleting)
        {
            throw new EngineException(RefusalKind.Conflict, $"Connector {id} is being deleted.");
        }

        if (change.Credentials is { } sent)
        {
            change = change with
            {
                Credentials = await oauth
                    .ResolveAsync(caller, connector.IntegrationSlug, sent, cancellationToken)
                    .ConfigureAwait(false),
            };
        }

        var credential = await vault.FindAsync(connector, cancellationToken).ConfigureAwait(false);
        var settings = await PrepareAsync(caller, connector, change, credential.Uuid, cancellationToken)
            .ConfigureAwait(false);
        var hasRuns =
            settings?.HasRuns
            ?? (
                (change.RefreshFreq ?? change.PruneFreq) is not null
                && await connectorSettings.HasRunsAsync(connector, cancellationToken).ConfigureAwait(false)
            );

        var isOtherSecret =
            settings is { TokensInUse: not null }
            && await HasOtherSecretAsync(connector, settings, cancellationToken).ConfigureAwait(false);
        var hasOtherContent = settings is not null && HasOtherContent(connector, settings);
        var now = time.GetUtcNow();
        try
        {
            var updated =
                await store
                    .UpdateAsync(
                        new ConnectorUpdate
                        {
                            WorkspaceId = caller.WorkspaceId,
                            Id = id,
                            Now = now,
                            Name = change.Name,
                            AllowsSameName = change.AllowsSameName,
                            Config = hasOtherContent ? settings!.Config : null,
                            Secret = settings is null
                                ? null
                                : vault.Seal(settings.Secret, caller.WorkspaceId, credential.Uuid),
                            TokensInUse = isOtherSecret ? settings!.TokensInUse : null,
                            UsesSharedCredentials = settings?.IsShared,
                            IsDefault = change.IsDefault,
                            RateLimit = change.RateLimit,
                            CacheTtlMilliseconds = change.CacheTtlMilliseconds,
                            RefreshFreq = change.RefreshFreq,
                            PruneFreq = change.PruneFreq,
                            NextRefreshAt = hasRuns
                                ? Schedule.NextRefresh(change.RefreshFreq?.Value, connector.LastSuccessAt ?? now)
                                : null,
                            NextPruneAt = hasRuns
                                ? Schedule.NextPrune(change.PruneFreq?.Value, connector.LastPrunedAt ?? now)
                                : null,
                            Audit = Audit(caller, "connector.update", $"connector {id} \"{connector.Name}\""),
                        },
                        cancellationToken
                    )
                    .ConfigureAwait(false)
                ?? throw Missing(id);
            clients.Forget(id);
            if (settings is not null)
            {
                CountCheck(id, settings);
                await cache.PurgeAsync(id, cancellationToken).ConfigureAwait(false);
            }

            if (hasOtherContent)
            {
                registry.Stop(id);
            }

            if (hasRuns && hasOtherContent && await HasBegunAsync(caller, id, cancellationToken).ConfigureAwait(false))
            {
                // A paused connector keeps it until it is resumed.
                await EnqueueAsync(caller, updated, RunKind.Refresh, cancellationToken).ConfigureAwait(false);
            }

            await scheduler.WakeAsync(id, cancellationToken).ConfigureAwait(false);
            return updated;
        }
        catch (NameTakenException)
        {
            throw ConnectorNames.NameTaken();
        }
    }

    public async Task<JsonElement> GetMaskedCredentialsAsync(
        Caller caller,
        long id,
        CancellationToken cancellationToken
    )
    {
        var connector = await GetAsync(caller, id, cancellationToken).ConfigureAwait(false);
        return (await connectorSettings.OpenMaskedAsync(connector, cancellationToken).ConfigureAwait(false)).Masked;
    }

    public async ValueTask<JsonElement?> GetMaskedSettingsAsync(
        Caller caller,
        Connector connector,
        CancellationToken cancellationToken
    )
    {
        if (connector.UsesSharedCredentials)
        {
            return null;
        }

        var stored = await connectorSettings.OpenMaskedAsync(connector, cancellationToken).ConfigureAwait(false);
        if (stored.IsCustom)
        {
            return stored.Masked;
        }

        var whole = JsonObject.Create(connector.Config) ?? [];
        whole[BuiltInDescriptions.CredentialsMember] = JsonObject.Create(stored.Masked);
        return JsonSerializer.SerializeToElement(whole);
    }

    public async Task<Connector> PauseAsync(Caller caller, long id, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Editor);
        var connector = await MoveAsync(
                caller,
                id,
                [
                    ConnectorStatus.Scheduled,
                    ConnectorStatus.InitialIndexing,
                    ConnectorStatus.Active,
                    ConnectorStatus.Invalid,
                    ConnectorStatus.Paused,
                ],
                ConnectorStatus.Paused,
                "connector.pause",
                cancellationToken
            )
            .ConfigureAwait(false);
        registry.Stop(id);
        await hooks.TellAsync(connector, isPaused: true, cancellationToken).ConfigureAwait(false);
        return connector;
    }

    public async Task<Connector> ResumeAsync(Caller caller, long id, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Editor);
        var overview = await GetOverviewAsync(caller, id, cancellationToken).ConfigureAwait(false);
        if (overview.Connector.Status is not (ConnectorStatus.Paused or ConnectorStatus.Invalid))
        {
            return overview.Connector.Status == ConnectorStatus.Deleting
                ? throw new EngineException(RefusalKind.Conflict, $"Connector {id} is being deleted.")
                : overview.Connector;
        }

        var hasRead = overview.Connector.LastSuccessAt is not null;
        var connector = await MoveAsync(
                caller,
                id,
                [ConnectorStatus.Paused, ConnectorStatus.Invalid],
                hasRead ? ConnectorStatus.Active : ConnectorStatus.Scheduled,
                "connector.resume",
                cancellationToken
            )
            .ConfigureAwait(false);
        var hasRuns = await connectorSettings.HasRunsAsync(connector, cancellationToken).ConfigureAwait(false);

        // What the pause has stopped may still be on its way to its end.
        var last = overview.CurrentRun is { State: RunState.Running } stopping ? stopping : overview.LastRun;
        var wasCutShort =
            last is
            {
                State: RunState.Interrupted or RunState.Canceled or RunState.Running,
                Kind: RunKind.Refresh or RunKind.Reindex
            };
        if (hasRuns && (last is not null && !hasRead || wasCutShort))
        {
            await EnqueueAsync(
                    caller,
                    connector,
                    last?.Kind == RunKind.Reindex ? RunKind.Reindex : RunKind.Refresh,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }

        await scheduler.WakeAsync(id, cancellationToken).ConfigureAwait(false);
        await hooks.TellAsync(connector, isPaused: false, cancellationToken).ConfigureAwait(false);
        return connector;
    }

    public Task<Run> DeleteAsync(Caller caller, long id, CancellationToken cancellationToken) =>
        DeleteAsync(caller, id, onlyUnused: false, cancellationToken);

    public async Task<Run> DeleteUnusedAsync(Caller caller, long id, CancellationToken cancellationToken)
    {
        try
        {
            return await DeleteAsync(caller, id, onlyUnused: true, cancellationToken).ConfigureAwait(false);
        }
        catch (ConnectorInUseException use)
        {
            throw new EngineException(
                RefusalKind.Conflict,
                $"{use.Models} models use this connector: remove them first.",
                "connectorIsUsedInModels"
            );
        }
    }

    private async Task<Run> DeleteAsync(Caller caller, long id, bool onlyUnused, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Editor);
        var connector = await GetAsync(caller, id, cancellationToken).ConfigureAwait(false);
        var now = time.GetUtcNow();
        var run =
            await store
                .TryDeleteAsync(
                    new NewRun(Guid.NewGuid(), caller.WorkspaceId, id, RunKind.Delete, caller.Name, now),
                    Audit(caller, "connector.delete", $"connector {id} \"{connector.Name}\""),
                    onlyUnused,
                    cancellationToken
                )
                .ConfigureAwait(false)
            ?? throw Missing(id);
        clients.Forget(id);
        registry.Stop(id);
        await scheduler.WakeAsync(id, cancellationToken).ConfigureAwait(false);
        return run;
    }

    /// <summary>Queues a read, when the connector has a documents model to be filled.</summary>
    private async Task EnqueueAsync(
        Caller caller,
        Connector connector,
        RunKind kind,
        CancellationToken cancellationToken
    )
    {
        if (await runs.HasDocumentsModelAsync(connector.Id, cancellationToken).ConfigureAwait(false))
        {
            await runs.EnqueueAsync(
                    new NewRun(Guid.NewGuid(), caller.WorkspaceId, connector.Id, kind, caller.Name, time.GetUtcNow()),
                    null,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
    }

    private async Task<Connector> MoveAsync(
        Caller caller,
        long id,
        IReadOnlyCollection<ConnectorStatus> from,
        ConnectorStatus to,
        string action,
        CancellationToken cancellationToken
    )
    {
        var connector = await GetAsync(caller, id, cancellationToken).ConfigureAwait(false);
        var audit = Audit(caller, action, $"connector {id} \"{connector.Name}\"");
        return await store
                .TryMoveAsync(caller.WorkspaceId, id, from, to, time.GetUtcNow(), audit, cancellationToken)
                .ConfigureAwait(false)
            ?? throw new EngineException(
                RefusalKind.Conflict,
                $"Connector {id} is {connector.Status.ToString().ToLowerInvariant()}."
            );
    }

    private async Task<PreparedSettings> PrepareAsync(
        Caller caller,
        ConnectorDraft draft,
        Guid uuid,
        Guid credential,
        CancellationToken cancellationToken
    )
    {
        if (draft.PrefersSharedCredentials && connectorSettings.FindOffer(draft.IntegrationSlug) is { } offer)
        {
            return await connectorSettings
                .PrepareSharedAsync(
                    caller,
                    draft.IntegrationSlug,
                    offer,
                    draft.RateLimit,
                    credential,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }

        return await connectorSettings
            .PrepareAsync(
                caller,
                draft.IntegrationSlug,
                uuid,
                draft.Config,
                draft.Credentials,
                draft.RateLimit,
                credential,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>The settings after a change; null when it changes none.</summary>
    private async Task<PreparedSettings?> PrepareAsync(
        Caller caller,
        Connector connector,
        ConnectorChange change,
        Guid credential,
        CancellationToken cancellationToken
    )
    {
        var limit = change.RateLimit is { } changed ? changed.Value : connector.RateLimit;
        if (change.ToSharedCredentials)
        {
            var offer =
                connectorSettings.FindOffer(connector.IntegrationSlug)
                ?? throw new EngineException([
                    new SettingsProblem(
                        ["config"],
                        "dict_type",
                        $"Null takes the operator's shared credentials, and none are offered for {connector.IntegrationSlug}: send an object"
                    ),
                ]);
            return await connectorSettings
                .PrepareSharedAsync(caller, connector.IntegrationSlug, offer, limit, credential, cancellationToken)
                .ConfigureAwait(false);
        }

        if (change.Config is null && change.Credentials is null)
        {
            return null;
        }

        var (config, credentials) = await connectorSettings
            .MergeAsync(connector, change, cancellationToken)
            .ConfigureAwait(false);
        return await connectorSettings
            .PrepareAsync(
                caller,
                connector.IntegrationSlug,
                connector.Uuid,
                config,
                credentials,
                limit,
                credential,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>What checking the settings took of the vendor's allowance is taken from the connector's.</summary>
    private void CountCheck(long id, PreparedSettings settings)
    {
        if (settings.CheckedWith is { } client)
        {
            outbound.Count(id, client);
        }
    }

    private async Task<bool> HasOtherSecretAsync(
        Connector connector,
        PreparedSettings settings,
        CancellationToken cancellationToken
    ) =>
        connector.UsesSharedCredentials
        || !JsonElement.DeepEquals(
            settings.Secret,
            await vault.OpenAsync(connector, cancellationToken).ConfigureAwait(false)
        );

    /// <summary>Another config, or another account, may see other content; new credentials alone see the same.</summary>
    private static bool HasOtherContent(Connector connector, PreparedSettings settings) =>
        settings.IsShared != connector.UsesSharedCredentials
        || !JsonElement.DeepEquals(settings.Config, connector.Config);

    /// <summary>Whether it was ever asked to read; one that the Cargo dialect made waits for its first model.</summary>
    private async Task<bool> HasBegunAsync(Caller caller, long id, CancellationToken cancellationToken)
    {
        var overview = await GetOverviewAsync(caller, id, cancellationToken).ConfigureAwait(false);
        return overview.CurrentRun is not null || overview.LastRun is not null;
    }

    private static void DemandFrequencies(ConnectorChange change)
    {
        if (change.RefreshFreq is { Value: < Schedule.MinRefresh })
        {
            throw new EngineException(RefusalKind.Rejected, "refresh_freq must be at least 1 minute (60 seconds)");
        }

        if (change.PruneFreq is { Value: not 0 and < Schedule.MinPrune })
        {
            throw new EngineException(
                RefusalKind.Rejected,
                "prune_freq must be at least 5 minutes (300 seconds), or 0 for never"
            );
        }
    }

    private AuditDraft Audit(Caller caller, string action, string target) =>
        new(caller.WorkspaceId, time.GetUtcNow(), caller.Name, action, target);

    private static EngineException Missing(long id) => EngineException.NotFound($"Connector {id} does not exist");
}
