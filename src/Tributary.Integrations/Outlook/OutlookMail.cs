using System.Globalization;
using System.Runtime.CompilerServices;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Outlook;

/// <summary>The messages of a mailbox, by folder and by conversation.</summary>
internal sealed class OutlookMail(ReaderContext context, OutlookConfig config)
{
    /// <summary>Ids that stay the same when a message is moved, and times that need no zone.</summary>
    public const string Preferences = "IdType=\"ImmutableId\", outlook.timezone=\"UTC\"";

    /// <summary>What a delta with a filter answers at most.</summary>
    public const int MostFiltered = 5_000;

    private const int MostMessages = 1_000;
    private const int RowsPerPage = 500;
    private const string LightFields =
        "id,conversationId,conversationIndex,internetMessageId,parentFolderId,sender,from,toRecipients,ccRecipients,bccRecipients,receivedDateTime,isDraft,hasAttachments";
    private const string Fields = LightFields + ",subject,sentDateTime,webLink,body,uniqueBody";

    /// <summary>Mail before this is not read; null for all.</summary>
    public DateTimeOffset? Oldest =>
        config.MailHistoryDays is { } days ? context.Time.GetUtcNow().AddDays(-days) : null;

    /// <summary>It lies in a folder that is read, and is not too old.</summary>
    public bool IsRead(MailMessage message, IReadOnlySet<string> folders) =>
        message.ParentFolderId is { } folder && folders.Contains(folder) && !(message.ReceivedDateTime < Oldest);

    /// <summary>Rows of a folder, without bodies: what changed since a link, or all of it, or what was received since a time.</summary>
    /// <param name="mailbox">The user's object id.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="since">Only what was received since; null for all.</param>
    /// <param name="changed">Where there is no feed of changes (21Vianet has none): only what was changed since.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public IAsyncEnumerable<Page<GraphCollection<MailMessage>>> FolderAsync(
        string mailbox,
        string folder,
        DateTimeOffset? since,
        DateTimeOffset? changed,
        string? from,
        CancellationToken cancellationToken
    )
    {
        var received = since is { } time ? $"receivedDateTime ge {Seconds(time)}" : null;
        var feed = config.Root.At(
            $"users/{mailbox}/mailFolders/{folder}/messages/delta",
            ("$select", LightFields),
            ("$filter", received)
        );
        var list = config.Root.At(
            $"users/{mailbox}/mailFolders/{folder}/messages",
            ("$select", LightFields),
            ("$filter", changed is { } last ? $"lastModifiedDateTime ge {Seconds(last)}" : received),
            ("$top", RowsPerPage)
        );
        return from is not null ? PagesAsync(feed) : PagesAsync(feed).OrElse(() => PagesAsync(list), cancellationToken);

        IAsyncEnumerable<Page<GraphCollection<MailMessage>>> PagesAsync(Uri first) =>
            context.Http.GraphPagesAsync(
                first,
                OutlookJson.Default.GraphCollectionMailMessage,
                from,
                cancellationToken,
                $"odata.maxpagesize={RowsPerPage}, {Preferences}"
            );
    }

    /// <summary>
    /// All rows of a folder for a listing. A filtered delta is cut off at 5,000; where that many came, the folder is walked
    /// again without.
    /// </summary>
    public async IAsyncEnumerable<MailMessage> RowsAsync(
        string mailbox,
        string folder,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        for (var since = Oldest; ; since = null)
        {
            var count = 0;
            await foreach (var page in FolderAsync(mailbox, folder, since, null, null, cancellationToken))
            {
                foreach (var row in page.Body.Items)
                {
                    count++;
                    yield return row;
                }
            }

            if (since is null || count < MostFiltered)
            {
                yield break;
            }
        }
    }

    /// <summary>The messages of a conversation in all folders, oldest first, drafts left out; the newest thousand.</summary>
    public async Task<IReadOnlyList<MailMessage>> ConversationAsync(
        OutlookMailbox mailbox,
        string conversation,
        bool withBodies,
        CancellationToken cancellationToken
    )
    {
        const int MostBodies = 100;
        var pages = context.Http.GraphPagesAsync(
            config.Root.At(
                $"users/{mailbox.Id}/messages",
                (
                    "$filter",
                    $"receivedDateTime ge 1970-01-01T00:00:00Z and conversationId eq {GraphText.Quoted(conversation)}"
                ),
                ("$orderby", "receivedDateTime desc"),
                ("$select", withBodies ? Fields : LightFields),
                ("$top", MostBodies)
            ),
            OutlookJson.Default.GraphCollectionMailMessage,
            null,
            cancellationToken,
            Preferences
        );
        var found = new List<MailMessage>();
        await foreach (var page in pages)
        {
            foreach (var message in page.Body.Items.Where(IsOfIt))
            {
                // Only the newest are shown; of the others it counts whom they name.
                found.Add(found.Count < MostBodies ? message : message with { Body = null, UniqueBody = null });
            }

            if (found.Count >= MostMessages)
            {
                break;
            }
        }

        // Of a server that takes no notice of the filter, or compares without case, only what belongs to it.
        bool IsOfIt(MailMessage message) => !message.IsThreadless && message.ConversationId == conversation;

        return [.. found.DistinctBy(message => message.Id).OrderBy(message => message.ReceivedDateTime)];
    }

    /// <summary>The conversation of a message that left its folder; null when it is gone.</summary>
    public async Task<string?> ConversationOfAsync(string mailbox, string message, CancellationToken cancellationToken)
    {
        try
        {
            using var request = GraphPages.RequestOf(
                config.Root.At($"users/{mailbox}/messages/{message}", ("$select", "id,conversationId")),
                Preferences
            );
            using var response = await context.Http.SendCheckedAsync(request, cancellationToken);
            return (await response.ReadJsonAsync(OutlookJson.Default.MailMessage, cancellationToken)).ConversationId;
        }
        catch (SourceException exception)
            when (exception.Status
                    is System.Net.HttpStatusCode.NotFound
                        or System.Net.HttpStatusCode.Gone
                        or System.Net.HttpStatusCode.BadRequest
            )
        {
            return null;
        }
    }

    /// <summary>The files attached to a message.</summary>
    public IAsyncEnumerable<MailAttachment> AttachmentsAsync(
        OutlookMailbox mailbox,
        string message,
        CancellationToken cancellationToken
    ) =>
        context
            .Http.GraphItemsAsync(
                config.Root.At(
                    $"users/{mailbox.Id}/messages/{message}/attachments",
                    ("$select", "id,name,size,isInline,contentType")
                ),
                OutlookJson.Default.GraphCollectionMailAttachment,
                cancellationToken,
                Preferences
            )
            .Where(attachment => attachment.IsFile);

    private static string Seconds(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
