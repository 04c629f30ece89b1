namespace Tributary.Sdk.Authenticating;

internal sealed class OAuthGrant(
    OAuthFacts facts,
    string? accessToken,
    string? refreshToken,
    DateTimeOffset? expiresAt,
    OAuthClient? client
) : TokenGrant
{
    internal override IEnumerable<string?> Identity => [facts.TokenUrl, client?.ClientId, accessToken, refreshToken];

    internal override string Cure => "Sign in again, or give new tokens.";

    internal override TokenSet? Initial(TimeProvider time) =>
        string.IsNullOrWhiteSpace(accessToken)
            ? null
            : new TokenSet
            {
                AccessToken = accessToken.Trim(),
                RefreshToken = string.IsNullOrWhiteSpace(refreshToken) ? null : refreshToken.Trim(),

                // Without a refresh token nothing can be renewed early: the source says when it is over.
                RenewAt = string.IsNullOrWhiteSpace(refreshToken) ? null : expiresAt - TimeSpan.FromMinutes(5),
            };

    internal override async Task<TokenSet> FetchAsync(
        TokenSet? kept,
        TokenChannel channel,
        string? subject,
        CancellationToken cancellationToken
    )
    {
        var current = kept?.RefreshToken ?? refreshToken?.Trim();
        if (string.IsNullOrEmpty(current))
        {
            throw new SourceException(
                FailureKind.Credentials,
                $"The access token is refused or missing, and there is no refresh token to renew it by. {Cure}"
            );
        }

        var asking =
            client
            ?? channel.Client
            ?? throw new SourceException(
                FailureKind.Configuration,
                "The tokens cannot be renewed: the operator of this server has configured no OAuth client for this integration. It belongs into TRIBUTARY_OAUTH_CLIENTS."
            );
        var answer = await TokenEndpoint
            .AskAsync(
                channel.Http,
                new TokenRequest
                {
                    Url = client is null
                        ? channel.AddressFor(asking, facts.TokenUrl)
                        : client.TokenUrl ?? facts.TokenUrl,
                    Fields = [new("grant_type", "refresh_token"), new("refresh_token", current)],
                    Client = asking,
                    SecretIn = facts.SecretIn,
                    SendsJson = facts.SendsJson,
                    Headers = facts.TokenHeaders,
                    Cure = Cure,
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        return TokenEndpoint.TokensOf(answer, current, channel.Time);
    }
}
