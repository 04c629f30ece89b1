using System.Text.Json;
using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;
using Tributary.Sdk;
using Tributary.Sdk.Settings;

namespace Tributary.Store.Sqlite;

/// <summary>How connectors come into the store and change in it.</summary>
internal static class ConnectorWrites
{
    /// <summary>Stores a new connector with its credential, its documents model and its first run.</summary>
    /// <exception cref="NameTakenException">Another one has its name or slug.</exception>
    public static Connector Insert(SqliteSession session, NewConnector connector)
    {
        if (
            !connector.AllowsSameName
            && SqliteConnectorStore.IsNameTaken(
                session,
                connector.WorkspaceId,
                connector.Integration,
                connector.Name,
                exceptId: 0
            )
        )
        {
            throw new NameTakenException(isSlug: false);
        }

        if (SqliteConnectorStore.IsSlugTaken(session, connector.WorkspaceId, connector.Slug))
        {
            throw new NameTakenException(isSlug: true);
        }

        session
            .Prepare(
                "INSERT INTO credentials (uuid, workspace_id, secret, key_id, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)"
            )
            .Add(connector.CredentialUuid.ToString())
            .Add(connector.WorkspaceId)
            .Add(connector.Secret)
            .Add(connector.KeyId)
            .Add(connector.Now)
            .Run();
        var credentialId = session.LastId();
        SqliteOAuthStore.Adopt(session, connector.CredentialUuid);
        session
            .Prepare(
                """
                INSERT INTO connectors (uuid, workspace_id, name, slug, integration, integration_sent, config, credential_id, status,
                    refresh_freq, prune_freq, rate_limit, cache_ttl, created_at, updated_at, created_by, next_prune_at, dataset_uuid,
                    use_credits)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14, ?15, ?16, ?17, ?18)
                """
            )
            .Add(connector.Uuid.ToString())
            .Add(connector.WorkspaceId)
            .Add(connector.Name)
            .Add(connector.Slug)
            .Add(connector.Integration)
            .Add(connector.IntegrationSent)
            .Add(connector.Config.GetRawText())
            .Add(credentialId)
            .Add((long)connector.Status)
            .Add(connector.RefreshFreq)
            .Add(connector.PruneFreq)
            .Add(Text(connector.RateLimit))
            .Add(connector.CacheTtlMilliseconds)
            .Add(connector.Now)
            .Add(connector.CreatedBy)
            .Add(connector.NextPruneAt)
            .Add(connector.DatasetUuid.ToString())
            .Add(connector.UsesSharedCredentials)
            .Run();
        var id = session.LastId();
        if (connector.DocumentsModel is { } model)
        {
            DocumentsModels.Insert(session, connector, id, model);
        }

        if (connector.FirstRun is { } run)
        {
            RunQueue.Enqueue(session, run with { ConnectorId = id });
        }

        session.Audit(connector.Audit with { Target = $"connector {id} \"{connector.Name}\"" });
        return SqliteConnectorStore.Find(session, connector.WorkspaceId, id)!;
    }

    /// <summary>Stores a change of settings, and ends what goes on with the old ones; null when there is no such connector.</summary>
    /// <exception cref="NameTakenException">Another one has the name.</exception>
    public static Connector? Update(SqliteSession session, ConnectorUpdate update)
    {
        if (SqliteConnectorStore.Find(session, update.WorkspaceId, update.Id) is not { } connector)
        {
            return null;
        }

        var integration = session
            .Prepare("SELECT integration FROM connectors WHERE id = ?")
            .Add(update.Id)
            .First(static row => row.Text(0))!;
        if (update.Name is { } name)
        {
            if (
                !update.AllowsSameName
                && SqliteConnectorStore.IsNameTaken(session, update.WorkspaceId, integration, name, update.Id)
            )
            {
                throw new NameTakenException(isSlug: false);
            }

            session.Prepare("UPDATE connectors SET name = ? WHERE id = ?").Add(name).Add(update.Id).Run();
        }

        if (update.Config is { } config)
        {
            // Another config may see other content: what was read and listed with the old one is no base to go on from.
            session
                .Prepare("UPDATE connectors SET config = ?, checkpoint = NULL, has_read_all = 0 WHERE id = ?")
                .Add(config.GetRawText())
                .Add(update.Id)
                .Run();
            session.Prepare("DELETE FROM work_items WHERE connector_id = ?").Add(update.Id).Run();
            EndRuns(session, update.Id, update.Now);
        }

        if (update.Secret is { } secret)
        {
            session
                .Prepare("UPDATE credentials SET secret = ?, key_id = ?, updated_at = ? WHERE id = ?")
                .Add(secret.Secret)
                .Add(secret.KeyId)
                .Add(update.Now)
                .Add(connector.CredentialId)
                .Run();
            if (update.TokensInUse is { } inUse)
            {
                SqliteOAuthStore.Forget(session, connector.CredentialId, inUse);
            }
        }

        UpdateCargo(session, update, integration);
        if (connector.Status == ConnectorStatus.Invalid && (update.Config is not null || update.Secret is not null))
        {
            session
                .Prepare("UPDATE connectors SET status = ?, checks_failed = 0 WHERE id = ?")
                .Add((long)ConnectorStatus.Active)
                .Add(update.Id)
                .Run();
        }

        if (update.RefreshFreq is { } refresh)
        {
            DocumentsModels.SetFrequency(session, update.Id, refresh.Value, update.NextRefreshAt);
        }

        if (update.PruneFreq is { } prune)
        {
            session
                .Prepare("UPDATE connectors SET prune_freq = ?, next_prune_at = ? WHERE id = ?")
                .Add(prune.Value)
                .Add(update.NextPruneAt)
                .Add(update.Id)
                .Run();
        }

        session.Prepare("UPDATE connectors SET updated_at = ? WHERE id = ?").Add(update.Now).Add(update.Id).Run();
        session.Audit(update.Audit);
        return SqliteConnectorStore.Find(session, update.WorkspaceId, update.Id);
    }

    /// <summary>The settings that only the Cargo dialect has.</summary>
    private static void UpdateCargo(SqliteSession session, ConnectorUpdate update, string integration)
    {
        if (update.UsesSharedCredentials is { } shared)
        {
            session.Prepare("UPDATE connectors SET use_credits = ? WHERE id = ?").Add(shared).Add(update.Id).Run();
        }

        if (update.IsDefault is { } isDefault)
        {
            if (isDefault)
            {
                session
                    .Prepare(
                        "UPDATE connectors SET is_default = 0 WHERE workspace_id = ? AND integration = ? AND is_default = 1"
                    )
                    .Add(update.WorkspaceId)
                    .Add(integration)
                    .Run();
            }

            session.Prepare("UPDATE connectors SET is_default = ? WHERE id = ?").Add(isDefault).Add(update.Id).Run();
        }

        if (update.RateLimit is { } limit)
        {
            session
                .Prepare("UPDATE connectors SET rate_limit = ? WHERE id = ?")
                .Add(Text(limit.Value))
                .Add(update.Id)
                .Run();
        }

        if (update.CacheTtlMilliseconds is { } ttl)
        {
            session.Prepare("UPDATE connectors SET cache_ttl = ? WHERE id = ?").Add(ttl.Value).Add(update.Id).Run();
        }
    }

    private static string? Text(RateLimit? limit) =>
        limit is null ? null : JsonSerializer.Serialize(limit, SettingsJson.Options);

    /// <summary>Ends what goes on with settings that are no more, at once: not even what it has in hand may be written.</summary>
    private static void EndRuns(SqliteSession session, long connectorId, DateTimeOffset now) =>
        session
            .Prepare(
                $"""
                UPDATE runs SET state = {(int)
                    RunState.Canceled}, finished_at = ?, phase = NULL, current_item = NULL, waiting_until = NULL,
                    error = 'The settings were changed in the middle of this run; the next one reads with the new ones.'
                WHERE connector_id = ? AND state = {(int)RunState.Running} AND {Rows.OpenRuns} AND kind NOT IN ({(int)
                    RunKind.Delete}, {(int)RunKind.Clear})
                """
            )
            .Add(now)
            .Add(connectorId)
            .Run();
}
