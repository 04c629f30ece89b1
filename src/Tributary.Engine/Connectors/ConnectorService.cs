using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Engine.Catalog;
using Tributary.Engine.OAuth;
using Tributary.Engine.Outbound;
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
    ConnectorSettings connectorSettings,
    ConnectorUpdates updates,
    ConnectorPauses pauses,
    ConnectorClients clients,
    CredentialVault vault,
    RunRegistry registry,
    IRunScheduler scheduler,
    IOAuthService oauth,
    IOutboundHttp outbound,
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
            outbound.Count(made.Id, settings.CheckedWith);
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

    public Task<Connector> UpdateAsync(
        Caller caller,
        long id,
        ConnectorChange change,
        CancellationToken cancellationToken
    ) => updates.UpdateAsync(caller, id, change, cancellationToken);

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

    public Task<Connector> PauseAsync(Caller caller, long id, CancellationToken cancellationToken) =>
        pauses.PauseAsync(caller, id, cancellationToken);

    public Task<Connector> ResumeAsync(Caller caller, long id, CancellationToken cancellationToken) =>
        pauses.ResumeAsync(caller, id, cancellationToken);

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

    private AuditDraft Audit(Caller caller, string action, string target) =>
        new(caller.WorkspaceId, time.GetUtcNow(), caller.Name, action, target);

    internal static EngineException Missing(long id) => EngineException.NotFound($"Connector {id} does not exist");
}
