using System.Net;
using System.Text.Json;
using Tributary.Sdk;
using Tributary.Sdk.Documents;

namespace Tributary.Integrations.Notion;

/// <summary>Names of people, databases and related pages, each asked for once. Memory is bounded.</summary>
internal sealed class NotionDirectory(NotionApi api)
{
    private const int Most = 10_000;

    private readonly Dictionary<string, Owner?> _people = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _dataSources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _titles = new(StringComparer.Ordinal);
    private bool _isLoaded;
    private bool _isRefused;

    /// <summary>Somebody; null where the connection may not know.</summary>
    public async Task<Owner?> PersonAsync(string? id, CancellationToken cancellationToken)
    {
        if (id is null || _isRefused)
        {
            return null;
        }

        if (!_isLoaded)
        {
            _isRefused = !await IsAllowedAsync(() => LoadAsync(cancellationToken));
            _isLoaded = true;
        }

        // Guests are not in the list.
        return _isRefused
            ? null
            : await CachedAsync(_people, id, async () => OwnerOf(await api.UserAsync(id, cancellationToken)));
    }

    public Task<string?> DataSourceAsync(string id, CancellationToken cancellationToken) =>
        CachedAsync(_dataSources, id, async () => PlainText((await api.DataSourceAsync(id, cancellationToken)).Title));

    public Task<string?> PageAsync(string id, CancellationToken cancellationToken) =>
        CachedAsync(_titles, id, async () => TitleOf(await api.PageAsync(id, cancellationToken)));

    /// <summary>The value of the one property that is a title; a database's own.</summary>
    public static string? TitleOf(NotionObject page)
    {
        if (page.Properties is { ValueKind: JsonValueKind.Object } properties)
        {
            foreach (var property in properties.EnumerateObject())
            {
                if (
                    property.Value.ValueKind == JsonValueKind.Object
                    && property.Value.TryGetProperty("title", out var title)
                    && PlainText(title) is { Length: > 0 } text
                )
                {
                    return text;
                }
            }
        }

        return PlainText(page.Title);
    }

    public static string? PlainText(JsonElement? runs) =>
        runs is { ValueKind: JsonValueKind.Array } array
            ? string.Concat(
                array
                    .EnumerateArray()
                    .Select(run =>
                        run.ValueKind == JsonValueKind.Object
                        && run.TryGetProperty("plain_text", out var text)
                        && text.ValueKind == JsonValueKind.String
                            ? text.GetString()
                            : ""
                    )
            )
            : null;

    /// <summary>Whether the connection may do this; what it lacks is a capability that is not needed.</summary>
    public static async Task<bool> IsAllowedAsync(Func<Task> ask)
    {
        try
        {
            await ask();
            return true;
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        await foreach (var page in api.UsersAsync(cancellationToken))
        {
            foreach (var user in page.Body.Results!.Where(user => user?.Id is not null))
            {
                _people[user.Id] = OwnerOf(user);
            }

            if (_people.Count >= Most)
            {
                break;
            }
        }
    }

    private static async Task<T?> CachedAsync<T>(Dictionary<string, T?> cache, string id, Func<Task<T?>> ask)
        where T : class
    {
        if (!cache.TryGetValue(id, out var value))
        {
            await IsAllowedAsync(async () => value = await ask());
            if (cache.Count >= Most)
            {
                cache.Clear();
            }

            cache[id] = value;
        }

        return value;
    }

    private static Owner? OwnerOf(NotionUser user) =>
        user.Name is { Length: > 0 } || user.Person?.Email is { Length: > 0 }
            ? new Owner(user.Name is { Length: > 0 } ? user.Name : null, user.Person?.Email)
            : null;
}
