using System.Text.Json;
using Tributary.Engine.Store;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Connectors;

/// <summary>The connector that takes pushed documents when the caller names none; made when it is first needed.</summary>
internal sealed class BuiltInConnectors(IConnectorStore connectors, CredentialVault vault, TimeProvider time)
{
    private const string Integration = "ingestion_api";
    private const string Name = "Pushed documents";

    /// <summary>Its slug, which nobody else can take.</summary>
    public const string Slug = "pushed_documents";

    public async ValueTask<Connector> GetPushConnectorAsync(Caller caller, CancellationToken cancellationToken)
    {
        while (true)
        {
            var existing = await connectors
                .FindBySlugAsync(caller.WorkspaceId, Slug, cancellationToken)
                .ConfigureAwait(false);
            if (existing is not null)
            {
                return existing;
            }

            try
            {
                return await MakeAsync(caller, cancellationToken).ConfigureAwait(false);
            }
            catch (NameTakenException)
            {
                // Another caller was first: take his.
            }
        }
    }

    private async Task<Connector> MakeAsync(Caller caller, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var empty = JsonSerializer.SerializeToElement(new { });
        var credential = Guid.NewGuid();
        var (secret, keyId) = vault.Seal(empty, caller.WorkspaceId, credential);
        return await connectors
            .InsertAsync(
                new NewConnector
                {
                    Uuid = Guid.NewGuid(),
                    WorkspaceId = caller.WorkspaceId,
                    Name = Name,
                    Slug = Slug,
                    Integration = Integration,
                    IntegrationSent = Integration,
                    Config = empty,
                    CredentialUuid = credential,
                    Secret = secret,
                    KeyId = keyId,
                    Status = ConnectorStatus.Active,
                    Now = now,
                    CreatedBy = caller.UserId,
                    Audit = new AuditDraft(caller.WorkspaceId, now, "system", "connector.create", ""),
                },
                cancellationToken
            )
            .ConfigureAwait(false);
    }
}
