using System.Text.Json;
using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;
using Tributary.Sdk;
using Tributary.Sdk.Settings;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="IConnectorStore"/>
internal sealed class SqliteConnectorStore(SqliteDatabase database) : IConnectorStore
{
    /// <summary>Not being deleted, in the words of the indexes of slugs and names.</summary>
    private const string Live = "c.status <> 5";

    public Task<Connector> InsertAsync(NewConnector connector, CancellationToken cancellationToken) =>
        database.WriteAsync(session => ConnectorWrites.Insert(session, connector), cancellationToken);

    public ValueTask<Connector?> FindAsync(long workspaceId, long id, CancellationToken cancellationToken) =>
        database.ReadAsync(session => Find(session, workspaceId, id), cancellationToken);

    public ValueTask<Connector?> FindAsync(long workspaceId, Guid uuid, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
                session
                    .Prepare(
                        $"SELECT {Rows.ConnectorColumns} FROM {Rows.ConnectorTables} WHERE c.uuid = ? AND c.workspace_id = ? AND {Live}"
                    )
                    .Add(uuid.ToString())
                    .Add(workspaceId)
                    .First(Rows.Connector),
            cancellationToken
        );

    public ValueTask<Connector?> FindBySlugAsync(long workspaceId, string slug, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
                session
                    .Prepare(
                        $"SELECT {Rows.ConnectorColumns} FROM {Rows.ConnectorTables} WHERE c.workspace_id = ? AND c.slug = ? AND {Live}"
                    )
                    .Add(workspaceId)
                    .Add(slug)
                    .First(Rows.Connector),
            cancellationToken
        );

    public ValueTask<bool> IsTakenAsync(
        long workspaceId,
        string integration,
        string name,
        CancellationToken cancellationToken
    ) =>
        database.ReadAsync(
            session => IsNameTaken(session, workspaceId, integration, name, exceptId: 0),
            cancellationToken
        );

    public ValueTask<bool> IsSlugTakenAsync(long workspaceId, string slug, CancellationToken cancellationToken) =>
        database.ReadAsync(session => IsSlugTaken(session, workspaceId, slug), cancellationToken);

    public async Task<IReadOnlyList<ConnectorOverview>> ListAsync(
        long workspaceId,
        ConnectorFilter filter,
        long afterId,
        int limit,
        CancellationToken cancellationToken
    ) =>
        await database
            .ReadAsync(
                session =>
                {
                    // Few connectors a workspace, and each filter optional: one statement that walks them by id.
                    var connectors = session
                        .Prepare(
                            $"""
                            SELECT {Rows.ConnectorColumns} FROM {Rows.ConnectorTables}
                            WHERE c.workspace_id = ?1 AND c.id > ?2 AND (?3 IS NULL OR c.integration = ?3 OR c.integration_sent = ?3)
                              AND (?4 IS NULL OR instr(lower(c.name), lower(?4)) > 0) AND (?5 IS NULL OR c.status = ?5) AND (NOT ?6 OR {Live})
                            ORDER BY c.id LIMIT ?7
                            """
                        )
                        .Add(workspaceId)
                        .Add(afterId)
                        .Add(filter.IntegrationSlug)
                        .Add(filter.Name)
                        .Add((long?)filter.Status)
                        .Add(filter.OnlyLive)
                        .Add((long)limit)
                        .ToList(Rows.Connector);
                    return connectors.ConvertAll(connector => Overview(session, connector));
                },
                cancellationToken
            )
            .ConfigureAwait(false);

    public ValueTask<ConnectorOverview?> FindOverviewAsync(
        long workspaceId,
        long id,
        CancellationToken cancellationToken
    ) =>
        database.ReadAsync(
            session => Find(session, workspaceId, id) is { } connector ? Overview(session, connector) : null,
            cancellationToken
        );

    public Task<Connector?> UpdateAsync(ConnectorUpdate update, CancellationToken cancellationToken) =>
        database.WriteAsync(session => ConnectorWrites.Update(session, update), cancellationToken);

    public Task<Connector?> TryMoveAsync(
        long workspaceId,
        long id,
        IReadOnlyCollection<ConnectorStatus> from,
        ConnectorStatus to,
        DateTimeOffset now,
        AuditDraft audit,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                if (Find(session, workspaceId, id) is not { } connector || !from.Contains(connector.Status))
                {
                    return null;
                }

                session
                    .Prepare("UPDATE connectors SET status = ?, updated_at = ? WHERE id = ?")
                    .Add((long)to)
                    .Add(now)
                    .Add(id)
                    .Run();
                if (to == ConnectorStatus.Paused)
                {
                    StopRuns(session, id, now);
                }

                session.Audit(audit);
                return Find(session, workspaceId, id);
            },
            cancellationToken
        );

    public Task<Run?> TryDeleteAsync(
        NewRun run,
        AuditDraft audit,
        bool onlyUnused,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                if (Find(session, run.WorkspaceId, run.ConnectorId) is not { } connector)
                {
                    return null;
                }

                if (RunQueue.FindOpenDeletion(session, connector) is { } underWay)
                {
                    return underWay;
                }

                if (
                    onlyUnused
                    && SqliteConnectorUsage.CountModels(session, run.WorkspaceId, connector.Id) is var models and > 0
                )
                {
                    throw new ConnectorInUseException(models);
                }

                StopRuns(session, connector.Id, run.Now);
                session
                    .Prepare(
                        """
                        UPDATE connectors SET status = ?, is_default = 0, updated_at = ?, failures_in_a_row = 0, next_refresh_at = NULL, next_prune_at = NULL
                        WHERE id = ?
                        """
                    )
                    .Add((long)ConnectorStatus.Deleting)
                    .Add(run.Now)
                    .Add(connector.Id)
                    .Run();
                session.Audit(audit);
                return RunQueue.Enqueue(session, run);
            },
            cancellationToken
        );

    public ValueTask<SealedCredential?> FindCredentialAsync(
        long workspaceId,
        long credentialId,
        CancellationToken cancellationToken
    ) =>
        database.ReadAsync(
            session =>
                session
                    .Prepare(
                        "SELECT id, uuid, workspace_id, secret, key_id FROM credentials WHERE id = ? AND workspace_id = ?"
                    )
                    .Add(credentialId)
                    .Add(workspaceId)
                    .First(Credential),
            cancellationToken
        );

    public async Task<IReadOnlyList<SealedCredential>> ListCredentialsNotUnderAsync(
        string keyId,
        int limit,
        CancellationToken cancellationToken
    ) =>
        await database
            .ReadAsync(
                session =>
                    session
                        .Prepare(
                            "SELECT id, uuid, workspace_id, secret, key_id FROM credentials WHERE key_id <> ? LIMIT ?"
                        )
                        .Add(keyId)
                        .Add((long)limit)
                        .ToList(Credential),
                cancellationToken
            )
            .ConfigureAwait(false);

    public Task ReplaceSecretsAsync(
        IReadOnlyList<(SealedCredential Old, byte[] Secret, string KeyId)> replacements,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                foreach (var (old, secret, keyId) in replacements)
                {
                    session
                        .Prepare("UPDATE credentials SET secret = ?, key_id = ? WHERE id = ? AND secret = ?")
                        .Add(secret)
                        .Add(keyId)
                        .Add(old.Id)
                        .Add(old.Secret)
                        .Run();
                }
            },
            cancellationToken
        );

    public ValueTask<IReadOnlyCollection<string>> ListKeyIdsInUseAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyCollection<string>>(
            session =>
                session
                    .Prepare(
                        "SELECT key_id FROM credentials UNION SELECT key_id FROM oauth_tokens UNION SELECT key_id FROM oauth_tickets"
                    )
                    .ToList(static row => row.Text(0)!),
            cancellationToken
        );

    /// <summary>Ends what waits, and asks what goes on to stop: the connector is paused or deleted.</summary>
    private static void StopRuns(SqliteSession session, long connectorId, DateTimeOffset now)
    {
        ModelsDue.KeepQueued(session, connectorId, now);
        session
            .Prepare(
                $"""
                UPDATE runs SET state = {(int)RunState.Canceled}, finished_at = ?, phase = NULL
                WHERE connector_id = ? AND state IN ({(int)RunState.Queued}, {(int)
                    RunState.NeedsConfirmation}) AND {Rows.OpenRuns} AND kind <> {(int)RunKind.Clear}
                """
            )
            .Add(now)
            .Add(connectorId)
            .Run();
        session
            .Prepare(
                $"UPDATE runs SET cancel_requested = 1 WHERE connector_id = ? AND state = {(int)RunState.Running} AND {Rows.OpenRuns}"
            )
            .Add(connectorId)
            .Run();
    }

    internal static bool IsNameTaken(
        SqliteSession session,
        long workspaceId,
        string integration,
        string name,
        long exceptId
    ) =>
        session
            .Prepare(
                $"SELECT 1 FROM connectors c WHERE c.workspace_id = ? AND c.integration = ? AND c.name = ? AND {Live} AND c.id <> ?"
            )
            .Add(workspaceId)
            .Add(integration)
            .Add(name)
            .Add(exceptId)
            .Scalar()
            is not null;

    internal static bool IsSlugTaken(SqliteSession session, long workspaceId, string slug) =>
        session
            .Prepare($"SELECT 1 FROM connectors c WHERE c.workspace_id = ? AND c.slug = ? AND {Live}")
            .Add(workspaceId)
            .Add(slug)
            .Scalar()
            is not null;

    internal static Connector? Find(SqliteSession session, long workspaceId, long id) =>
        session
            .Prepare(
                $"SELECT {Rows.ConnectorColumns} FROM {Rows.ConnectorTables} WHERE c.id = ? AND c.workspace_id = ?"
            )
            .Add(id)
            .Add(workspaceId)
            .First(Rows.Connector);

    private static ConnectorOverview Overview(SqliteSession session, Connector connector)
    {
        var current = session
            .Prepare(
                $"SELECT {Rows.RunColumns} FROM runs WHERE connector_id = ? AND state IN (0, 1, 2) ORDER BY state = 1 DESC, id LIMIT 1"
            )
            .Add(connector.Id)
            .First(Rows.Run);
        var last = session
            .Prepare(
                $"SELECT {Rows.RunColumns} FROM runs WHERE connector_id = ? AND state > 2 ORDER BY id DESC LIMIT 1"
            )
            .Add(connector.Id)
            .First(Rows.Run);
        var failures = session
            .Prepare("SELECT count(*) FROM failures WHERE connector_id = ? AND resolved_at IS NULL")
            .Add(connector.Id)
            .Scalar();
        return new ConnectorOverview(connector, current, last, failures ?? 0);
    }

    private static SealedCredential Credential(Statement row) =>
        new(row.Int64(0), Guid.Parse(row.Text(1)!), row.Int64(2), row.Blob(3), row.Text(4)!);
}
