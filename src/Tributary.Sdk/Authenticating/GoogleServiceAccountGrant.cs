using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tributary.Sdk.Authenticating;

internal sealed class GoogleServiceAccountGrant(
    string keyFile,
    ImmutableArray<string> scopes,
    string? subject,
    string? tokenUrl
) : TokenGrant
{
    internal override IEnumerable<string?> Identity => [keyFile, string.Join(' ', scopes), subject, tokenUrl];

    internal override string Cure =>
        "Check that the service account's key was not deleted, that the user who is acted for exists and is not suspended, and that domain-wide delegation was granted to the service account's client id with exactly the scopes that the integration's page lists.";

    internal override async Task<TokenSet> FetchAsync(
        TokenSet? kept,
        TokenChannel channel,
        string? user,
        CancellationToken cancellationToken
    )
    {
        var (email, key, keyId, keyUrl) = Read();
        var url = tokenUrl ?? keyUrl;
        var now = channel.Time.GetUtcNow();
        var claims = new JsonObject
        {
            ["iss"] = email,
            ["scope"] = string.Join(' ', scopes),
            ["aud"] = url,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddHours(1).ToUnixTimeSeconds(),
        };
        if ((user ?? subject) is { } actsAs)
        {
            claims["sub"] = actsAs;
        }

        using var rsa = Jwt.KeyOf(key);
        var answer = await TokenEndpoint
            .AskAsync(
                channel.Http,
                new TokenRequest
                {
                    Url = url,
                    Fields =
                    [
                        new("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                        new(
                            "assertion",
                            Jwt.Sign(keyId is null ? [] : new JsonObject { ["kid"] = keyId }, claims, rsa)
                        ),
                    ],
                    CanBeRepeated = true,
                    Cure = Cure,
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        return TokenEndpoint.TokensOf(answer, null, channel.Time);
    }

    private (string Email, string Key, string? KeyId, string TokenUrl) Read() =>
        TokenEndpoint.Parse(Encoding.UTF8.GetBytes(keyFile)) is { ValueKind: JsonValueKind.Object } file
        && TokenEndpoint.Text(file, "client_email") is { Length: > 0 } email
        && TokenEndpoint.Text(file, "private_key") is { Length: > 0 } key
            ? (
                email,
                key,
                TokenEndpoint.Text(file, "private_key_id"),
                TokenEndpoint.Text(file, "token_uri") ?? "https://oauth2.googleapis.com/token"
            )
            : throw new SourceException(
                FailureKind.Credentials,
                "The service account's key is not the JSON file that Google's console gives (with client_email and private_key). Make a new key of type JSON and give the whole file."
            );
}
