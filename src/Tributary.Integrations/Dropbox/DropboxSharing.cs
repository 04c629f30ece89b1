using System.Net;
using Tributary.Sdk;
using Tributary.Sdk.Documents;

namespace Tributary.Integrations.Dropbox;

/// <summary>Links, readers and authors of files. Remembers a bounded number of folders and people.</summary>
internal sealed class DropboxSharing(DropboxApi api, CurrentAccount account)
{
    private const int MostRemembered = 2_000;
    private const int MostAccounts = 300;
    private const int FileMembers = 300;
    private const int FolderMembers = 1_000;
    private const int MostPages = 100;
    private readonly Dictionary<string, DocumentAccess?> _folders = [];
    private readonly Dictionary<string, Owner> _people = [];

    /// <summary>Where the signed-in owner finds a file.</summary>
    public static string HomeOf(Entry file) =>
        "https://www.dropbox.com/home"
        + string.Join('/', (file.PathDisplay ?? file.PathLower ?? "").Split('/').Select(Uri.EscapeDataString));

    /// <summary>An existing shared link, else the place in the owner's Dropbox. None is ever made.</summary>
    public async Task<string> LinkAsync(Entry file, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await api.CallAsync(
                $"sharing/list_shared_links",
                new LinksArgument(file.Id!, DirectOnly: true),
                DropboxJson.Default.LinksArgument,
                DropboxJson.Default.LinksAnswer,
                cancellationToken
            );
            return answer.Links?.Select(link => link.Url).FirstOrDefault(url => !string.IsNullOrEmpty(url))
                ?? HomeOf(file);
        }
        catch (SourceException exception) when (IsDenied(exception))
        {
            return HomeOf(file);
        }
    }

    /// <summary>Learns who wrote these files, many at a time.</summary>
    public async Task LearnAsync(IEnumerable<Entry> files, CancellationToken cancellationToken)
    {
        if (_people.Count > MostRemembered)
        {
            _people.Clear();
        }

        var unknown = files
            .Select(file => file.SharingInfo?.ModifiedBy)
            .OfType<string>()
            .Where(id => id != account.AccountId && !_people.ContainsKey(id))
            .Distinct();
        foreach (var ids in unknown.Chunk(MostAccounts))
        {
            try
            {
                var answer = await api.CallAsync(
                    $"users/get_account_batch",
                    new AccountsArgument(ids),
                    DropboxJson.Default.AccountsArgument,
                    DropboxJson.Default.IReadOnlyListCurrentAccount,
                    cancellationToken
                );
                foreach (var person in answer)
                {
                    _people[person.AccountId ?? ""] = new Owner(person.Name?.DisplayName ?? person.Email, person.Email);
                }
            }
            catch (SourceException exception) when (IsDenied(exception))
            {
                // One account that is no more fails the batch; its files do without an author.
            }
        }
    }

    /// <summary>Who wrote a file last; the account's owner where nobody else can have.</summary>
    public Owner? OwnerOf(Entry file) =>
        file.SharingInfo?.ModifiedBy is { } id && id != account.AccountId ? _people.GetValueOrDefault(id)
        : file.SharingInfo is null || file.SharingInfo.ModifiedBy is not null
            ? new Owner(account.Name?.DisplayName ?? account.Email, account.Email)
        : null;

    /// <summary>Who may read a file: its own members and those of its shared folder; the owner alone where it is not shared.</summary>
    public async Task<DocumentAccess> AccessAsync(Entry file, CancellationToken cancellationToken)
    {
        var own = new DocumentAccess(false, account.Email is { } email ? [email.ToLowerInvariant()] : [], []);
        var ofFolder = file.SharingInfo?.ParentSharedFolderId is { } folder
            ? await FolderAsync(folder, cancellationToken)
            : null;
        var ofFile =
            file.HasExplicitSharedMembers == true
                ? await MembersAsync(
                    $"sharing/list_file_members",
                    new FileMembersArgument(file.Id!, FileMembers),
                    DropboxJson.Default.FileMembersArgument,
                    $"sharing/list_file_members/continue",
                    cancellationToken
                )
                : null;
        return (ofFolder, ofFile) switch
        {
            ({ } one, { } other) => new DocumentAccess(
                false,
                [.. one.Users.Union(other.Users).Order(StringComparer.Ordinal)],
                [.. one.Groups.Union(other.Groups).Order(StringComparer.Ordinal)]
            ),
            _ => ofFolder ?? ofFile ?? own,
        };
    }

    private async Task<DocumentAccess?> FolderAsync(string folder, CancellationToken cancellationToken)
    {
        if (_folders.Count > MostRemembered)
        {
            _folders.Clear();
        }

        return _folders.TryGetValue(folder, out var access)
            ? access
            : _folders[folder] = await MembersAsync(
                $"sharing/list_folder_members",
                new FolderMembersArgument(folder, FolderMembers),
                DropboxJson.Default.FolderMembersArgument,
                $"sharing/list_folder_members/continue",
                cancellationToken
            );
    }

    /// <summary>
    /// Whether Dropbox does not tell about this one item: not to this account or plan, or not at all behind a gateway.
    /// A token without the permission (401) and a fault that passes are no such thing.
    /// </summary>
    private static bool IsDenied(SourceException exception) =>
        exception.Status
            is HttpStatusCode.BadRequest
                or HttpStatusCode.Forbidden
                or HttpStatusCode.NotFound
                or HttpStatusCode.MethodNotAllowed
                or HttpStatusCode.Conflict
                or HttpStatusCode.NotImplemented;

    /// <summary>The members; null where Dropbox does not tell them, so that nobody is let in who may not.</summary>
    private async Task<DocumentAccess?> MembersAsync<T>(
        FormattableString function,
        T argument,
        System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type,
        FormattableString more,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await AllMembersAsync(function, argument, type, more, cancellationToken);
        }
        catch (SourceException exception) when (IsDenied(exception))
        {
            return null;
        }
    }

    private async Task<DocumentAccess> AllMembersAsync<T>(
        FormattableString function,
        T argument,
        System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type,
        FormattableString more,
        CancellationToken cancellationToken
    )
    {
        var users = new SortedSet<string>(StringComparer.Ordinal);
        var groups = new SortedSet<string>(StringComparer.Ordinal);
        var page = await api.CallAsync(function, argument, type, DropboxJson.Default.MembersAnswer, cancellationToken);
        for (var pages = 1; ; pages++)
        {
            users.UnionWith(
                (page.Users ?? [])
                    .Where(member => member.AccessType?.MayRead != false)
                    .Select(member => member.User?.Email)
                    .Concat((page.Invitees ?? []).Select(member => member.Invitee?.Email))
                    .OfType<string>()
                    .Select(email => email.ToLowerInvariant())
            );
            groups.UnionWith(
                (page.Groups ?? [])
                    .Where(member => member.AccessType?.MayRead != false)
                    .Select(member => member.Group?.GroupId)
                    .OfType<string>()
                    .Select(id => $"dropbox_{id}")
            );
            if (string.IsNullOrEmpty(page.Cursor))
            {
                return new DocumentAccess(false, [.. users], [.. groups]);
            }

            if (pages == MostPages)
            {
                throw new SourceException(FailureKind.Source, "Dropbox's list of members does not end.");
            }

            page = await api.CallAsync(
                more,
                new CursorArgument(page.Cursor),
                DropboxJson.Default.CursorArgument,
                DropboxJson.Default.MembersAnswer,
                cancellationToken
            );
        }
    }
}
