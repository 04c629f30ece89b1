using System.Threading.Channels;
using Tributary.Engine.Ingestion;
using Tributary.Engine.Store;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Reading;

namespace Tributary.Engine.Runs;

/// <summary>Looks up what is known of documents, a handful at a time, and prepares those that are new or changed, several at once and in order.</summary>
internal sealed class Preparation(
    StartedRun start,
    IDocumentStore documents,
    DocumentPreparer preparer,
    TimeProvider time,
    Func<long> committed
)
{
    private const int LookUpBatch = 64;

    /// <summary>Documents of which something was said that is not in the store yet, with the last step that said it.</summary>
    private readonly Dictionary<string, long> _underWay = new(StringComparer.Ordinal);
    private readonly Queue<(long Step, string Id)> _saidInOrder = new();
    private long _step;

    private readonly bool _isReindex = start.Run.Kind == RunKind.Reindex;

    public async Task RunAsync(
        ChannelReader<ReadStep> steps,
        ChannelWriter<Task<PreparedStep>> prepared,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var batch = new List<ReadStep>(LookUpBatch);
            while (await steps.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                batch.Clear();
                while (batch.Count < LookUpBatch && steps.TryRead(out var step))
                {
                    batch.Add(step);
                }

                await PrepareAsync(batch, prepared, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            prepared.TryComplete();
        }
    }

    private async Task PrepareAsync(
        List<ReadStep> batch,
        ChannelWriter<Task<PreparedStep>> prepared,
        CancellationToken cancellationToken
    )
    {
        var ids = batch.Select(step => IdOf(step.Item)).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        var (workspaceId, connectorId) = (start.Connector.WorkspaceId, start.Connector.Id);
        ForgetUpTo(committed());
        var stored = await documents
            .LookUpAsync(workspaceId, connectorId, ids, cancellationToken)
            .ConfigureAwait(false);
        var failures = await documents.LookUpFailuresAsync(connectorId, ids, cancellationToken).ConfigureAwait(false);
        foreach (var step in batch)
        {
            var id = IdOf(step.Item);

            // What was looked up is outdated when the same read has said something of the document before.
            var isUnderWay = Note(step.Item);
            var known = id is null || isUnderWay ? null : stored.GetValueOrDefault(id);
            var failure = id is null ? null : failures.GetValueOrDefault(id);
            var task = step.Item is ReadItem.Found found
                ? Task.Run(
                    () => PrepareAsync(step, found.Document, known, failure, cancellationToken),
                    cancellationToken
                )
                : Task.FromResult(new PreparedStep(step) { HasOpenFailure = failure is not null });
            await prepared.WriteAsync(task, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<PreparedStep> PrepareAsync(
        ReadStep step,
        Document document,
        StoredDocument? stored,
        OpenFailure? failure,
        CancellationToken cancellationToken
    )
    {
        var result = new PreparedStep(step) { HasOpenFailure = failure is not null };
        var isSameVersion =
            !_isReindex && stored is { IsHeld: true, Version: not null } && stored.Version == document.Version;
        if (isSameVersion && failure is null)
        {
            return result with { IsUnchanged = true };
        }

        if (
            document.File is not null
            && failure is not null
            && failure.RetryAt > time.GetUtcNow()
            && !start.RetryFailures
        )
        {
            return result with { IsHeldBack = true };
        }

        try
        {
            var prepared = await preparer
                .PrepareAsync(document, start.Connector.IntegrationSlug, cancellationToken)
                .ConfigureAwait(false);
            var isSame =
                stored is { IsHeld: true }
                && stored.Hash.AsSpan().SequenceEqual(prepared.Hash)
                && stored.Version == prepared.Version
                && stored.Note == prepared.Note;
            return isSame ? result with { IsUnchanged = true } : result with { Document = prepared };
        }
        catch (ContentException exception)
            when (exception.Problem is ContentProblem.Unsupported or ContentProblem.Empty)
        {
            return result with { Skip = new ReadItem.Skipped(document.Id, exception.Message) };
        }
        catch (Exception exception)
            when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return result with
            {
                Failure = new ReadItem.Failed(document.Id, document.Link, Named(document, ReasonOf(exception))),
            };
        }
    }

    /// <summary>Counts a step. Returns whether something was said of its document before that is not stored yet.</summary>
    private bool Note(ReadItem item)
    {
        _step++;
        var id = item is ReadItem.Deleted deleted ? deleted.DocumentId : (item as ReadItem.Found)?.Document.Id;
        if (id is null)
        {
            return false;
        }

        var isUnderWay = _underWay.ContainsKey(id);
        _underWay[id] = _step;
        _saidInOrder.Enqueue((_step, id));
        return isUnderWay;
    }

    private void ForgetUpTo(long step)
    {
        while (_saidInOrder.TryPeek(out var said) && said.Step <= step)
        {
            _saidInOrder.Dequeue();
            if (_underWay[said.Id] == said.Step)
            {
                _underWay.Remove(said.Id);
            }
        }
    }

    private static string ReasonOf(Exception exception) =>
        exception is ContentException or Sdk.SourceException or ArgumentException or HttpRequestException
            ? exception.Message
            : $"{exception.GetType().Name}: {exception.Message}";

    /// <summary>The reason with the file's name before it, where the id does not tell people which file it is.</summary>
    private static string Named(Document document, string reason) =>
        document.File is { } file && !document.Id.Contains(file.Name, StringComparison.Ordinal)
            ? $"{file.Name}: {reason}"
            : reason;

    private static string? IdOf(ReadItem item) =>
        item switch
        {
            ReadItem.Found found => found.Document.Id,
            ReadItem.Unchanged unchanged => unchanged.DocumentId,
            ReadItem.Skipped skipped => skipped.ItemId,
            _ => null,
        };
}
