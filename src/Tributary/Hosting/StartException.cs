using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Tributary.Settings;

namespace Tributary.Hosting;

/// <summary>The server cannot start; the message is one line that says why and what to do.</summary>
internal sealed class StartException(string message) : Exception(message)
{
    /// <summary>What a failed start has to say to a person.</summary>
    public static string Describe(Exception exception, ServerSettings settings)
    {
        var urls = string.Join(", ", settings.Urls.Select(url => url.Url));
        return exception switch
        {
            AggregateException { InnerExceptions.Count: 1 } several => Describe(several.InnerExceptions[0], settings),
            _ when Find<AddressInUseException>(exception) is not null =>
                $"{urls} is in use by another program. Stop that one, or choose another address with --urls.",
            _ when Find<SocketException>(exception) is { } socket => socket.SocketErrorCode switch
            {
                SocketError.AccessDenied =>
                    $"This user may not listen on {urls}. Ports below 1024 need special rights; choose another one with --urls.",
                SocketError.AddressNotAvailable =>
                    $"{urls} is no address of this machine. Choose another one with --urls.",
                _ => $"Cannot listen on {urls}: {socket.Message}",
            },
            _ => OneLine(exception.Message),
        };
    }

    private static T? Find<T>(Exception? exception)
        where T : Exception
    {
        while (exception is not null and not T)
        {
            exception = exception.InnerException;
        }

        return exception as T;
    }

    private static string OneLine(string message) =>
        string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
