using System.Text.Json;
using Tributary.Engine.OAuth;
using Tributary.Engine.Outbound;
using Tributary.Engine.Outbound.Cache;
using Tributary.Engine.Runs;
using Tributary.Engine.Scheduling;
using Tributary.Engine.Store;
using Tributary.Engine.Workspaces;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Connectors;

/// <summary>Changes of connectors: checked like new ones, and what they make stale is read again.</summary>
internal sealed class ConnectorUpdates(
    IConnectorStore store,
    ConnectorReads reads,
    ConnectorSettings connectorSettings,
    ConnectorClients clients,
    CredentialVault vault,
    IResponseCache cache,
    RunRegistry registry,
    IRunScheduler scheduler,
    IOAuthService oauth,
    IOutboundHttp outbound,
    TimeProvider time
)
{
    /// <inheritdoc cref="IConnectorService.UpdateAsync"/>
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
                            Audit = new(
                                caller.WorkspaceId,
                                now,
                                caller.Name,
                                "connector.update",
                                $"connector {id} \"{connector.Name}\""
                            ),
                        },
                        cancellationToken
                    )
                    .ConfigureAwait(false)
                ?? throw ConnectorService.Missing(id);
            clients.Forget(id);
            if (settings is not null)
            {
                outbound.Count(id, settings.CheckedWith);
                await cache.PurgeAsync(id, cancellationToken).ConfigureAwait(false);
            }

            if (hasOtherContent)
            {
                registry.Stop(id);
            }

            if (hasRuns && hasOtherContent && await HasBegunAsync(caller, id, cancellationToken).ConfigureAwait(false))
            {
                // A paused connector keeps it until it is resumed.
                await reads.EnqueueAsync(caller, updated, RunKind.Refresh, cancellationToken).ConfigureAwait(false);
            }

            await scheduler.WakeAsync(id, cancellationToken).ConfigureAwait(false);
            return updated;
        }
        catch (NameTakenException)
        {
            throw ConnectorNames.NameTaken();
        }
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
        var overview =
            await store.FindOverviewAsync(caller.WorkspaceId, id, cancellationToken).ConfigureAwait(false)
            ?? throw ConnectorService.Missing(id);
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

    private async Task<Connector> GetAsync(Caller caller, long id, CancellationToken cancellationToken) =>
        await store.FindAsync(caller.WorkspaceId, id, cancellationToken).ConfigureAwait(false)
        ?? throw ConnectorService.Missing(id);
}
