using System.Net;
using Microsoft.AspNetCore.Http;

namespace Tributary.Settings;

/// <summary>An address to listen on, as <c>http://127.0.0.1:8080</c>.</summary>
/// <param name="Url">As Kestrel understands it.</param>
/// <param name="IsLoopback">Whether only this machine can reach it.</param>
internal sealed record ListenAddress(string Url, bool IsLoopback)
{
    /// <summary>Reads one.</summary>
    /// <exception cref="FormatException">Says what is wrong with it.</exception>
    public static ListenAddress Parse(string text)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(text);
        }
        catch (FormatException)
        {
            throw new FormatException($"\"{text}\" is no address; write it as http://127.0.0.1:8080.");
        }

        if (!string.Equals(address.Scheme, "http", StringComparison.OrdinalIgnoreCase))
        {
            throw new FormatException(
                $"\"{text}\" does not begin with http://. For https put a reverse proxy in front that ends TLS."
            );
        }

        if (address.PathBase.Length > 0)
        {
            throw new FormatException($"\"{text}\" has a path; an address to listen on ends after the port.");
        }

        if (address.Port is < 0 or > 65535)
        {
            throw new FormatException(
                $"\"{text}\" has a port that does not exist; ports go from 0 (any free one) to 65535."
            );
        }

        return new ListenAddress(text, IsLoopbackHost(address.Host));
    }

    /// <summary>Reads a list separated by semicolons or commas.</summary>
    public static IReadOnlyList<ListenAddress> ParseList(string text)
    {
        var parts = text.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parts.Length == 0
            ? throw new FormatException("At least one address is needed, e.g. http://127.0.0.1:8080.")
            : [.. parts.Select(Parse)];
    }

    private static bool IsLoopbackHost(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
