using Tributary.Engine.Connectors;
using Tributary.Engine.OAuth;
using Tributary.Engine.Store;

namespace Tributary.Engine.Secrets;

/// <summary>Puts a new key in use and re-wraps every secret by it. No server may run meanwhile: it holds the ring in memory. Can be repeated after a crash.</summary>
public sealed class KeyRotation(KeyRing ring, SecretBox box, IConnectorStore connectors, IOAuthStore oauth)
{
    private const int BatchSize = 500;

    /// <summary>Rotates.</summary>
    /// <returns>How many secrets were re-wrapped.</returns>
    public async Task<int> RotateAsync(CancellationToken cancellationToken)
    {
        ring.AddKey();
        await oauth.DropTicketsAsync(cancellationToken).ConfigureAwait(false);
        var count = await RewrapTokensAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var batch = await connectors
                .ListCredentialsNotUnderAsync(ring.CurrentId, BatchSize, cancellationToken)
                .ConfigureAwait(false);
            if (batch.Count == 0)
            {
                ring.DropOldKeys();
                return count;
            }

            var replacements = batch
                .Select(credential =>
                {
                    var (envelope, keyId) = box.Rewrap(
                        credential.Secret,
                        credential.KeyId,
                        CredentialVault.PlaceOf(credential.WorkspaceId, credential.Uuid)
                    );
                    return (credential, envelope, keyId);
                })
                .ToList();
            await connectors.ReplaceSecretsAsync(replacements, cancellationToken).ConfigureAwait(false);
            count += batch.Count;
        }
    }

    private async Task<int> RewrapTokensAsync(CancellationToken cancellationToken)
    {
        var count = 0;
        while (true)
        {
            var batch = await oauth
                .ListTokensNotUnderAsync(ring.CurrentId, BatchSize, cancellationToken)
                .ConfigureAwait(false);
            if (batch.Count == 0)
            {
                return count;
            }

            var replacements = batch
                .Select(tokens =>
                {
                    var place = TokenKeeper.PlaceOf(tokens.WorkspaceId, tokens.Credential, tokens.Name);
                    var (envelope, keyId) = box.Rewrap(tokens.Secret, tokens.KeyId, place);
                    return (tokens, envelope, keyId);
                })
                .ToList();
            await oauth.ReplaceTokensAsync(replacements, cancellationToken).ConfigureAwait(false);
            count += batch.Count;
        }
    }
}
