using Tributary.Integrations.MicrosoftGraph;

namespace Tributary.Integrations.Outlook;

/// <summary>A document that a mailbox writes of a thread.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Messages">Oldest first.</param>
/// <param name="Readers">Addresses.</param>
internal sealed record ThreadDocument(string Id, IReadOnlyList<MailMessage> Messages, IReadOnlyList<string> Readers);

/// <summary>What a mailbox makes of its copy of a thread.</summary>
/// <param name="Key">The thread's key.</param>
/// <param name="IsWriter">It writes the thread for the others, too.</param>
/// <param name="IsLeft">Some or all of it is left to another mailbox.</param>
/// <param name="Documents">What it writes.</param>
internal sealed record ThreadShare(string Key, bool IsWriter, bool IsLeft, IReadOnlyList<ThreadDocument> Documents);

/// <summary>
/// Shares a thread out among those who hold a copy of it: one of them, whom each can tell from the first message, writes
/// it for those named on every message, and a part for each who was left out of some. The others write only what the
/// writer cannot have.
/// </summary>
internal sealed class OutlookThreads(OutlookDirectory directory)
{
    private const int MostCandidates = 30;

    /// <summary>The documents that a mailbox writes.</summary>
    /// <param name="mailbox">Whose copy it is.</param>
    /// <param name="all">Its messages in all folders, or at least the first one.</param>
    /// <param name="read">Those in folders that are read, oldest first; one at least.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<ThreadShare> ShareAsync(
        OutlookMailbox mailbox,
        IReadOnlyList<MailMessage> all,
        IReadOnlyList<MailMessage> read,
        CancellationToken cancellationToken
    )
    {
        var key = KeyOf(mailbox, read);
        var writer = all.FirstOrDefault(message => message.IsRoot) is { } root
            ? await WriterOfAsync(root, cancellationToken)
            : null;
        if (writer?.Id != mailbox.Id)
        {
            var own = writer is null
                ? read
                : [.. read.Where(message => !message.Names(writer) || !message.Names(mailbox))];
            return new ThreadShare(
                key,
                false,
                own.Count < read.Count,
                own.Count == 0 ? [] : [OwnOf(mailbox, key, own)]
            );
        }

        var always = read.Select(message => message.Named.ToHashSet())
            .Aggregate(
                (left, right) =>
                {
                    left.IntersectWith(right);
                    return left;
                }
            );
        List<ThreadDocument> documents =
        [
            new(
                OutlookIds.Thread(key),
                read,
                [.. always.Append(mailbox.Address).Distinct().Order(StringComparer.Ordinal)]
            ),
        ];
        var sometimes = read.SelectMany(message => message.NamedAndBlind)
            .Distinct()
            .Where(address => !always.Contains(address) && !mailbox.Has(address))
            .Order(StringComparer.Ordinal);
        foreach (var address in sometimes)
        {
            if (
                await directory.FindAsync(address, cancellationToken) is { } other
                && other.Id != mailbox.Id
                && !other.Addresses.Any(always.Contains)
                && documents.All(document => document.Id != OutlookIds.Part(key, other))
            )
            {
                documents.Add(
                    new(OutlookIds.Part(key, other), [.. read.Where(message => message.Names(other))], [other.Address])
                );
            }
        }

        return new ThreadShare(key, true, false, documents);
    }

    /// <summary>Messages that no other mailbox has, for their owner.</summary>
    public static ThreadDocument OwnOf(OutlookMailbox mailbox, string key, IReadOnlyList<MailMessage> messages) =>
        new(OutlookIds.Own(key, mailbox), messages, [mailbox.Address]);

    private static string KeyOf(OutlookMailbox mailbox, IReadOnlyList<MailMessage> messages) =>
        messages.Select(message => message.ThreadKey).FirstOrDefault(key => key is not null)
        ?? GraphMarks.MarkOf(mailbox.Id, messages[0].ConversationId ?? messages[0].Id);

    private async Task<OutlookMailbox?> WriterOfAsync(MailMessage root, CancellationToken cancellationToken)
    {
        var others = root.Named.Order(StringComparer.Ordinal);
        var candidates = new[] { root.SenderAddress }.Concat(others).OfType<string>().Distinct().Take(MostCandidates);
        foreach (var address in candidates)
        {
            if (await directory.FindAsync(address, cancellationToken) is { } mailbox)
            {
                return mailbox;
            }
        }

        return null;
    }
}
