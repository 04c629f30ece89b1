using System.Net.Sockets;
using System.Security.Authentication;
using Tributary.Sdk;

namespace Tributary.Engine.Outbound.Retry;

/// <summary>What went wrong below HTTP: whether it may pass, whether the request had left, and how to say it.</summary>
internal static class TransportFailure
{
    /// <summary>Whether trying again may help.</summary>
    public static bool IsTransient(Exception failure) =>
        failure is TimeoutException
        || (
            failure is HttpRequestException { HttpRequestError: not HttpRequestError.ConfigurationLimitExceeded }
            && !IsRefusal(failure)
            && !IsCertificate(failure)
        );

    /// <summary>Whether it is certain that nothing of the request had been sent.</summary>
    public static bool IsBeforeSending(Exception failure) =>
        failure
            is HttpRequestException
            {
                HttpRequestError: HttpRequestError.ConnectionError
                    or HttpRequestError.NameResolutionError
                    or HttpRequestError.SecureConnectionError,
            };

    /// <summary>The same in words for people, without the query string; failures that already are, as they are.</summary>
    public static Exception InWords(Exception failure, Uri uri)
    {
        if (Inner<SourceException>(failure) is { } ours)
        {
            // The guard's refusal was thrown where the connection was opened; a fresh copy has this request's stack.
            return new SourceException(ours.Kind, ours.Message, ours.InnerException);
        }

        var host = uri.IsDefaultPort ? uri.IdnHost : $"{uri.IdnHost}:{uri.Port}";
        return failure switch
        {
            TimeoutException => new SourceException(FailureKind.Transient, $"{host} did not answer in time.", failure),
            HttpRequestException when IsCertificate(failure) => new SourceException(
                FailureKind.Configuration,
                $"No secure connection to {host} can be made: its certificate is not valid for that name, has expired, or is not "
                    + "signed by an authority that this machine trusts.",
                failure
            ),
            HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } =>
                new SourceException(FailureKind.Source, $"The headers of the answer of {host} are too large.", failure),
            HttpRequestException e => new SourceException(
                FailureKind.Transient,
                IsBeforeSending(e) ? $"No connection to {host}: {Reason(e)}." : $"The connection to {host} broke off.",
                failure
            ),
            _ => failure,
        };
    }

    private static bool IsRefusal(Exception failure) => Inner<SourceException>(failure) is not null;

    private static bool IsCertificate(Exception failure) => Inner<AuthenticationException>(failure) is not null;

    private static string Reason(HttpRequestException failure) =>
        Inner<SocketException>(failure)?.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => "it refuses connections",
            SocketError.TryAgain => "its name could not be looked up",
            SocketError.NetworkUnreachable or SocketError.HostUnreachable => "there is no way to it",
            _ => "it cannot be reached",
        };

    private static T? Inner<T>(Exception? failure)
        where T : Exception
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            if (failure is T found)
            {
                return found;
            }
        }

        return null;
    }
}
