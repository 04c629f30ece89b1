using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Tributary.Sdk.Http;

namespace Tributary.Sdk.Authenticating;

internal sealed class GitHubInstallationGrant(string api, string appId, string privateKey, long installationId)
    : TokenGrant
{
    internal override IEnumerable<string?> Identity =>
        [api, appId, privateKey, installationId.ToString(CultureInfo.InvariantCulture)];

    internal override string Cure =>
        "Check the app's id, that its private key was not deleted, and that the app is installed and not suspended.";

    internal override async Task<TokenSet> FetchAsync(
        TokenSet? kept,
        TokenChannel channel,
        string? subject,
        CancellationToken cancellationToken
    )
    {
        var now = channel.Time.GetUtcNow();
        using var key = Jwt.KeyOf(privateKey);
        using var message = TokenEndpoint.Message(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{api.TrimEnd('/')}/app/installations/{installationId}/access_tokens"
            ),
            canBeRepeated: true
        );
        message.Headers.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            Jwt.Sign(
                [],
                new JsonObject
                {
                    // A minute back, for clocks that are ahead; GitHub takes ten minutes at most.
                    ["iat"] = now.AddMinutes(-1).ToUnixTimeSeconds(),
                    ["exp"] = now.AddMinutes(9).ToUnixTimeSeconds(),
                    ["iss"] = appId.Trim(),
                },
                key
            )
        );
        using var response = await channel.Http.SendAnyAsync(message, cancellationToken).ConfigureAwait(false);
        var host = message.RequestUri!.IdnHost;
        if (
            response.StatusCode
            is HttpStatusCode.Unauthorized
                or HttpStatusCode.Forbidden
                or HttpStatusCode.NotFound
                or HttpStatusCode.UnprocessableEntity
        )
        {
            throw new SourceException(
                FailureKind.Credentials,
                $"{host} gives no token for installation {installationId} ({(int)response.StatusCode}). {Cure}"
            );
        }

        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        return
            response.IsSuccessStatusCode
            && TokenEndpoint.Parse(body) is { } answer
            && TokenEndpoint.Text(answer, "token") is { Length: > 0 } token
            && DateTimeOffset.TryParse(
                TokenEndpoint.Text(answer, "expires_at"),
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var expiresAt
            )
            ? new TokenSet { AccessToken = token, RenewAt = TokenSet.RenewalOf(now, expiresAt - now) }
            : throw TokenEndpoint.Unreadable(host, response);
    }
}
