using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Tributary.Engine.Ingestion;
using Tributary.Engine.Store;
using Tributary.Sdk;
using Tributary.Sdk.Reading;

namespace Tributary.Engine.Runs;

/// <summary>Gathers prepared steps into batches and commits them, and tells how the run goes.</summary>
internal sealed class Committer(
    StartedRun start,
    IDocumentStore documents,
    IRunStore runs,
    DurableWorkList work,
    TimeProvider time,
    Func<DateTimeOffset?> waitingUntil
)
{
    private const int MaxDocuments = 250;
    private const int MaxCharacters = 4_000_000;

    /// <summary>Steps of a batch, whatever they say: bounds what is kept in memory, and how long other writers wait.</summary>
    private const int MaxSteps = 2_000;
    private const int MaxCheckpointBytes = 64 * 1024;

    /// <summary>A run fails as a whole when more than 3 and more than a tenth of its documents fail; judged in mid-run once this many were read.</summary>
    private const int EnoughToJudge = 50;

    /// <summary>Quiet times: how long a batch of news waits for company, and one that only says "unchanged".</summary>
    private static readonly TimeSpan News = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan NoNews = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(5);

    private readonly List<WorkListChanges> _work = [];
    private List<PreparedDocument> _documents = [];
    private List<string> _deleted = [];
    private List<ReadItem.Failed> _failures = [];
    private List<ReadItem.Skipped> _skipped = [];
    private List<string> _settled = [];
    private List<string> _heldBack = [];
    private RunCounts _counts = new();
    private string? _checkpoint;
    private string? _current;
    private long _characters;
    private long _steps;
    private long _committedSteps;
    private long _read;
    private long _failed;
    private DateTimeOffset _lastCommit = time.GetUtcNow();

    /// <summary>A person has asked to stop.</summary>
    public bool StopRequested { get; private set; }

    /// <summary>How many of the steps, in their order, are in the store.</summary>
    public long CommittedSteps => Volatile.Read(ref _committedSteps);

    /// <summary>Too many documents have failed.</summary>
    public bool IsOverThreshold => _failed > 3 && _failed * 10 > _read;

    /// <summary>How a run that has come to its end has ended.</summary>
    public RunOutcome Outcome() =>
        IsOverThreshold
            ? RunOutcome.Failed(
                FailureKind.Source,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{_failed} of {_read} documents failed: more than a tenth. The failures are listed with their reasons."
                )
            )
            : new RunOutcome(_failed > 0 ? RunState.SucceededWithFailures : RunState.Succeeded);

    /// <summary>Commits everything until the steps end, the run is asked to stop, or too much has failed.</summary>
    public async Task RunAsync(ChannelReader<Task<PreparedStep>> steps, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!steps.TryRead(out var step))
            {
                var more = steps.WaitToReadAsync(cancellationToken).AsTask();
                if (!more.IsCompleted && await IsQuietAsync(more, cancellationToken).ConfigureAwait(false))
                {
                    await CommitAsync(cancellationToken).ConfigureAwait(false);
                }

                if (!await more.ConfigureAwait(false))
                {
                    break;
                }

                continue;
            }

            Add(await step.ConfigureAwait(false));
            if (IsFull() || IsOverdue())
            {
                await CommitAsync(cancellationToken).ConfigureAwait(false);
            }

            if (StopRequested)
            {
                return;
            }

            if (IsOverThreshold && _read >= EnoughToJudge)
            {
                // With the last failures, which people are told to look at, but not past them.
                _checkpoint = null;
                break;
            }
        }

        await CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>While nothing is committed, says every few seconds that the run is alive and what it waits for.</summary>
    public async Task BeatAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(BeatEvery, time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            if (time.GetUtcNow() - _lastCommit >= BeatEvery)
            {
                var now = time.GetUtcNow();
                StopRequested |= await runs.BeatAsync(
                        start.Fence,
                        start.Connector.Id,
                        Progress(),
                        now,
                        cancellationToken
                    )
                    .ConfigureAwait(false);
            }
        }
    }

    private bool HasNews => _documents.Count + _deleted.Count + _failures.Count > 0;

    private bool HasAnything =>
        HasNews || _checkpoint is not null || _skipped.Count + _settled.Count > 0 || _counts.Read > 0;

    private bool IsFull() =>
        _documents.Count >= MaxDocuments || _characters >= MaxCharacters || _steps - _committedSteps >= MaxSteps;

    private bool IsOverdue() => HasAnything && time.GetUtcNow() - _lastCommit >= (HasNews ? 4 * News : NoNews);

    /// <summary>Whether nothing comes for a while although something waits to be committed.</summary>
    private async Task<bool> IsQuietAsync(Task<bool> more, CancellationToken cancellationToken)
    {
        if (!HasAnything)
        {
            return false;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var wait = Task.Delay(HasNews ? News : NoNews, time, end.Token);
        var first = await Task.WhenAny(more, wait).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        return first == wait;
    }

    private void Add(PreparedStep prepared)
    {
        _steps++;
        var item = prepared.Step.Item;
        switch (item)
        {
            case ReadItem.Checkpoint checkpoint:
                _checkpoint = TextOf(checkpoint);
                if (prepared.Step.Work is { } changes)
                {
                    _work.Add(changes);
                }

                return;
            case ReadItem.Skipped skipped:
                Skip(skipped);
                return;
            case ReadItem.Failed failed:
                Fail(failed);
                break;
            case ReadItem.Deleted deleted:
                _deleted.Add(deleted.DocumentId);
                break;
            case ReadItem.Unchanged unchanged:
                _deleted.Remove(unchanged.DocumentId);
                _counts = _counts with { Unchanged = _counts.Unchanged + 1 };
                Settle(unchanged.DocumentId, prepared);
                break;
            case ReadItem.Found found:
                _current = found.Document.Id;
                AddFound(found, prepared);
                break;
        }

        _read++;
        _counts = _counts with { Read = _counts.Read + 1 };
    }

    private void AddFound(ReadItem.Found found, PreparedStep prepared)
    {
        if (prepared.Document is { } document)
        {
            // Within a batch documents are written before others are deleted: this one is there again.
            _deleted.Remove(document.ExternalId);
            _documents.Add(document);
            _characters += document.Passages.Sum(passage => passage.Text.Length);
        }
        else if (prepared.Failure is { } failure)
        {
            Fail(failure);
        }
        else if (prepared.Skip is { } skip)
        {
            Skip(skip);
            Settle(found.Document.Id, prepared);
        }
        else if (prepared.IsHeldBack)
        {
            _failed++;
            _heldBack.Add(found.Document.Id);
            _counts = _counts with { Failed = _counts.Failed + 1 };
        }
        else
        {
            _counts = _counts with { Unchanged = _counts.Unchanged + 1 };
            Settle(found.Document.Id, prepared);
        }
    }

    private void Fail(ReadItem.Failed failure)
    {
        _failed++;
        _failures.Add(failure);
        _counts = _counts with { Failed = _counts.Failed + 1 };
    }

    private void Skip(ReadItem.Skipped skipped)
    {
        _skipped.Add(skipped);
        _counts = _counts with { Skipped = _counts.Skipped + 1 };
    }

    private void Settle(string itemId, PreparedStep prepared)
    {
        if (prepared.HasOpenFailure)
        {
            _settled.Add(itemId);
        }
    }

    private async Task CommitAsync(CancellationToken cancellationToken)
    {
        if (!HasAnything)
        {
            return;
        }

        var now = time.GetUtcNow();
        var changes = _checkpoint is null ? null : Join();
        var batch = new DocumentBatch
        {
            WorkspaceId = start.Connector.WorkspaceId,
            ConnectorId = start.Connector.Id,
            Now = now,
            Fence = start.Fence,
            Documents = _documents,
            Deleted = _deleted,
            Failures = _failures,
            Settled = _settled,
            HeldBack = _heldBack,
            Skipped = _skipped,
            Work = changes,
            Checkpoint = _checkpoint,
            Counts = _counts,
            Progress = Progress(),
        };
        (_documents, _deleted, _failures, _skipped, _settled, _heldBack) = ([], [], [], [], [], []);
        (_counts, _checkpoint, _characters, _lastCommit) = (new RunCounts(), null, 0, now);
        var outcome = await documents.CommitAsync(batch, cancellationToken).ConfigureAwait(false);
        if (changes is not null)
        {
            work.Acknowledge(changes);
        }

        Volatile.Write(ref _committedSteps, _steps);
        StopRequested |= outcome.StopRequested;
    }

    /// <summary>The work list's changes of several checkpoints as one.</summary>
    private WorkListChanges? Join()
    {
        if (_work.Count == 0)
        {
            return null;
        }

        var lastClear = _work.FindLastIndex(changes => changes.Cleared);
        var live = lastClear < 0 ? _work : _work[lastClear..];
        var joined =
            live.Count == 1
                ? live[0]
                : new WorkListChanges(
                    live[0].Id,
                    live[0].Cleared,
                    [.. live.SelectMany(changes => changes.Added)],
                    [.. live.SelectMany(changes => changes.Done)]
                );
        _work.Clear();
        return joined;
    }

    private RunProgress Progress()
    {
        var waiting = waitingUntil();
        return new RunProgress(waiting is null ? "reading" : "waiting for the rate limit", _current, waiting);
    }

    private static string TextOf(ReadItem.Checkpoint checkpoint)
    {
        var text = checkpoint.Position.GetRawText();
        return Encoding.UTF8.GetByteCount(text) <= MaxCheckpointBytes
            ? text
            : throw new InvalidOperationException(
                $"The reader's checkpoint is larger than {MaxCheckpointBytes} bytes: ids belong into the work list."
            );
    }
}
