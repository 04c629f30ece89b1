using System.Threading.Channels;
using Tributary.Engine.Connectors;
using Tributary.Engine.Ingestion;
using Tributary.Engine.Outbound;
using Tributary.Engine.Store;
using Tributary.Sdk;
using Tributary.Sdk.Reading;

namespace Tributary.Engine.Runs;

/// <summary>
/// Reads a source: reader → look-up → extraction → batches → commits, each stage a bounded channel away from the next, so
/// that the slowest sets the pace and memory stays flat. Order is kept all the way, since a checkpoint covers what came
/// before it.
/// </summary>
internal sealed class ReadRun(
    ReaderFactory readers,
    IDocumentStore documents,
    IWorkListStore workLists,
    IRunStore runs,
    DocumentPreparer preparer,
    TimeProvider time
)
{
    private const int Buffered = 64;

    public async Task<RunOutcome> ExecuteAsync(StartedRun start, TypedSettings settings, CancellationToken stop)
    {
        var connector = start.Connector;
        var isReindex = start.Run.Kind == RunKind.Reindex;
        var isResumed =
            start.Run.RequestedBy == "recovery" || await WasCutShortAsync(start, stop).ConfigureAwait(false);
        var work = await DurableWorkList
            .OpenAsync(workLists, new WorkListId(connector.Id, IsListing: false), stop)
            .ConfigureAwait(false);
        var checkpoint = start.Checkpoint;
        IKnownDocuments known = isReindex
            ? NothingKnown.Instance
            : new StoredKnownDocuments(documents, connector.WorkspaceId, connector.Id);
        using var open = readers.Open(settings, connector.WorkspaceId, connector.Id, connector.RateLimit, known, work);
        try
        {
            await open.Reader.CheckAsync(stop).ConfigureAwait(false);
        }
        catch (SourceException exception)
        {
            return RunOutcome.Failed(exception.Kind, exception.Message) with
            {
                CheckFailed = exception.Kind is FailureKind.Credentials or FailureKind.Configuration,
            };
        }

        if (!isResumed)
        {
            await runs.ClearSkipsAsync(connector.Id, stop).ConfigureAwait(false);
            if (isReindex)
            {
                checkpoint = null;
                await runs.ForgetCheckpointAsync(start.Fence, connector.Id, stop).ConfigureAwait(false);
                await work.ClearAsync(stop).ConfigureAwait(false);
            }
        }

        var request = new ReadRequest(
            checkpoint is null ? null : System.Text.Json.JsonDocument.Parse(checkpoint).RootElement,
            isReindex
        );
        var outcome = await PumpAsync(start, open, work, request, stop).ConfigureAwait(false);
        var isWhole = outcome.State is RunState.Succeeded or RunState.SucceededWithFailures && !isResumed;
        if (isWhole && !settings.Integration.Manifest.Capabilities.Incremental)
        {
            // The source was read whole: what failed earlier and did not come up again is no longer there.
            await runs.ResolveFailuresBeforeAsync(connector.Id, start.Run.Id, time.GetUtcNow(), stop)
                .ConfigureAwait(false);
        }

        return outcome;
    }

    private async Task<RunOutcome> PumpAsync(
        StartedRun start,
        OpenReader open,
        DurableWorkList work,
        ReadRequest request,
        CancellationToken stop
    )
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var read = Channel.CreateBounded<ReadStep>(
            new BoundedChannelOptions(Buffered) { SingleReader = true, SingleWriter = true }
        );
        var prepared = Channel.CreateBounded<Task<PreparedStep>>(
            new BoundedChannelOptions(Buffered) { SingleReader = true, SingleWriter = true }
        );
        var committer = new Committer(start, documents, runs, work, time, () => open.Client.WaitingUntil);
        var preparation = new Preparation(start, documents, preparer, time, () => committer.CommittedSteps);

        var reading = ReadAsync(open.Reader, work, request, read.Writer, all.Token);
        var preparing = preparation.RunAsync(read.Reader, prepared.Writer, all.Token);
        var beating = committer.BeatAsync(all.Token);
        try
        {
            await committer.RunAsync(prepared.Reader, all.Token).ConfigureAwait(false);
        }
        finally
        {
            // Whatever ended the commits ends the rest; then the first cause is the one that is told.
            await all.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(Quiet(reading), Quiet(preparing), Quiet(beating)).ConfigureAwait(false);
        }

        if (committer.StopRequested)
        {
            return RunOutcome.Stopped;
        }

        var failure = reading.Exception?.InnerException ?? preparing.Exception?.InnerException;
        if (failure is not null && !committer.IsOverThreshold)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }

        stop.ThrowIfCancellationRequested();
        return committer.Outcome();
    }

    /// <summary>Pulls the reader. At a checkpoint the work list's changes so far are taken along, for the same commit.</summary>
    private static async Task ReadAsync(
        IReader reader,
        DurableWorkList work,
        ReadRequest request,
        ChannelWriter<ReadStep> steps,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await foreach (
                var item in reader
                    .ReadAsync(request, cancellationToken)
                    .WithCancellation(cancellationToken)
                    .ConfigureAwait(false)
            )
            {
                var changes = item is ReadItem.Checkpoint ? work.Drain() : null;
                await steps.WriteAsync(new ReadStep(item, changes), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            // Without the error: what was read before it is still prepared and committed.
            steps.TryComplete();
        }
    }

    /// <summary>Whether the last read of the connector did not come to its end, so that this one goes on with its pass.</summary>
    private async Task<bool> WasCutShortAsync(StartedRun start, CancellationToken cancellationToken)
    {
        var earlier = await runs.ListAsync(
                start.Connector.WorkspaceId,
                start.Connector.Id,
                start.Run.Id,
                10,
                cancellationToken
            )
            .ConfigureAwait(false);
        var last = earlier.FirstOrDefault(run => run.Kind is RunKind.Refresh or RunKind.Reindex);
        return last is { State: RunState.Interrupted } && last.Kind == start.Run.Kind;
    }

    private static async Task Quiet(Task task)
    {
        await task.ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext
        );
    }
}

/// <summary>What a reader said, with what it had done to its work list when that was a checkpoint.</summary>
internal readonly record struct ReadStep(ReadItem Item, WorkListChanges? Work);

/// <summary>A step ready to be committed.</summary>
/// <param name="Step">As it was read.</param>
internal sealed record PreparedStep(ReadStep Step)
{
    /// <summary>The document to write; null when there is none, or it is as it was.</summary>
    public PreparedDocument? Document { get; init; }

    /// <summary>Why it could not be prepared.</summary>
    public ReadItem.Failed? Failure { get; init; }

    /// <summary>Why it was left out.</summary>
    public ReadItem.Skipped? Skip { get; init; }

    /// <summary>It is as it was.</summary>
    public bool IsUnchanged { get; init; }

    /// <summary>It failed before; success resolves that.</summary>
    public bool HasOpenFailure { get; init; }

    /// <summary>It failed before, and its next try is not due: nothing was tried.</summary>
    public bool IsHeldBack { get; init; }
}
