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

        var mapping = new OutlookMapping(context, config, _mail);
        foreach (var (conversation, messages) in conversations)
        {
            IReadOnlyList<MailMessage> all = [.. messages.Values.OrderBy(message => message.ReceivedDateTime)];
            var read = all;
            if (!all.Any(message => message.IsRoot))
            {
                // Who writes the thread is told by its first message, wherever that lies.
                all = await _mail.ConversationAsync(mailbox, conversation, withBodies: false, cancellationToken);
            }

            var documents = await _threads.ShareAsync(mailbox, all, read, cancellationToken);
            foreach (var document in documents)
            {
                yield return document.Id;
            }

            await foreach (var file in mapping.FilesAsync(mailbox, documents, cancellationToken))
            {
                yield return file.Id;
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
}
