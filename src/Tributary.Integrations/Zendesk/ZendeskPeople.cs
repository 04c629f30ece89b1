using System.Globalization;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Zendesk;

/// <summary>Names of users.</summary>
internal sealed class ZendeskPeople(ReaderContext context, Uri root)
{
    private const int PerRequest = 100;

    /// <summary>Users by id: those that came along with a page, else by a request for each hundred.</summary>
    /// <param name="sideloaded">What came along; null when the page has none at all.</param>
    /// <param name="ids">Whose names are wanted; null and the system's -1 are nobody.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyDictionary<long, User>> OfAsync(
        IReadOnlyList<User>? sideloaded,
        IEnumerable<long?> ids,
        CancellationToken cancellationToken
    )
    {
        var users = new Dictionary<long, User>();
        Add(users, sideloaded ?? []);
        if (sideloaded is null)
        {
            foreach (var some in ids.OfType<long>().Where(id => id > 0).Distinct().Chunk(PerRequest))
            {
                var list = string.Join(',', some.Select(id => id.ToString(CultureInfo.InvariantCulture)));
                try
                {
                    var answer = await context.Http.GetJsonAsync(
                        root.At($"api/v2/users/show_many", ("ids", list)),
                        ZendeskJson.Default.UsersAnswer,
                        cancellationToken
                    );
                    Add(users, answer.Users);
                }
                catch (SourceException exception) when (ZendeskReader.IsRefused(exception))
                {
                    // A token without users:read: its documents have no names.
                    break;
                }
            }
        }

        return users;
    }

    /// <summary>Owners out of users, without those who are not known.</summary>
    public static IReadOnlyList<Owner> Owners(params IEnumerable<User?> users) =>
        [
            .. users
                .OfType<User>()
                .Where(user => user.Name is { Length: > 0 } || user.Email is { Length: > 0 })
                .Select(user => new Owner(user.Name is { Length: > 0 } name ? name : null, user.Email))
                .Distinct(),
        ];

    private static void Add(Dictionary<long, User> users, IEnumerable<User> more)
    {
        foreach (var user in more)
        {
            users[user.Id ?? 0] = user;
        }
    }
}

internal static class MetadataTexts
{
    /// <summary>Adds a text that is there.</summary>
    public static void AddText(this Dictionary<string, MetadataValue> metadata, string name, string? value)
    {
        if (!string.IsNullOrWhiteSpace(value))
        {
            metadata[name] = value;
        }
    }
}
