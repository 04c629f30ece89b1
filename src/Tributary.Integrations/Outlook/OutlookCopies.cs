using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Outlook;

/// <summary>
/// Which threads were written in this pass by the mailbox that is to do so, and which copies wait for that: who wrote the
/// first mail need not have kept it, or keeps it in a folder that is not read. Both stand in the work list, behind
/// everything that writes threads.
/// </summary>
internal sealed class OutlookCopies(ReaderContext context)
{
    /// <summary>A mailbox writes the thread, or leaves its copy to the one that does.</summary>
    public async Task NoteAsync(
        OutlookMailbox mailbox,
        string conversation,
        ThreadShare share,
        CancellationToken cancellationToken
    )
    {
        if (share.IsWriter)
        {
            await context.Work.AddAsync([new WorkItem(MarkOf(share.Key))], cancellationToken);
            context.Work.Complete(MarkOf(share.Key));
        }
        else if (share.IsLeft)
        {
            var own = share.Documents.Count == 0 ? OutlookIds.Own(share.Key, mailbox) : "";
            await context.Work.AddAsync(
                [new OutlookTask(OutlookTask.Left, mailbox, conversation, own, share.Key).Item],
                cancellationToken
            );
        }
    }

    /// <summary>The thread was written in this pass.</summary>
    public ValueTask<bool> IsWrittenAsync(string key, CancellationToken cancellationToken) =>
        context.Work.ContainsAsync(MarkOf(key), cancellationToken);

    /// <summary>The thread was written in this pass, or by an earlier one.</summary>
    public async Task<bool> IsStoredAsync(string key, CancellationToken cancellationToken) =>
        await IsWrittenAsync(key, cancellationToken) || await IsKnownAsync(OutlookIds.Thread(key), cancellationToken);

    /// <summary>A document is stored.</summary>
    public async Task<bool> IsKnownAsync(string id, CancellationToken cancellationToken) =>
        (await context.Known.GetAsync([id], cancellationToken)).ContainsKey(id);

    private static string MarkOf(string key) => $"written|{key}";
}
