using System.Text;
using Tributary.Engine.Connectors;
using Tributary.Engine.Secrets;
using Tributary.Engine.Store;

namespace Tributary.Engine.Custom;

/// <summary>The secrets that go along to custom integrations' servers, on their way into the store and out of it.</summary>
internal sealed class CustomSecrets(SecretBox box, IConnectorStore credentials)
{
    public NewSecret Seal(string secret, long workspaceId)
    {
        var uuid = Guid.NewGuid();
        var (envelope, keyId) = box.Seal(Encoding.UTF8.GetBytes(secret), CredentialVault.PlaceOf(workspaceId, uuid));
        return new NewSecret(uuid, envelope, keyId);
    }

    /// <summary>The server of an integration, with its secret.</summary>
    public async ValueTask<Client.CustomServer> ServerOfAsync(
        CustomIntegration integration,
        CancellationToken cancellationToken
    ) =>
        new(
            integration.BaseUrl,
            integration.CredentialId is { } id
                ? await OpenAsync(integration.WorkspaceId, id, cancellationToken).ConfigureAwait(false)
                : null
        );

    private async ValueTask<string?> OpenAsync(long workspaceId, long id, CancellationToken cancellationToken) =>
        await credentials.FindCredentialAsync(workspaceId, id, cancellationToken).ConfigureAwait(false) is { } stored
            ? Encoding.UTF8.GetString(
                box.Open(stored.Secret, stored.KeyId, CredentialVault.PlaceOf(workspaceId, stored.Uuid))
            )
            : null;
}
