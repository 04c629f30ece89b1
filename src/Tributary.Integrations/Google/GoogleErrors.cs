using System.Net;
using System.Text.Json;
using Tributary.Sdk;
using Tributary.Sdk.Http;

namespace Tributary.Integrations.Google;

/// <summary>Google's refusals in words. The status alone says too little: a 403 may be a limit, a scope or a setting.</summary>
internal static class GoogleErrors
{
    private const string ReasonKey = "google-reason";

    /// <summary>The reason that Google gave, e.g. <c>exportSizeLimitExceeded</c>; empty when none.</summary>
    public static string ReasonOf(SourceException exception) => exception.Data[ReasonKey] as string ?? "";

    /// <summary>Reads a refusal.</summary>
    public static async Task<SourceException> OfAsync(
        HttpRequestMessage request,
        HttpResponseMessage response,
        CancellationToken cancellationToken
    )
    {
        var plain = SourceHttp.FailureOf(request, response);
        GoogleError? error = null;
        try
        {
            error = (await response.ReadJsonAsync(GoogleJson.Default.GoogleErrorAnswer, cancellationToken)).Error;
        }
        catch (SourceException)
        {
            // A gateway's page: the status has to do.
        }

        var reason = (error?.Errors is [var first, ..] ? first.Reason : null) ?? error?.Status ?? "";
        var refusal = InWords(plain, reason, request.RequestUri!, error?.Message);
        refusal.Data[ReasonKey] = reason;
        return refusal;
    }

    private static SourceException InWords(SourceException plain, string reason, Uri address, string? message) =>
        (plain.Status, reason) switch
        {
            (
                HttpStatusCode.Forbidden,
                "rateLimitExceeded"
                    or "userRateLimitExceeded"
                    or "dailyLimitExceeded"
                    or "quotaExceeded"
                    or "RESOURCE_EXHAUSTED"
            ) => new SourceException(
                FailureKind.Transient,
                $"{address.Host} has no quota left for now ({reason}): the next run goes on."
            )
            {
                Status = HttpStatusCode.TooManyRequests,
            },
            (HttpStatusCode.Forbidden, "accessNotConfigured" or "SERVICE_DISABLED") => Refused(
                $"The API at {address.Host} is not enabled in the Google Cloud project of these credentials. "
                    + "Enable it under \"APIs & Services\", wait a few minutes, and try again."
            ),
            (HttpStatusCode.Forbidden, "insufficientPermissions" or "ACCESS_TOKEN_SCOPE_INSUFFICIENT") => Refused(
                $"The credentials lack a scope for {address.AbsolutePath}. Grant every scope that the integration's page lists: "
                    + "by signing in again, or to the service account's client id in the Admin console."
            ),
            (HttpStatusCode.Forbidden, "domainPolicy") => Refused(
                $"The domain's administrators do not allow this application or service ({address.Host})."
            ),
            (HttpStatusCode.Forbidden, "cannotDownloadAbusiveFile") => Refused(
                "Google marks this file as malware or spam and does not give it out."
            ),
            (HttpStatusCode.Forbidden, _) when reason.Length > 0 => Refused(
                $"{address.Host} refuses {address.AbsolutePath} ({reason}): {message}"
            ),
            (HttpStatusCode.BadRequest, _) when reason.Length > 0 => new SourceException(
                FailureKind.Source,
                $"{address.Host} refuses {address.AbsolutePath} ({reason}): {message}"
            )
            {
                Status = plain.Status,
            },
            _ => plain,
        };

    private static SourceException Refused(string message) =>
        new(FailureKind.Credentials, message) { Status = HttpStatusCode.Forbidden };
}
