using System.Net;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Confluence;

/// <summary>
/// Who may see a page: those who may read its space, or, where it or a page above it is restricted, those whom all of the
/// restrictions name. Asked once a space and ancestor; where the account may not ask, it is unknown.
/// </summary>
internal sealed class ConfluenceAccess(ReaderContext context, ConfluenceApi wiki)
{
    private const int MostRemembered = 10_000;
    private const int MostInLookup = 100;

    private readonly Dictionary<string, DocumentAccess?> _spaces = [];
    private readonly Dictionary<string, DocumentAccess?> _ancestors = [];

    private static DocumentAccess Unrestricted { get; } = new(true, [], []);

    /// <summary>Null when it is not known, which leaves it to the connector.</summary>
    public async Task<DocumentAccess?> OfAsync(Content page, CancellationToken cancellationToken)
    {
        var readers = await ReadersAsync(page.Restrictions?.Read, cancellationToken);
        foreach (var ancestor in page.Ancestors ?? [])
        {
            var others = await RememberedAsync(
                _ancestors,
                ancestor.Id,
                () => OfAncestorAsync(ancestor.Id, cancellationToken)
            );
            if (others is null)
            {
                return null;
            }

            readers = Both(readers, others);
        }

        return !readers.IsPublic ? readers
            : page.Space is { Key: { } key } space
                ? await RememberedAsync(_spaces, key, () => OfSpaceAsync(space, cancellationToken))
            : null;
    }

    private static DocumentAccess Both(DocumentAccess one, DocumentAccess other) =>
        one.IsPublic ? other
        : other.IsPublic ? one
        : new DocumentAccess(false, [.. one.Users.Intersect(other.Users)], [.. one.Groups.Intersect(other.Groups)]);

    private async Task<DocumentAccess?> OfAncestorAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            var restriction = await context.Http.GetJsonAsync(
                wiki.Root.At(
                    $"rest/api/content/{id}/restriction/byOperation/read",
                    ("expand", "restrictions.user,restrictions.group")
                ),
                ConfluenceJson.Default.Restriction,
                cancellationToken
            );
            return await ReadersAsync(restriction, cancellationToken);
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.NotFound)
        {
            // A folder or database, which has no restrictions of this kind.
            return Unrestricted;
        }
    }

    private async Task<DocumentAccess> ReadersAsync(Restriction? restriction, CancellationToken cancellationToken)
    {
        if (restriction?.To is not { IsAny: true } to)
        {
            return Unrestricted;
        }

        var users = to.User?.Results ?? [];
        var hidden = users.Where(user => string.IsNullOrEmpty(user.Email)).Select(user => user.AccountId);
        return new DocumentAccess(
            false,
            [
                .. users.Select(user => user.Email).Where(mail => !string.IsNullOrEmpty(mail)).Select(mail => mail!),
                .. await EmailsAsync([.. hidden.OfType<string>()], cancellationToken),
            ],
            [.. (to.Group?.Results ?? []).Select(group => $"confluence_{group.Id ?? group.Name}")]
        );
    }

    private async Task<DocumentAccess?> OfSpaceAsync(Space space, CancellationToken cancellationToken)
    {
        if (!wiki.Config.IsCloud)
        {
            return null;
        }

        var id = space.Id?.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (id is null)
        {
            var found = await context.Http.GetJsonAsync(
                wiki.Root.At($"api/v2/spaces", ("keys", space.Key)),
                ConfluenceJson.Default.SpacePage,
                cancellationToken
            );
            id = found.Results.FirstOrDefault(one => one.Key == space.Key)?.Id;
        }

        if (id is null)
        {
            return null;
        }

        var users = new List<string>();
        var groups = new HashSet<string>();
        var pages = context.Http.PagesByCursorAsync(
            cursor => wiki.Root.At($"api/v2/spaces/{id}/permissions", ("limit", 250), ("cursor", cursor)),
            ConfluenceJson.Default.PermissionPage,
            page => ConfluenceApi.CursorOf(page.Links?.Next),
            null,
            cancellationToken
        );
        await foreach (var page in pages)
        {
            foreach (var permission in page.Body.Results.Where(IsRead))
            {
                if (permission.Principal is { Type: "group", Id: { } group })
                {
                    groups.Add($"confluence_{group}");
                }
                else if (permission.Principal is { Type: "user", Id: { } user })
                {
                    users.Add(user);
                }
            }
        }

        return new DocumentAccess(false, await EmailsAsync(users, cancellationToken), [.. groups]);
    }

    private static bool IsRead(Permission permission) => permission.Operation is { Key: "read", TargetType: "space" };

    /// <summary>The addresses that people show; profiles may hide them.</summary>
    private async Task<IReadOnlyList<string>> EmailsAsync(
        IReadOnlyList<string> accountIds,
        CancellationToken cancellationToken
    )
    {
        var mails = new List<string>();
        foreach (var some in accountIds.Distinct().Chunk(MostInLookup))
        {
            var answer = await context.Http.PostJsonAsync(
                wiki.Root.At($"api/v2/users-bulk"),
                new UserLookup(some),
                ConfluenceJson.Default.UserLookup,
                ConfluenceJson.Default.UserList,
                onlyReads: true,
                cancellationToken
            );
            mails.AddRange(
                (answer.Results ?? []).Select(user => user.Email).OfType<string>().Where(mail => mail.Length > 0)
            );
        }

        return mails;
    }

    private static async Task<DocumentAccess?> RememberedAsync(
        Dictionary<string, DocumentAccess?> memory,
        string key,
        Func<Task<DocumentAccess?>> ask
    )
    {
        if (memory.TryGetValue(key, out var known))
        {
            return known;
        }

        if (memory.Count >= MostRemembered)
        {
            memory.Clear();
        }

        try
        {
            return memory[key] = await ask();
        }
        catch (SourceException exception)
            when (exception.Status is { } status
                && (int)status is >= 400 and < 500
                && exception.Kind is not FailureKind.Transient
            )
        {
            // The account lacks the right to ask. Trouble that passes is none of that.
            return memory[key] = null;
        }
    }
}
