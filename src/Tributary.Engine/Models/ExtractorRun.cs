using System.Globalization;
using System.Text;
using System.Text.Json;
using Tributary.Engine.Catalog;
using Tributary.Engine.Custom;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;
using Tributary.Sdk;

namespace Tributary.Engine.Models;

/// <summary>
/// Fills a model page by page. A page's records and the position after it become durable together, so a run that was cut
/// off anywhere goes on from its last page; one that ended otherwise begins anew, unless the extractor keeps its position.
/// </summary>
internal sealed class ExtractorRun(
    IExtractorClient client,
    IRecordStore records,
    IRunStore runs,
    ModelContext context,
    RecordPreparer preparer,
    TimeProvider time
)
{
    private const int MaxMetaBytes = 64 * 1024;
    private const int BatchSize = 500;

    /// <summary>Pages in a row that may leave the position as it was, and in all: an extractor that gives more does not end.</summary>
    private const int MaxStandstill = 1_000;
    private const int MaxPages = 1_000_000;
    private const int EnoughToJudge = 50;

    public async Task<RunOutcome> ExecuteAsync(StartedRun start, Model model, CancellationToken stop)
    {
        var source = await context.SourceAsync(model, stop).ConfigureAwait(false);
        var extractor = source!.Value.Extractor;
        var isResumed = model.Pass is not null && await WasCutShortAsync(start, stop).ConfigureAwait(false);
        if (!isResumed)
        {
            var forgets = start.Run.Kind == RunKind.Reindex || !extractor.Mode.IsIncremental;
            model = model with { Pass = start.Run.Id, IsRead = false, Meta = forgets ? null : model.Meta };
            await records.BeginPassAsync(start.Fence, model, stop).ConfigureAwait(false);
        }

        using var beat = new RunBeat(start, runs, time, stop);
        try
        {
            return await FillAsync(start, model, extractor, beat).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (beat.Stop.IsCancellationRequested)
        {
            return RunOutcome.Stopped;
        }
    }

    private async Task<RunOutcome> FillAsync(
        StartedRun start,
        Model model,
        ExtractorDescription extractor,
        RunBeat beat
    )
    {
        var call = new ExtractorCall(start.Connector, model.ExtractorSlug, model.Uuid, model.Config);
        var failed = 0L;
        if (!model.IsRead)
        {
            var read = await ReadAsync(start, model, call, extractor, beat).ConfigureAwait(false);
            if (read.Outcome is { } ended)
            {
                return ended;
            }

            failed = read.Failed;
        }

        if (extractor.Mode is { IsIncremental: false, Appends: false })
        {
            beat.Phase = "removing what is gone";
            if (!await RemoveUnseenAsync(start, model, beat).ConfigureAwait(false))
            {
                return RunOutcome.Stopped;
            }
        }

        await records.EndPassAsync(start.Fence, model, extractor.Mode.IsIncremental, beat.Stop).ConfigureAwait(false);
        return new RunOutcome(failed > 0 ? RunState.SucceededWithFailures : RunState.Succeeded);
    }

    /// <summary>Reads to the last page. The outcome is null when it came to the end.</summary>
    private async Task<(RunOutcome? Outcome, long Failed)> ReadAsync(
        StartedRun start,
        Model model,
        ExtractorCall call,
        ExtractorDescription extractor,
        RunBeat beat
    )
    {
        var (meta, standstill, waits, seen, failed) = (model.Meta, 0, 0, 0L, 0L);
        for (var number = 1; number <= MaxPages; number++)
        {
            var page = await client.FetchAsync(call, meta, isDry: false, beat.Stop).ConfigureAwait(false);
            DemandSmall(page.Meta);
            var prepared = page.IsReady
                ? await preparer
                    .PrepareAsync(model, start.Connector.IntegrationSlug, Demanded(page), number, beat.Stop)
                    .ConfigureAwait(false)
                : new RecordPreparer.Result([], [], []);
            seen += page.Records.Count;
            failed += prepared.Failures.Count;
            var isStill = IsSame(meta, page.Meta);
            meta = page.IsReady ? page.Meta : page.Meta ?? meta;
            var stopRequested = await records
                .CommitAsync(
                    new RecordPage
                    {
                        Fence = start.Fence,
                        Model = model,
                        Pass = model.Pass!.Value,
                        Now = time.GetUtcNow(),
                        Records = prepared.Records,
                        Removed = prepared.Removed,
                        Failures = prepared.Failures,
                        Facts = page.IsReady ? FactsOf(page) : null,
                        Meta = meta,
                        IsLast = page is { IsReady: true, HasMore: false },
                        Progress = new RunProgress(
                            "reading",
                            prepared.Records is [.., var last] ? last.Title : null,
                            null
                        ),
                    },
                    beat.Stop
                )
                .ConfigureAwait(false);
            if (stopRequested)
            {
                return (RunOutcome.Stopped, failed);
            }

            if (failed > 3 && failed * 10 > seen && (seen >= EnoughToJudge || !page.HasMore))
            {
                return (TooManyFailed(failed, seen), failed);
            }

            if (!page.IsReady)
            {
                await WaitAsync(extractor, ++waits, beat).ConfigureAwait(false);
                continue;
            }

            if (!page.HasMore)
            {
                return (null, failed);
            }

            waits = 0;
            standstill = isStill ? standstill + 1 : 0;
            if (isStill && (page.Records.Count == 0 || standstill > MaxStandstill))
            {
                throw Endless("it says that there is more, but its position (meta) does not move");
            }
        }

        throw Endless(string.Create(CultureInfo.InvariantCulture, $"it gave more than {MaxPages} pages"));
    }

    private async Task<bool> RemoveUnseenAsync(StartedRun start, Model model, RunBeat beat)
    {
        while (true)
        {
            var (removed, stopRequested) = await records
                .RemoveUnseenAsync(start.Fence, model, model.Pass!.Value, BatchSize, time.GetUtcNow(), beat.Stop)
                .ConfigureAwait(false);
            if (stopRequested || removed < BatchSize)
            {
                return !stopRequested;
            }
        }
    }

    /// <summary>Waits for a page that is still prepared, by the extractor's own policy.</summary>
    private async Task WaitAsync(ExtractorDescription extractor, int attempt, RunBeat beat)
    {
        var policy = FetchingPolicy.Of(extractor.FetchingRetry);
        if (attempt >= policy.MaximumAttempts)
        {
            throw new SourceException(
                FailureKind.Transient,
                $"The extractor still prepares its answer after {attempt} requests."
            );
        }

        var wait = policy.WaitBefore(attempt + 1);
        beat.WaitingUntil = time.GetUtcNow() + wait;
        beat.Phase = "waiting for the extractor";
        await Task.Delay(wait, time, beat.Stop).ConfigureAwait(false);
        (beat.WaitingUntil, beat.Phase) = (null, "reading");
    }

    /// <summary>Whether the last read of the model did not come to its end.</summary>
    private async Task<bool> WasCutShortAsync(StartedRun start, CancellationToken cancellationToken)
    {
        if (start.Run.RequestedBy == "recovery")
        {
            return true;
        }

        var last = await runs.FindLastOfModelAsync(start.Run.ModelId!.Value, start.Run.Id, cancellationToken)
            .ConfigureAwait(false);
        return last is { State: RunState.Interrupted } && last.Kind == start.Run.Kind;
    }

    private static ExtractorPage Demanded(ExtractorPage page) =>
        page.IdColumnSlug is null && page.Records.Count > 0
            ? throw new SourceException(
                FailureKind.Source,
                "The extractor names no id column (idColumnSlug): its records cannot be told apart."
            )
            : page;

    private static TableFacts? FactsOf(ExtractorPage page) =>
        page.IdColumnSlug is { } id
            ? new TableFacts(
                [
                    .. page.Columns.Select(column => new ModelColumn(
                        column.Slug,
                        column.Type,
                        column.Label,
                        column.Description
                    )),
                ],
                id,
                page.TitleColumnSlug,
                page.TimeColumnSlug,
                page.TextColumnSlug is not null
            )
            : null;

    private static bool IsSame(JsonElement? left, JsonElement? right) =>
        left is { } one && right is { } other ? JsonElement.DeepEquals(one, other) : left is null && right is null;

    private static void DemandSmall(JsonElement? meta)
    {
        if (meta is { } json && Encoding.UTF8.GetByteCount(json.GetRawText()) > MaxMetaBytes)
        {
            throw new SourceException(
                FailureKind.Source,
                $"The extractor's position (meta) is larger than {MaxMetaBytes} bytes."
            );
        }
    }

    private static RunOutcome TooManyFailed(long failed, long seen) =>
        RunOutcome.Failed(
            FailureKind.Source,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{failed} of {seen} records failed: more than a tenth. The failures are listed with their reasons."
            )
        );

    private static SourceException Endless(string why) =>
        new(FailureKind.Source, $"The extractor does not come to an end: {why}.");
}
