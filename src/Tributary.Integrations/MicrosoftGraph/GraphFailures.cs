using System.Net;
using Tributary.Sdk;

namespace Tributary.Integrations.MicrosoftGraph;

/// <summary>Mailboxes, libraries and channels that fail without the rest of the tenant being in trouble.</summary>
internal static class GraphFailures
{
    /// <summary>Refused, gone, or locked: this one alone. Anything else is the whole source's trouble.</summary>
    public static bool ConcernsOne(SourceException exception) =>
        exception.Status
            is HttpStatusCode.Forbidden
                or HttpStatusCode.NotFound
                or HttpStatusCode.Gone
                or HttpStatusCode.Locked
                or HttpStatusCode.PaymentRequired
                or HttpStatusCode.BadRequest;

    /// <summary>
    /// Something that the application may not know, or that this cloud or gateway does not have. Where it is no more than
    /// a nicety (who may read something), reading goes on without.
    /// </summary>
    public static bool IsNotToBeHad(SourceException exception) =>
        exception.Status is HttpStatusCode.Forbidden or HttpStatusCode.PaymentRequired || IsNotServed(exception);

    /// <summary>An address that this cloud or gateway does not have.</summary>
    public static bool IsNotServed(SourceException exception) =>
        exception.Status
            is HttpStatusCode.BadRequest
                or HttpStatusCode.NotFound
                or HttpStatusCode.MethodNotAllowed
                or HttpStatusCode.NotImplemented;

    /// <summary>A refusal in words that name the missing permission.</summary>
    public static async Task<T> AllowedAsync<T>(Func<Task<T>> read, string permission, string advice = "")
    {
        try
        {
            return await read();
        }
        catch (SourceException exception)
            when (exception.Status is HttpStatusCode.Forbidden or HttpStatusCode.PaymentRequired
                && exception.Member is null
            )
        {
            throw new SourceException(
                FailureKind.Credentials,
                $"The application lacks the permission {permission}. Add it as an application permission in the Entra admin center and give admin consent.{advice}",
                exception
            )
            {
                Status = exception.Status,
            };
        }
    }
}
