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
    private readonly Dictionary<string, DocumentAccess> _folders = [];
    private readonly Dictionary<string, Owner> _people = [];

    /// <summary>Where the signed-in owner finds a file.</summary>
    public static string HomeOf(Entry file) =>
        "https://www.dropbox.com/home"
        + string.Join('/', (file.PathDisplay ?? file.PathLower ?? "").Split('/').Select(Uri.EscapeDataString));

    /// <summary>An existing shared link, else the place in the owner's Dropbox. None is ever made.</summary>
    public async Task<string> LinkAsync(Entry file, CancellationToken cancellationToken)
    {
        var answer = await api.CallAsync(
            $"sharing/list_shared_links",
            new LinksArgument(file.Id!, DirectOnly: true),
            DropboxJson.Default.LinksArgument,
            DropboxJson.Default.LinksAnswer,
            cancellationToken
        );
        return answer.Links?.Select(link => link.Url).FirstOrDefault(url => !string.IsNullOrEmpty(url)) ?? HomeOf(file);
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
                    _people[person.AccountId] = new Owner(person.Name?.DisplayName ?? person.Email, person.Email);
                }
            }
            catch (SourceException exception) when (exception.Status == System.Net.HttpStatusCode.Conflict)
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

    /// <summary>Who may read a file.</summary>
    public async Task<DocumentAccess> AccessAsync(Entry file, CancellationToken cancellationToken)
    {
        if (file.HasExplicitSharedMembers == true)
        {
            // Those of the folder come with them.
            return await MembersAsync(
                $"sharing/list_file_members",
                new FileMembersArgument(file.Id!, FileMembers),
                DropboxJson.Default.FileMembersArgument,
                $"sharing/list_file_members/continue",
                cancellationToken
            );
        }

        if (file.SharingInfo?.ParentSharedFolderId is not { } folder)
        {
            return new DocumentAccess(false, account.Email is { } own ? [own.ToLowerInvariant()] : [], []);
        }

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

    private async Task<DocumentAccess> MembersAsync<T>(
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
