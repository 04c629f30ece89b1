using System.Net;
using System.Runtime.CompilerServices;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk;
using Tributary.Sdk.Incremental;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Outlook;

/// <summary>
/// One pass: mailboxes give folders, folders give the conversations that changed, conversations give documents. The queue
/// of them is the work list, so that each conversation is read once, however many of its messages changed.
/// </summary>
internal sealed class OutlookPass(
    ReaderContext context,
    OutlookConfig config,
    OutlookDirectory directory,
    OutlookPosition position
)
{
    private static readonly TimeSpan Overlap = TimeSpan.FromDays(1);

    private readonly ItemReads _reads = new();
    private readonly GraphParts _parts = new();
    private readonly OutlookCopies _copies = new(context);
    private readonly OutlookFolders _folders = new(context, config);
    private readonly OutlookMail _mail = new(context, config);
    private readonly OutlookCalendar _calendar = new(context, config);
    private readonly OutlookThreads _threads = new(directory);
    private SourceException? _closed;

    public async IAsyncEnumerable<ReadItem> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!position.IsStarted)
        {
            await BeginAsync(cancellationToken);
            yield return ReadItem.Checkpoint.From(position);
        }

        while (await context.Work.TakeAsync(config.BatchSize, cancellationToken) is { Count: > 0 } batch)
        {
            foreach (var item in batch)
            {
                var task = OutlookTask.Parse(item);
                var read = _parts.OrFailed(
                    ReadAsync(task, cancellationToken),
                    task.Owner.Id,
                    null,
                    $"The mailbox {task.Owner.Address}",
                    cancellationToken
                );
                await foreach (var found in read)
                {
                    if (found is ReadItem.Failed && task.Retry is { } again)
                    {
                        position.Hold(again.Key, again.Data!);
                    }

                    yield return found;
                }

                context.Work.Complete(item.Key);
            }

            yield return ReadItem.Checkpoint.From(position);
        }

        if (!position.AnyOpen && _closed is not null)
        {
            throw _closed;
        }

        position.IsStarted = false;
        position.AnyOpen = false;
        position.Received = position.Received.Complete();
        yield return ReadItem.Checkpoint.From(position);
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        await context.Work.ClearAsync(cancellationToken);
        await foreach (var page in directory.PagesAsync(cancellationToken))
        {
            await context.Work.AddAsync(
                [.. page.Select(mailbox => new OutlookTask(OutlookTask.Mailbox, mailbox, "", "").Item)],
                cancellationToken
            );
        }

        await context.Work.AddAsync(
            [.. position.Links.Retry.Select(pair => new WorkItem(pair.Key, pair.Value))],
            cancellationToken
        );
        position.Links.Retry.Clear();
        position.IsStarted = true;
    }

    private ReadItem Closed(OutlookMailbox mailbox, SourceException reason) =>
        config.IsStrict
            ? new ReadItem.Failed(mailbox.Id, null, reason.Message)
            : new ReadItem.Skipped(
                mailbox.Address,
                reason.Status switch
                {
                    HttpStatusCode.Forbidden => "The mailbox is out of the application's scope",
                    HttpStatusCode.Locked => "The mailbox is locked",
                    _ => "No mailbox in Exchange Online",
                }
            );

    private IAsyncEnumerable<ReadItem> ReadAsync(OutlookTask task, CancellationToken cancellationToken) =>
        task.Kind switch
        {
            OutlookTask.Mailbox => MailboxAsync(task, cancellationToken),
            OutlookTask.Folder => FolderAsync(task, cancellationToken),
            OutlookTask.Calendar => CalendarAsync(task, cancellationToken),
            OutlookTask.Series => SeriesAsync(task, cancellationToken),
            _ => ThreadAsync(task, cancellationToken),
        };

    private async IAsyncEnumerable<ReadItem> MailboxAsync(
        OutlookTask task,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (await directory.ClosedAsync(task.Owner, cancellationToken) is { } closed)
        {
            _closed = closed;
            yield return Closed(task.Owner, closed);
            yield break;
        }

        position.AnyOpen = true;
        var folders = await _folders.OfAsync(task.Owner, cancellationToken);
        List<WorkItem> found = [.. folders.Select(id => (task with { Kind = OutlookTask.Folder, Id = id }).Item)];
        if (config.IncludeCalendar)
        {
            found.Add((task with { Kind = OutlookTask.Calendar }).Item);
        }

        await context.Work.AddAsync(found, cancellationToken);
    }

    private async IAsyncEnumerable<ReadItem> FolderAsync(
        OutlookTask task,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var mark = GraphMarks.MarkOf(task.Owner.Id, task.Id);
        if (position.Folder != mark)
        {
            (position.Folder, position.Next, position.Rows, position.IsWhole) = (mark, null, 0, false);
        }

        // Lists come in no order: the first folder that has any mail tells its newest, what changes meanwhile is newer.
        var tellsNewest = position.Received.Newest is null;
        for (var isDone = false; !isDone; )
        {
            var link = position.IsWhole ? null : position.Links.Of(mark);
            var since = position.IsWhole || link is not null ? null : Since();
            var changed = position.IsWhole ? null : position.Received.From(Overlap);
            string? delta = null;
            var pages = DeltaFeed.ReadAsync(
                position.Next ?? link,
                from => _mail.FolderAsync(task.Owner.Id, task.Id, since, changed, from, cancellationToken),
                () => _mail.FolderAsync(task.Owner.Id, task.Id, since, changed, null, cancellationToken),
                null,
                cancellationToken
            );
            await foreach (var (page, _) in pages)
            {
                if (tellsNewest)
                {
                    position.Received = position.Received.Advance(page.Body.Items.Max(row => row.ReceivedDateTime));
                }

                position.Rows += page.Body.Items.Count;
                await AddThreadsAsync(task, page.Body.Items, cancellationToken);
                delta = page.Body.DeltaLink;
                position.Next = page.Next;
                if (page.Next is not null)
                {
                    yield return ReadItem.Checkpoint.From(position);
                }
            }

            isDone = since is null || position.Rows < OutlookMail.MostFiltered;
            if (isDone)
            {
                position.End(mark, delta);
            }
            else
            {
                (position.Next, position.Rows, position.IsWhole) = (null, 0, true);
            }
        }
    }

    /// <summary>From when a folder without a link is read.</summary>
    private DateTimeOffset? Since() =>
        position.Links.IsFull && position.Received.From(Overlap) is { } received && !(received < _mail.Oldest)
            ? received
            : _mail.Oldest;

    private async Task AddThreadsAsync(
        OutlookTask task,
        IReadOnlyList<MailMessage> rows,
        CancellationToken cancellationToken
    )
    {
        var found = new List<WorkItem>();
        foreach (var row in rows)
        {
            var conversation =
                // Moved, or thrown away: the thread has to do without it, or has it in another folder.
                row.Removed
                    is not null
                    ? await _mail.ConversationOfAsync(task.Owner.Id, row.Id, cancellationToken)
                : row.IsThreadless || row.ReceivedDateTime < _mail.Oldest ? null
                : row.ConversationId;
            if (conversation is not null)
            {
                found.Add(
                    new OutlookTask(
                        OutlookTask.Thread,
                        task.Owner,
                        conversation,
                        row.ThreadKey is { } key ? OutlookIds.Thread(key) : ""
                    ).Item
                );
            }
        }

        await context.Work.AddAsync(found, cancellationToken);
    }

    private async IAsyncEnumerable<ReadItem> ThreadAsync(
        OutlookTask task,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        List<ReadItem> found = [];
        var id = task.DocumentId.Length > 0 ? task.DocumentId : task.Item.Key;
        var outcome = await _reads.ReadAsync(
            id,
            null,
            async () =>
            {
                await ReadThreadAsync(task, found, cancellationToken);
                return new ReadItem.Unchanged(id);
            }
        );
        if (outcome is ReadItem.Failed)
        {
            yield return outcome;
        }

        foreach (var item in found)
        {
            yield return item;
        }
    }

    private async Task ReadThreadAsync(OutlookTask task, List<ReadItem> found, CancellationToken cancellationToken)
    {
        if (task.ThreadKey is { } key && await _copies.IsStoredAsync(key, cancellationToken))
        {
            if (task.DocumentId.Length > 0 && await _copies.IsKnownAsync(task.DocumentId, cancellationToken))
            {
                found.Add(new ReadItem.Deleted(task.DocumentId));
            }

            return;
        }

        if (task.Kind == OutlookTask.Left)
        {
            await context.Work.AddAsync([(task with { Kind = OutlookTask.LeftLast }).Item], cancellationToken);
            return;
        }

        var folders = await _folders.OfAsync(task.Owner, cancellationToken);
        var all = await _mail.ConversationAsync(task.Owner, task.Id, withBodies: true, cancellationToken);
        var read = all.Where(message => _mail.IsRead(message, folders)).ToList();
        if (all.Count == 0)
        {
            return;
        }

        var share = await _threads.ShareAsync(task.Owner, all, read.Count > 0 ? read : all, cancellationToken);
        if (read.Count == 0)
        {
            var own = OutlookIds.Own(share.Key, task.Owner);
            var gone = share.Documents.Select(document => document.Id).Append(own).Distinct();
            foreach (var id in gone)
            {
                if (id != own || await _copies.IsKnownAsync(own, cancellationToken))
                {
                    found.Add(new ReadItem.Deleted(id));
                }
            }

            return;
        }

        var documents = share.Documents;
        if (task.Kind == OutlookTask.LeftLast)
        {
            documents = [OutlookThreads.OwnOf(task.Owner, share.Key, read)];
        }
        else
        {
            await _copies.NoteAsync(task.Owner, task.Id, share, cancellationToken);
        }

        var mapping = new OutlookMapping(context, config, _mail);
        found.AddRange(documents.Select(document => new ReadItem.Found(mapping.DocumentOf(task.Owner, document))));
        await foreach (var file in mapping.FilesAsync(task.Owner, documents, cancellationToken))
        {
            found.Add(new ReadItem.Found(file));
        }
    }

    private async IAsyncEnumerable<ReadItem> CalendarAsync(
        OutlookTask task,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var page in _calendar.PagesAsync(task.Owner, cancellationToken))
        {
            var rows = page.Body.Items.Where(row => row.Removed is null).ToList();
            var whole = rows.Where(row => row.MasterId == row.Id).ToList();
            var known = await context.Known.GetAsync(
                [.. whole.Select(row => OutlookIds.Event(task.Owner, row.Id))],
                cancellationToken
            );
            foreach (var row in whole)
            {
                var id = OutlookIds.Event(task.Owner, row.Id);
                yield return known.TryGetValue(id, out var document)
                && document.Version is { } version
                && version == OutlookCalendar.VersionOf(row)
                    ? new ReadItem.Unchanged(id)
                    : new ReadItem.Found(_calendar.DocumentOf(task.Owner, row));
            }

            await context.Work.AddAsync(
                [
                    .. rows.Where(row => row.MasterId != row.Id)
                        .Select(row =>
                            new OutlookTask(
                                OutlookTask.Series,
                                task.Owner,
                                row.MasterId,
                                OutlookIds.Event(task.Owner, row.MasterId)
                            ).Item
                        ),
                ],
                cancellationToken
            );
        }
    }

    private async IAsyncEnumerable<ReadItem> SeriesAsync(
        OutlookTask task,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        yield return await _reads.ReadAsync(
            task.DocumentId,
            null,
            async () =>
                new ReadItem.Found(
                    _calendar.DocumentOf(task.Owner, await _calendar.EventAsync(task.Owner, task.Id, cancellationToken))
                )
        );
    }
}
