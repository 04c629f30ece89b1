using System.Globalization;
using System.Text;
using System.Text.Json;
using Tributary.Engine.Secrets;
using Tributary.Engine.Store;

namespace Tributary.Engine.Connectors;

/// <summary>Credentials on their way into the store and out of it.</summary>
internal sealed class CredentialVault(SecretBox box, IConnectorStore connectors, SharedCredentials shared)
{
    /// <summary>What a credential's envelope is bound to.</summary>
    public static string PlaceOf(long workspaceId, Guid credential) =>
        string.Create(CultureInfo.InvariantCulture, $"{workspaceId}|credential|{credential}|secret");

    public (byte[] Secret, string KeyId) Seal(JsonElement credentials, long workspaceId, Guid credential) =>
        box.Seal(Encoding.UTF8.GetBytes(credentials.GetRawText()), PlaceOf(workspaceId, credential));

    /// <summary>What a connector's requests are made with: its own credentials, or the operator's shared ones.</summary>
    public async ValueTask<JsonElement> OpenAsync(Connector connector, CancellationToken cancellationToken)
    {
        if (connector.UsesSharedCredentials)
        {
            return Offer(connector).Credentials;
        }

        var stored = await FindAsync(connector, cancellationToken).ConfigureAwait(false);
        using var document = JsonDocument.Parse(
            box.Open(stored.Secret, stored.KeyId, PlaceOf(stored.WorkspaceId, stored.Uuid))
        );
        return document.RootElement.Clone();
    }

    /// <summary>The shared credentials that a connector uses.</summary>
    /// <exception cref="EngineException">The operator offers them no more.</exception>
    public SharedOffer Offer(Connector connector) =>
        shared.Find(connector.IntegrationSlug)
        ?? throw new EngineException(
            RefusalKind.Rejected,
            $"The shared credentials for {connector.IntegrationSlug} are no longer offered: give the connector its own."
        );

    public async ValueTask<SealedCredential> FindAsync(Connector connector, CancellationToken cancellationToken) =>
        await connectors
            .FindCredentialAsync(connector.WorkspaceId, connector.CredentialId, cancellationToken)
            .ConfigureAwait(false)
        ?? throw EngineException.NotFound($"Connector {connector.Id} does not exist");
}
