using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;

namespace Tributary.Integrations.RequestTracker;

/// <summary>Who a login is, and what a queue is called: asked for once each. Remembers a bounded number.</summary>
/// <param name="http">RT.</param>
/// <param name="root">The address of REST 2.</param>
internal sealed class RequestTrackerNames(HttpClient http, Uri root)
{
    private const int MostRemembered = 2_000;

    private readonly Dictionary<string, Owner> _people = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _queues = new(StringComparer.Ordinal);

    /// <summary>Logins that are addresses say it all; of others RT tells name and address, to those who may see them.</summary>
    public async Task<IReadOnlyList<Owner>> OwnersOfAsync(
        IEnumerable<string> logins,
        CancellationToken cancellationToken
    )
    {
        var owners = new List<Owner>();
        foreach (var login in logins)
        {
            owners.Add(
                login.Contains('@', StringComparison.Ordinal)
                    ? new Owner(null, login)
                    : await RememberedAsync(_people, login, token => PersonAsync(login, token), cancellationToken)
            );
        }

        return owners;
    }

    /// <summary>A queue's name; its id where RT does not tell the name.</summary>
    public async Task<string> OfQueueAsync(JsonElement queue, CancellationToken cancellationToken)
    {
        var name = RtReference.NameOf(queue);
        return name.Length == 0 || !name.All(char.IsAsciiDigit)
            ? name
            : await RememberedAsync(
                _queues,
                name,
                async token =>
                    (await TryGetAsync(root.At($"queue/{name}"), RequestTrackerJson.Default.Queue, token))?.Name
                    ?? name,
                cancellationToken
            );
    }

    private async Task<Owner> PersonAsync(string login, CancellationToken cancellationToken)
    {
        var user = await TryGetAsync(root.At($"user/{login}"), RequestTrackerJson.Default.RtUser, cancellationToken);
        var address = string.IsNullOrWhiteSpace(user?.EmailAddress) ? null : user.EmailAddress.Trim();
        return new Owner(string.IsNullOrWhiteSpace(user?.RealName) ? login : user.RealName, address);
    }

    private static async Task<T> RememberedAsync<T>(
        Dictionary<string, T> known,
        string key,
        Func<CancellationToken, Task<T>> ask,
        CancellationToken cancellationToken
    )
    {
        if (known.TryGetValue(key, out var value))
        {
            return value;
        }

        if (known.Count >= MostRemembered)
        {
            known.Clear();
        }

        return known[key] = await ask(cancellationToken);
    }

    /// <summary>An answer; null where this account may not see it, or there is none.</summary>
    private async Task<T?> TryGetAsync<T>(Uri address, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await http.GetJsonAsync(address, type, cancellationToken);
        }
        catch (SourceException exception)
            when (exception.Status
                    is HttpStatusCode.BadRequest
                        or HttpStatusCode.Forbidden
                        or HttpStatusCode.NotFound
                        or HttpStatusCode.MethodNotAllowed
                        or HttpStatusCode.NotImplemented
            )
        {
            return null;
        }
    }
}
