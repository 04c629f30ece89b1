using System.Runtime.CompilerServices;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Outlook;

/// <summary>The ids of a mailbox's documents, without bodies. The headers of one mailbox are held at a time.</summary>
internal sealed class OutlookListing(ReaderContext context, OutlookConfig config, OutlookDirectory directory)
{
    private readonly OutlookFolders _folders = new(context, config);
    private readonly OutlookMail _mail = new(context, config);
    private readonly OutlookCalendar _calendar = new(context, config);
    private readonly OutlookThreads _threads = new(directory);
    private readonly OutlookCopies _copies = new(context);

    public async IAsyncEnumerable<string> OfAsync(
        OutlookMailbox mailbox,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var folders = await _folders.OfAsync(mailbox, cancellationToken);
        var conversations = new Dictionary<string, Dictionary<string, MailMessage>>(StringComparer.Ordinal);
        foreach (var folder in folders)
        {
            await foreach (var row in _mail.RowsAsync(mailbox.Id, folder, cancellationToken))
            {
                if (row.Removed is not null || row.IsThreadless || !_mail.IsRead(row, folders))
                {
                    continue;
                }

                if (!conversations.TryGetValue(row.ConversationId!, out var messages))
                {
                    conversations[row.ConversationId!] = messages = new(StringComparer.Ordinal);
                }

                messages[row.Id] = row;
            }
        }

        foreach (var (conversation, messages) in conversations)
        {
            IReadOnlyList<MailMessage> all = [.. messages.Values.OrderBy(message => message.ReceivedDateTime)];
            var read = all;
            if (!all.Any(message => message.IsRoot))
            {
                // Who writes the thread is told by its first message, wherever that lies.
                all = await _mail.ConversationAsync(mailbox, conversation, withBodies: false, cancellationToken);
            }

            var share = await _threads.ShareAsync(mailbox, all, read, cancellationToken);
            await _copies.NoteAsync(mailbox, conversation, share, cancellationToken);
            await foreach (var id in IdsOf(mailbox, share.Documents, cancellationToken))
            {
                yield return id;
            }
        }

        if (!config.IncludeCalendar)
        {
            yield break;
        }

        await foreach (var page in _calendar.PagesAsync(mailbox, cancellationToken))
        {
            foreach (var row in page.Body.Items.Where(row => row.Removed is null))
            {
                yield return OutlookIds.Event(mailbox, row.MasterId);
            }
        }
    }

    /// <summary>When all mailboxes are through: copies of threads that the mailbox which was to write them does not have.</summary>
    public async IAsyncEnumerable<string> LeftAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await context.Work.TakeAsync(config.BatchSize, cancellationToken) is { Count: > 0 } batch)
        {
            foreach (var item in batch)
            {
                var task = OutlookTask.Parse(item);
                if (!await _copies.IsWrittenAsync(task.ThreadKey!, cancellationToken))
                {
                    var folders = await _folders.OfAsync(task.Owner, cancellationToken);
                    var all = await _mail.ConversationAsync(task.Owner, task.Id, withBodies: false, cancellationToken);
                    var read = all.Where(message => _mail.IsRead(message, folders)).ToList();
                    IReadOnlyList<ThreadDocument> documents =
                        read.Count == 0 ? [] : [OutlookThreads.OwnOf(task.Owner, task.ThreadKey!, read)];
                    await foreach (var id in IdsOf(task.Owner, documents, cancellationToken))
                    {
                        yield return id;
                    }
                }

                context.Work.Complete(item.Key);
            }
        }
    }

    private async IAsyncEnumerable<string> IdsOf(
        OutlookMailbox mailbox,
        IReadOnlyList<ThreadDocument> documents,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        foreach (var document in documents)
        {
            yield return document.Id;
        }

        await foreach (
            var file in new OutlookMapping(context, config, _mail).FilesAsync(mailbox, documents, cancellationToken)
        )
        {
            yield return file.Id;
        }
    }
}
