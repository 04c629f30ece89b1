using System.Net;
using System.Runtime.CompilerServices;
using Tributary.Sdk;

namespace Tributary.Integrations.CodeHosts;

/// <summary>Lists that some servers, projects or gateways do not have, and that a reader can do without.</summary>
internal static class Absent
{
    /// <summary>Whether an answer says that there is no such thing here.</summary>
    public static bool Is(SourceException exception) =>
        exception.Status
            is HttpStatusCode.NotFound
                or HttpStatusCode.Gone
                or HttpStatusCode.MethodNotAllowed
                or HttpStatusCode.NotImplemented;

    /// <summary>The same items; none where the list is absent.</summary>
    public static async IAsyncEnumerable<T> OrNone<T>(
        this IAsyncEnumerable<T> items,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var each = items.GetAsyncEnumerator(cancellationToken);
        while (await MoveAsync(each))
        {
            yield return each.Current;
        }
    }

    private static async Task<bool> MoveAsync<T>(IAsyncEnumerator<T> items)
    {
        try
        {
            return await items.MoveNextAsync();
        }
        catch (SourceException exception) when (Is(exception))
        {
            return false;
        }
    }
}
