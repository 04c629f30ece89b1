using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Outlook;

/// <summary>The folders of a mailbox that are read.</summary>
internal sealed class OutlookFolders(ReaderContext context, OutlookConfig config)
{
    private const int Deepest = 50;
    private const int FoldersPerPage = 250;
    private const string Fields = "id,displayName,parentFolderId,childFolderCount,isHidden";

    // Names that are not localised. Drafts are told by their messages.
    private static readonly Dictionary<string, string> AlwaysLeftOut = new(StringComparer.Ordinal)
    {
        ["deleteditems"] = "Deleted Items",
        ["junkemail"] = "Junk Email",
    };
    private static readonly HashSet<string> WellKnown = new(StringComparer.OrdinalIgnoreCase)
    {
        "inbox",
        "sentitems",
        "archive",
        "drafts",
        "deleteditems",
        "junkemail",
        "conversationhistory",
        "syncissues",
        "outbox",
        "recoverableitemsdeletions",
    };

    private string? _mailbox;
    private IReadOnlySet<string> _ids = new HashSet<string>();

    /// <summary>Their ids; those of the last mailbox are remembered.</summary>
    public async Task<IReadOnlySet<string>> OfAsync(OutlookMailbox mailbox, CancellationToken cancellationToken)
    {
        if (_mailbox != mailbox.Id)
        {
            _ids = await ReadAsync(mailbox, cancellationToken);
            _mailbox = mailbox.Id;
        }

        return _ids;
    }

    private async Task<HashSet<string>> ReadAsync(OutlookMailbox mailbox, CancellationToken cancellationToken)
    {
        var names = (config.ExcludedFolders ?? []).Select(name => name.Trim()).ToList();
        var excluded = new HashSet<string>(StringComparer.Ordinal);
        foreach (
            var name in AlwaysLeftOut
                .Keys.Concat(names.Where(WellKnown.Contains))
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .ToList()
        )
        {
            if (await WellKnownAsync(mailbox, name.ToLowerInvariant(), cancellationToken) is { } folder)
            {
                excluded.Add(folder.Id);
            }
            else if (AlwaysLeftOut.TryGetValue(name, out var english))
            {
                names.Add(english);
            }
        }

        var found = new HashSet<string>(StringComparer.Ordinal);
        var todo = new Queue<(Uri Address, int Depth)>();
        todo.Enqueue((At($"users/{mailbox.Id}/mailFolders"), 0));
        while (todo.TryDequeue(out var level))
        {
            var folders = context.Http.GraphItemsAsync(
                level.Address,
                OutlookJson.Default.GraphCollectionMailFolder,
                cancellationToken,
                OutlookMail.Preferences
            );
            await foreach (var folder in folders)
            {
                if (
                    folder.IsSearch
                    || folder.IsHidden == true
                    || excluded.Contains(folder.Id)
                    || names.Contains(folder.DisplayName?.Trim() ?? "", StringComparer.OrdinalIgnoreCase)
                    || !found.Add(folder.Id)
                )
                {
                    continue;
                }

                if (folder.ChildFolderCount is not 0 && level.Depth < Deepest)
                {
                    todo.Enqueue((At($"users/{mailbox.Id}/mailFolders/{folder.Id}/childFolders"), level.Depth + 1));
                }
            }
        }

        return found;
    }

    private Uri At(FormattableString path) =>
        config.Root.At(path, ("includeHiddenFolders", true), ("$top", FoldersPerPage), ("$select", Fields));

    private async Task<MailFolder?> WellKnownAsync(
        OutlookMailbox mailbox,
        string name,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var request = GraphPages.RequestOf(
                config.Root.At($"users/{mailbox.Id}/mailFolders/{name}", ("$select", "id,displayName")),
                OutlookMail.Preferences
            );
            using var response = await context.Http.SendCheckedAsync(request, cancellationToken);
            return await response.ReadJsonAsync(OutlookJson.Default.MailFolder, cancellationToken);
        }
        catch (SourceException exception) when (GraphFailures.IsNotServed(exception))
        {
            return null;
        }
    }
}
