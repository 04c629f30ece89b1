namespace Tributary.Sdk.Authenticating;

/// <summary>The errors of token endpoints, in words for the one who has to mend them.</summary>
internal static class TokenError
{
    /// <summary>In words.</summary>
    /// <param name="host">The endpoint's host.</param>
    /// <param name="error">The code, or the code and Microsoft's number, e.g. <c>invalid_client AADSTS7000222</c>.</param>
    /// <param name="cure">What to do about a grant that is refused.</param>
    public static SourceException InWords(string host, string error, string cure)
    {
        var parts = error.Split(' ');
        var (kind, advice) =
            parts.Length > 1 && Entra(parts[1]) is { } known ? known : Plain(parts[0].ToLowerInvariant(), cure);
        return new SourceException(kind, $"The token endpoint at {host} refuses ({error}): {advice}");
    }

    private static (FailureKind Kind, string Advice) Plain(string code, string cure) =>
        code switch
        {
            "invalid_grant" or "invalid_refresh_token" or "bad_refresh_token" or "token_expired" or "token_revoked" => (
                FailureKind.Credentials,
                $"what was granted has expired, was revoked, or was already used. {cure}"
            ),
            "bad_verification_code" or "invalid_code" or "code_already_used" => (
                FailureKind.Credentials,
                "the sign-in has taken too long or was already finished. Sign in again."
            ),
            "invalid_client"
            or "bad_client_secret"
            or "invalid_client_id"
            or "bad_client_id"
            or "incorrect_client_credentials" => (
                FailureKind.Credentials,
                "the client id or its secret is wrong or has expired. Give the client's current ones."
            ),
            "unauthorized_client" => (
                FailureKind.Credentials,
                $"the client may not do this, or not for all the scopes that are asked for. {cure}"
            ),
            "invalid_scope" => (
                FailureKind.Credentials,
                "a scope that is asked for does not exist there or was not granted to the client. Grant the client every scope that the integration's page lists."
            ),
            "access_denied" or "consent_required" or "interaction_required" or "login_required" => (
                FailureKind.Credentials,
                "access was denied or needs a person's consent. Sign in again and agree, or let an administrator do so."
            ),
            "redirect_uri_mismatch" or "bad_redirect_uri" => (
                FailureKind.Configuration,
                "the redirect address is not the one that is registered for the client. Make them the same, to the letter."
            ),
            "temporarily_unavailable" or "server_error" or "slow_down" or "ratelimited" or "internal_error" => (
                FailureKind.Transient,
                "it has a fault of its own or is busy; the next run tries again."
            ),
            "invalid_request" or "unsupported_grant_type" or "invalid_target" or "invalid_resource" => (
                FailureKind.Configuration,
                "it does not take this kind of request. Check the address, and the tenant or instance in it."
            ),
            _ => (FailureKind.Credentials, cure),
        };

    /// <summary>Microsoft Entra's numbers that administrators meet; null for the others, whose OAuth code says enough.</summary>
    private static (FailureKind Kind, string Advice)? Entra(string number) =>
        number switch
        {
            "AADSTS7000215" => (
                FailureKind.Credentials,
                "the client secret is wrong. Give the secret's value, not its id, from \"Certificates & secrets\" of the app registration."
            ),
            "AADSTS7000222" => (
                FailureKind.Credentials,
                "the client secret has expired. Make a new one under \"Certificates & secrets\" of the app registration, and give its value."
            ),
            "AADSTS700016" => (
                FailureKind.Credentials,
                "there is no application with this client id in this tenant. Check the client id and the directory (tenant) id."
            ),
            "AADSTS90002" or "AADSTS900023" => (
                FailureKind.Credentials,
                "there is no such tenant. Check the directory (tenant) id, and the authority's host for national clouds."
            ),
            "AADSTS700027" or "AADSTS7000211" => (
                FailureKind.Credentials,
                "the certificate is not registered for this application or has expired. Upload its public part under \"Certificates & secrets\" of the app registration."
            ),
            "AADSTS70011" or "AADSTS1002012" or "AADSTS500011" => (
                FailureKind.Configuration,
                "the scope is not one of this cloud or tenant. Check the host of the API; national clouds have their own."
            ),
            "AADSTS65001" => (
                FailureKind.Credentials,
                "an administrator has not consented to the application's permissions. Let one grant them in the app registration."
            ),
            "AADSTS53003" or "AADSTS50158" => (
                FailureKind.Credentials,
                "a conditional access policy of the tenant forbids it. Let an administrator exclude the application."
            ),
            "AADSTS90033" or "AADSTS90055" => (
                FailureKind.Transient,
                "Microsoft Entra is busy; the next run tries again."
            ),
            _ => null,
        };
}
