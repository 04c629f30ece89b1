using System.Text.Json;
using Tributary.Engine.Custom;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="ICustomIntegrationStore"/>
internal sealed class SqliteCustomIntegrationStore(SqliteDatabase database) : ICustomIntegrationStore
{
    private const string Select = """
        SELECT i.id, i.uuid, i.workspace_id, w.uuid, i.slug, i.base_url, i.credential_id, i.manifest, i.manifest_at,
               i.manifest_error, i.created_at, i.updated_at
        FROM custom_integrations i JOIN workspaces w ON w.id = i.workspace_id
        """;

    public Task<CustomIntegration?> InsertAsync(
        NewCustomIntegration integration,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                if (FindBySlug(session, integration.WorkspaceId, integration.Slug) is not null)
                {
                    return null;
                }

                session
                    .Prepare(
                        """
                        INSERT INTO custom_integrations
                            (uuid, workspace_id, slug, base_url, credential_id, manifest, manifest_at, created_at, updated_at)
                        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?7)
                        """
                    )
                    .Add(integration.Uuid.ToString())
                    .Add(integration.WorkspaceId)
                    .Add(integration.Slug)
                    .Add(integration.BaseUrl)
                    .Add(InsertSecret(session, integration.WorkspaceId, integration.Secret, integration.Now))
                    .Add(integration.Manifest.GetRawText())
                    .Add(integration.Now)
                    .Run();
                session.Audit(integration.Audit);
                return Find(session, integration.WorkspaceId, integration.Uuid);
            },
            cancellationToken
        );

    public ValueTask<CustomIntegration?> FindAsync(long workspaceId, Guid uuid, CancellationToken cancellationToken) =>
        database.ReadAsync(session => Find(session, workspaceId, uuid), cancellationToken);

    public ValueTask<CustomIntegration?> FindBySlugAsync(
        long workspaceId,
        string slug,
        CancellationToken cancellationToken
    ) => database.ReadAsync(session => FindBySlug(session, workspaceId, slug), cancellationToken);

    public async Task<IReadOnlyList<CustomIntegration>> ListAsync(
        long workspaceId,
        CancellationToken cancellationToken
    ) =>
        await database
            .ReadAsync(
                session =>
                    session.Prepare($"{Select} WHERE i.workspace_id = ? ORDER BY i.id").Add(workspaceId).ToList(Row),
                cancellationToken
            )
            .ConfigureAwait(false);

    public async Task<IReadOnlyList<CustomIntegration>> ListStaleAsync(
        DateTimeOffset before,
        int limit,
        CancellationToken cancellationToken
    ) =>
        await database
            .ReadAsync(
                session =>
                    session
                        .Prepare($"{Select} WHERE i.manifest_at < ? ORDER BY i.manifest_at LIMIT ?")
                        .Add(before)
                        .Add((long)limit)
                        .ToList(Row),
                cancellationToken
            )
            .ConfigureAwait(false);

    public Task<CustomIntegration?> UpdateAsync(CustomIntegrationUpdate update, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                if (Find(session, update.WorkspaceId, update.Uuid) is not { } old)
                {
                    return null;
                }

                var credential = update.Secret is { } secret
                    ? InsertSecret(session, update.WorkspaceId, secret.Value, update.Now)
                    : old.CredentialId;
                session
                    .Prepare(
                        """
                        UPDATE custom_integrations
                        SET base_url = ?1, credential_id = ?2, manifest = ?3, manifest_at = ?4, manifest_error = NULL,
                            updated_at = ?4
                        WHERE id = ?5
                        """
                    )
                    .Add(update.BaseUrl)
                    .Add(credential)
                    .Add(update.Manifest.GetRawText())
                    .Add(update.Now)
                    .Add(old.Id)
                    .Run();
                if (credential != old.CredentialId)
                {
                    DeleteSecret(session, old.CredentialId);
                }

                session.Audit(update.Audit);
                return Find(session, update.WorkspaceId, update.Uuid);
            },
            cancellationToken
        );

    public Task SetManifestAsync(
        long id,
        JsonElement? manifest,
        string? error,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
                session
                    .Prepare(
                        """
                        UPDATE custom_integrations
                        SET manifest = coalesce(?, manifest), manifest_error = ?, manifest_at = ?
                        WHERE id = ?
                        """
                    )
                    .Add(manifest?.GetRawText())
                    .Add(error)
                    .Add(now)
                    .Add(id)
                    .Run(),
            cancellationToken
        );

    public Task<bool> DeleteAsync(long workspaceId, Guid uuid, AuditDraft audit, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                if (Find(session, workspaceId, uuid) is not { } integration)
                {
                    return false;
                }

                var connectors = session
                    .Prepare(
                        "SELECT count(*) FROM connectors WHERE workspace_id = ? AND integration = ? AND status <> 5"
                    )
                    .Add(workspaceId)
                    .Add(integration.Slug)
                    .Scalar();
                if (connectors > 0)
                {
                    throw new CustomIntegrationInUseException(connectors.Value);
                }

                session.Prepare("DELETE FROM custom_integrations WHERE id = ?").Add(integration.Id).Run();
                DeleteSecret(session, integration.CredentialId);
                session.Audit(audit);
                return true;
            },
            cancellationToken
        );

    private static long? InsertSecret(SqliteSession session, long workspaceId, NewSecret? secret, DateTimeOffset now)
    {
        if (secret is null)
        {
            return null;
        }

        session
            .Prepare(
                "INSERT INTO credentials (uuid, workspace_id, secret, key_id, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)"
            )
            .Add(secret.Uuid.ToString())
            .Add(workspaceId)
            .Add(secret.Envelope.AsSpan())
            .Add(secret.KeyId)
            .Add(now)
            .Run();
        return session.LastId();
    }

    private static void DeleteSecret(SqliteSession session, long? credentialId)
    {
        if (credentialId is { } id)
        {
            session.Prepare("DELETE FROM credentials WHERE id = ?").Add(id).Run();
        }
    }

    private static CustomIntegration? Find(SqliteSession session, long workspaceId, Guid uuid) =>
        session
            .Prepare($"{Select} WHERE i.uuid = ? AND i.workspace_id = ?")
            .Add(uuid.ToString())
            .Add(workspaceId)
            .First(Row);

    private static CustomIntegration? FindBySlug(SqliteSession session, long workspaceId, string slug) =>
        session.Prepare($"{Select} WHERE i.workspace_id = ? AND i.slug = ?").Add(workspaceId).Add(slug).First(Row);

    private static CustomIntegration Row(Statement row) =>
        new()
        {
            Id = row.Int64(0),
            Uuid = Guid.Parse(row.Text(1)!),
            WorkspaceId = row.Int64(2),
            WorkspaceUuid = Guid.Parse(row.Text(3)!),
            Slug = row.Text(4)!,
            BaseUrl = row.Text(5)!,
            CredentialId = row.IsNull(6) ? null : row.Int64(6),
            Manifest = JsonElement.Parse(row.Text(7)!),
            ManifestAt = row.Time(8)!.Value,
            ManifestError = row.Text(9),
            CreatedAt = row.Time(10)!.Value,
            UpdatedAt = row.Time(11)!.Value,
        };
}
