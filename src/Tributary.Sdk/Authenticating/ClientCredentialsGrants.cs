using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Tributary.Sdk.Authenticating;

internal sealed class ClientCredentialsGrant(
    string tokenUrl,
    string clientId,
    string clientSecret,
    string? scope,
    ClientSecretIn secretIn
) : TokenGrant
{
    internal override IEnumerable<string?> Identity => [tokenUrl, clientId, clientSecret, scope];

    internal override string Cure =>
        "Check the client id, its secret, and the permissions that were granted to the application.";

    internal override async Task<TokenSet> FetchAsync(
        TokenSet? kept,
        TokenChannel channel,
        string? subject,
        CancellationToken cancellationToken
    )
    {
        var answer = await TokenEndpoint
            .AskAsync(
                channel.Http,
                new TokenRequest
                {
                    Url = tokenUrl,
                    Fields = Fields(scope),
                    Client = new OAuthClient { ClientId = clientId.Trim(), ClientSecret = clientSecret.Trim() },
                    SecretIn = secretIn,
                    CanBeRepeated = true,
                    Cure = Cure,
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        return TokenEndpoint.TokensOf(answer, null, channel.Time);
    }

    internal static List<KeyValuePair<string, string>> Fields(string? scope)
    {
        List<KeyValuePair<string, string>> fields = [new("grant_type", "client_credentials")];
        if (scope is not null)
        {
            fields.Add(new("scope", scope));
        }

        return fields;
    }
}

internal sealed class ClientCertificateGrant(
    string tokenUrl,
    string clientId,
    string certificate,
    string? password,
    string? scope
) : TokenGrant
{
    internal override IEnumerable<string?> Identity => [tokenUrl, clientId, certificate, password, scope];

    internal override string Cure =>
        "Check the client id, the permissions that were granted to the application, and that this certificate is registered for it.";

    internal override async Task<TokenSet> FetchAsync(
        TokenSet? kept,
        TokenChannel channel,
        string? subject,
        CancellationToken cancellationToken
    )
    {
        var now = channel.Time.GetUtcNow();
        var answer = await TokenEndpoint
            .AskAsync(
                channel.Http,
                new TokenRequest
                {
                    Url = tokenUrl,
                    Fields =
                    [
                        .. ClientCredentialsGrant.Fields(scope),
                        new("client_id", clientId.Trim()),
                        new("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                        new("client_assertion", Assertion(now)),
                    ],
                    CanBeRepeated = true,
                    Cure = Cure,
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        return TokenEndpoint.TokensOf(answer, null, channel.Time);
    }

    private string Assertion(DateTimeOffset now)
    {
        using var loaded = Load();
        using var key =
            loaded.GetRSAPrivateKey()
            ?? throw new SourceException(
                FailureKind.Credentials,
                "The certificate file has no RSA private key. Export the certificate with its private key (PFX)."
            );
        return Jwt.Sign(
            new JsonObject { ["x5t"] = Jwt.Encode(loaded.GetCertHash()) },
            new JsonObject
            {
                ["aud"] = tokenUrl,
                ["iss"] = clientId.Trim(),
                ["sub"] = clientId.Trim(),
                ["jti"] = Guid.NewGuid().ToString(),
                ["nbf"] = now.AddMinutes(-1).ToUnixTimeSeconds(),
                ["exp"] = now.AddMinutes(10).ToUnixTimeSeconds(),
            },
            key
        );
    }

    private X509Certificate2 Load()
    {
        try
        {
            return X509CertificateLoader.LoadPkcs12(
                Convert.FromBase64String(certificate),
                password,
                X509KeyStorageFlags.EphemeralKeySet
            );
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException)
        {
            // Not as the inner exception: what the system says about the file is of no help.
            throw new SourceException(
                FailureKind.Credentials,
                "The certificate cannot be opened. It has to be a PFX file in base64, with the password that belongs to it."
            );
        }
    }
}
