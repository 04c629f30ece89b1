using System.Runtime.CompilerServices;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Gmail;

/// <summary>Reads the threads of a page: those that are known in this state are not fetched.</summary>
internal sealed class GmailThreads(ReaderContext context, GmailMapping mapping, Mailbox mailbox)
{
    private readonly ItemReads _reads = new();

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        IReadOnlyList<GmailListed> threads,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var stored = await context.Known.GetAsync(
            [.. threads.Select(thread => mailbox.DocumentId(thread.Id))],
            cancellationToken
        );
        foreach (var thread in threads)
        {
            var id = mailbox.DocumentId(thread.Id);
            var known = stored.GetValueOrDefault(id);
            if (thread.HistoryId is not null && known?.Version == thread.HistoryId)
            {
                yield return new ReadItem.Unchanged(id);
                continue;
            }

            IReadOnlyList<ReadItem> items = [];
            var last = await _reads.ReadAsync(
                id,
                Mailbox.LinkTo(thread.Id),
                async () =>
                {
                    items = await mapping.ReadAsync(mailbox, thread.Id, cancellationToken);
                    return items[^1];
                }
            );
            foreach (var item in items.SkipLast(1).Append(last))
            {
                yield return item;
            }
        }
    }
}
