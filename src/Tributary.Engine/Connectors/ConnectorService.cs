using System.Text;
using System.Text.Json;
using Tributary.Engine.OAuth;
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
    IRunStore runs,
    ReaderFactory readers,
    CredentialVault vault,
    RunRegistry registry,
    IRunScheduler scheduler,
    IOAuthService oauth,
    TimeProvider time
) : IConnectorService
{
    private const int MaxNameLength = 200;
    private const int MaxSlugLength = 64;

    public async Task<Connector> CreateAsync(Caller caller, ConnectorDraft draft, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Editor);
        DemandName(draft.Name);
        draft = draft with
        {
            Credentials = await oauth
                .ResolveAsync(caller, draft.IntegrationSlug, draft.Credentials, cancellationToken)
                .ConfigureAwait(false),
        };
        var settings = readers.Bind(draft.IntegrationSlug, draft.Config, draft.Credentials);
        var slug = settings.Integration.Manifest.Slug;
        if (await store.IsTakenAsync(caller.WorkspaceId, slug, draft.Name, cancellationToken).ConfigureAwait(false))
        {
            throw NameTaken();
        }

        var credential = Guid.NewGuid();
        await CheckAsync(caller, settings, draft.RateLimit, credential, cancellationToken).ConfigureAwait(false);
        var now = time.GetUtcNow();
        var (secret, keyId) = vault.Seal(draft.Credentials, caller.WorkspaceId, credential);
        var uuid = Guid.NewGuid();
        var starts = draft.StartNow && settings.HasRuns;
        var connector = new NewConnector
        {
            Uuid = uuid,
            WorkspaceId = caller.WorkspaceId,
            Name = draft.Name,
            Slug = draft.Slug ?? await FreeSlugAsync(caller, draft.Name, uuid, cancellationToken).ConfigureAwait(false),
            Integration = slug,
            IntegrationSent = draft.IntegrationSlug,
            Config = draft.Config,
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
            FirstRun = starts ? new NewRun(Guid.NewGuid(), caller.WorkspaceId, 0, RunKind.Refresh, "start", now) : null,
            Audit = Audit(caller, "connector.create", ""),
        };
        try
        {
            var made = await store.InsertAsync(connector, cancellationToken).ConfigureAwait(false);
            if (settings.HasRuns)
            {
                await scheduler.WakeAsync(made.Id, cancellationToken).ConfigureAwait(false);
            }

            return made;
        }
        catch (NameTakenException taken)
        {
            throw taken.IsSlug ? SlugTaken(connector.Slug) : NameTaken();
        }
    }

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
            DemandName(name);
        }

        DemandFrequencies(change);
        var connector = await GetAsync(caller, id, cancellationToken).ConfigureAwait(false);
        if (connector.Status == ConnectorStatus.Deleting)
        {
            throw new EngineException(RefusalKind.Conflict, $"Connector {id} is being deleted.");
        }

        var stored = await vault.OpenAsync(connector, cancellationToken).ConfigureAwait(false);
        var credentials = change.Credentials is { } sent
            ? SecretMask.Unmask(
                await oauth
                    .ResolveAsync(caller, connector.IntegrationSlug, sent, cancellationToken)
                    .ConfigureAwait(false),
                stored
            )
            : stored;
        var settings = readers.Bind(connector.IntegrationSlug, change.Config ?? connector.Config, credentials);
        var credential = await vault.FindAsync(connector, cancellationToken).ConfigureAwait(false);
        IReadOnlyCollection<string>? tokensInUse = null;
        if (change.Config is not null || change.Credentials is not null)
        {
            var used = await CheckAsync(caller, settings, connector.RateLimit, credential.Uuid, cancellationToken)
                .ConfigureAwait(false);
            tokensInUse = JsonElement.DeepEquals(credentials, stored) ? null : used;
        }

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
                            Config = change.Config,
                            Secret = change.Credentials is null
                                ? null
                                : vault.Seal(credentials, caller.WorkspaceId, credential.Uuid),
                            TokensInUse = tokensInUse,
                            RefreshFreq = change.RefreshFreq,
                            PruneFreq = change.PruneFreq,
                            NextRefreshAt = settings.HasRuns
                                ? Schedule.NextRefresh(change.RefreshFreq?.Value, connector.LastSuccessAt ?? now)
                                : null,
                            NextPruneAt = settings.HasRuns
                                ? Schedule.NextPrune(change.PruneFreq?.Value, connector.LastPrunedAt ?? now)
                                : null,
                            Audit = Audit(caller, "connector.update", $"connector {id} \"{connector.Name}\""),
                        },
                        cancellationToken
                    )
                    .ConfigureAwait(false)
                ?? throw Missing(id);
            if (change.Config is not null)
            {
                registry.Stop(id);
            }

            if (settings.HasRuns && change.Config is not null)
            {
                // A paused connector keeps it until it is resumed.
                await EnqueueAsync(caller, updated, RunKind.Refresh, cancellationToken).ConfigureAwait(false);
            }

            await scheduler.WakeAsync(id, cancellationToken).ConfigureAwait(false);
            return updated;
        }
        catch (NameTakenException)
        {
            throw NameTaken();
        }
    }

    public async Task<JsonElement> GetMaskedCredentialsAsync(
        Caller caller,
        long id,
        CancellationToken cancellationToken
    )
    {
        var connector = await GetAsync(caller, id, cancellationToken).ConfigureAwait(false);
        var credentials = await vault.OpenAsync(connector, cancellationToken).ConfigureAwait(false);
        var type = readers.FindCredentialsType(connector.IntegrationSlug);
        return SecretMask.Mask(credentials, type ?? typeof(NoCredentials));
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
        var settings = readers.Bind(
            connector.IntegrationSlug,
            connector.Config,
            await vault.OpenAsync(connector, cancellationToken).ConfigureAwait(false)
        );

        // What the pause has stopped may still be on its way to its end.
        var last = overview.CurrentRun is { State: RunState.Running } stopping ? stopping : overview.LastRun;
        var wasCutShort =
            last is
            {
                State: RunState.Interrupted or RunState.Canceled or RunState.Running,
                Kind: RunKind.Refresh or RunKind.Reindex
            };
        if (settings.HasRuns && (!hasRead || wasCutShort))
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
        return connector;
    }

    public async Task<Run> DeleteAsync(Caller caller, long id, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Editor);
        var connector = await GetAsync(caller, id, cancellationToken).ConfigureAwait(false);
        var now = time.GetUtcNow();
        var run =
            await store
                .TryDeleteAsync(
                    new NewRun(Guid.NewGuid(), caller.WorkspaceId, id, RunKind.Delete, caller.Name, now),
                    Audit(caller, "connector.delete", $"connector {id} \"{connector.Name}\""),
                    cancellationToken
                )
                .ConfigureAwait(false)
            ?? throw Missing(id);
        registry.Stop(id);
        await scheduler.WakeAsync(id, cancellationToken).ConfigureAwait(false);
        return run;
    }

    private Task<Run> EnqueueAsync(
        Caller caller,
        Connector connector,
        RunKind kind,
        CancellationToken cancellationToken
    ) =>
        runs.EnqueueAsync(
            new NewRun(Guid.NewGuid(), caller.WorkspaceId, connector.Id, kind, caller.Name, time.GetUtcNow()),
            null,
            cancellationToken
        );

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

    /// <summary>Checks settings against the source.</summary>
    /// <returns>The names of the tokens that this took; they are kept for the credential.</returns>
    private async Task<IReadOnlyCollection<string>> CheckAsync(
        Caller caller,
        TypedSettings settings,
        RateLimit? limit,
        Guid credential,
        CancellationToken cancellationToken
    )
    {
        if (!settings.HasRuns)
        {
            return [];
        }

        try
        {
            using var open = readers.Open(
                settings,
                caller.WorkspaceId,
                0,
                limit,
                NothingKnown.Instance,
                new TransientWorkList(),
                credential
            );
            await open.Reader.CheckAsync(cancellationToken).ConfigureAwait(false);
            return open.Tokens.Used;
        }
        catch (SourceException exception)
        {
            throw new EngineException(RefusalKind.Rejected, $"Connector validation error: {exception.Message}");
        }
    }

    private async ValueTask<string> FreeSlugAsync(
        Caller caller,
        string name,
        Guid uuid,
        CancellationToken cancellationToken
    )
    {
        var slug = new StringBuilder(MaxSlugLength);
        foreach (var c in name.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                slug.Append(c);
            }
            else if (slug.Length > 0 && slug[^1] != '_')
            {
                slug.Append('_');
            }
        }

        var wanted = slug.ToString(0, Math.Min(slug.Length, MaxSlugLength - 9)).Trim('_');
        var isFree =
            wanted.Length > 0
            && wanted != BuiltInConnectors.Slug
            && !await store.IsSlugTakenAsync(caller.WorkspaceId, wanted, cancellationToken).ConfigureAwait(false);
        return isFree ? wanted : $"{(wanted.Length > 0 ? wanted : "connector")}_{uuid.ToString("N")[..8]}";
    }

    private static void DemandName(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength)
        {
            throw new EngineException([
                new SettingsProblem(
                    ["name"],
                    name.Length > MaxNameLength ? "string_too_long" : "string_too_short",
                    $"A name has 1 to {MaxNameLength} characters"
                ),
            ]);
        }
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

    private static EngineException NameTaken() =>
        new(RefusalKind.Rejected, "Connector by this name already exists, duplicate naming not allowed.");

    private static EngineException SlugTaken(string slug) =>
        new(RefusalKind.Conflict, $"The slug '{slug}' is taken: choose another.");
}
