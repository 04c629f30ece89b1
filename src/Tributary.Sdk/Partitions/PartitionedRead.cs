using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Tributary.Sdk.Reading;

namespace Tributary.Sdk.Partitions;

/// <summary>
/// Reads channels, repositories, sites or folders side by side. Each partition is read by itself and yields checkpoints with
/// positions of its own; what comes out is one stream in which a checkpoint covers everything before it that a partition had
/// covered, so that a resumed read goes on in each partition where it stood.
/// </summary>
public static class PartitionedRead
{
    private const int MaxLastCharacters = 40_000;
    private const int Buffered = 16;

    /// <summary>Reads all partitions.</summary>
    /// <param name="keys">Their keys, in any order; those that are done are passed over.</param>
    /// <param name="position">Where to begin; null for a first pass. After a complete pass, hand back its last position: <see cref="PartitionedPosition.Last"/> is used.</param>
    /// <param name="read">
    /// Reads one partition from its own last position (null at first). Several run at once: they share the HTTP client, and
    /// must not use the work list.
    /// </param>
    /// <param name="concurrency">How many at once.</param>
    /// <param name="wrap">Makes the reader's checkpoint of the common position.</param>
    /// <param name="cancellationToken">Ends all.</param>
    /// <returns>Items; the order within a partition is kept. The last item is the checkpoint of the complete pass.</returns>
    /// <exception cref="SourceException">Of the first partition that throws; the others are stopped.</exception>
    public static async IAsyncEnumerable<ReadItem> ReadAsync(
        IEnumerable<string> keys,
        PartitionedPosition? position,
        Func<string, JsonElement?, CancellationToken, IAsyncEnumerable<ReadItem>> read,
        int concurrency,
        Func<PartitionedPosition, ReadItem.Checkpoint> wrap,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var state = new State(position ?? new PartitionedPosition());
        var todo = new Queue<string>(keys.Distinct().Order(StringComparer.Ordinal).Where(key => !state.IsDone(key)));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var merged = Channel.CreateBounded<(string Key, ReadItem? Item)>(Buffered);
        var running = new Dictionary<string, Task>(StringComparer.Ordinal);
        try
        {
            while (todo.Count > 0 || running.Count > 0)
            {
                while (running.Count < concurrency && todo.TryDequeue(out var next))
                {
                    var from = state.Begin(next);
                    running[next] = Task.Run(
                        () => PumpAsync(next, read(next, from, stop.Token), merged.Writer, stop.Token),
                        CancellationToken.None
                    );
                }

                var (key, item) = await merged.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                if (item is null)
                {
                    await running[key].ConfigureAwait(false);
                    running.Remove(key);
                    state.End(key);
                    yield return wrap(state.Position);
                }
                else if (item is ReadItem.Checkpoint checkpoint)
                {
                    state.Move(key, checkpoint.Position);
                    yield return wrap(state.Position);
                }
                else
                {
                    yield return item;
                }
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(running.Values.Select(Quietly)).ConfigureAwait(false);
        }

        yield return wrap(state.Finished);
    }

    private static async Task PumpAsync(
        string key,
        IAsyncEnumerable<ReadItem> items,
        ChannelWriter<(string, ReadItem?)> merged,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await foreach (var item in items.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                await merged.WriteAsync((key, item), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            // The reader of the channel awaits this task then, and so meets what it threw.
            if (!cancellationToken.IsCancellationRequested)
            {
                await merged.WriteAsync((key, null), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task Quietly(Task task)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or SourceException)
        {
            // Stopped because another one failed, or because nobody reads on.
        }
    }

    private sealed class State
    {
        private readonly SortedDictionary<string, JsonElement> _open = new(StringComparer.Ordinal);
        private readonly SortedDictionary<string, JsonElement> _last = new(StringComparer.Ordinal);
        private string? _doneUpTo;
        private int _lastCharacters;

        public State(PartitionedPosition start)
        {
            _doneUpTo = start.DoneUpTo;
            _open = new(start.Open, StringComparer.Ordinal);
            foreach (var (key, position) in start.Last)
            {
                Keep(key, position);
            }
        }

        // A partition that began has a position from its first moment, so that the mark may pass it.
        public PartitionedPosition Position =>
            new()
            {
                DoneUpTo = _doneUpTo,
                Open = new(_open, StringComparer.Ordinal),
                Last = new(_last, StringComparer.Ordinal),
            };

        public PartitionedPosition Finished => new() { Last = new(_last, StringComparer.Ordinal) };

        public bool IsDone(string key) =>
            _doneUpTo is not null && string.CompareOrdinal(key, _doneUpTo) <= 0 && !_open.ContainsKey(key);

        public JsonElement? Begin(string key)
        {
            JsonElement? from =
                _open.TryGetValue(key, out var open) && open.ValueKind == JsonValueKind.Object ? open
                : _last.TryGetValue(key, out var last) ? last
                : null;
            _open[key] = from ?? JsonSerializer.SerializeToElement<string?>(null);
            _doneUpTo = string.CompareOrdinal(key, _doneUpTo) > 0 ? key : _doneUpTo;
            return from;
        }

        public void Move(string key, JsonElement position) => _open[key] = position.Clone();

        public void End(string key)
        {
            if (_open.Remove(key, out var position) && position.ValueKind == JsonValueKind.Object)
            {
                Keep(key, position);
            }
        }

        /// <summary>A checkpoint has its limit: what finds no room is read from its beginning next time.</summary>
        private void Keep(string key, JsonElement position)
        {
            if (_last.Remove(key, out var earlier))
            {
                _lastCharacters -= Size(key, earlier);
            }

            if (_lastCharacters + Size(key, position) <= MaxLastCharacters)
            {
                _last[key] = position.Clone();
                _lastCharacters += Size(key, position);
            }
        }

        private static int Size(string key, JsonElement position) => key.Length + position.GetRawText().Length + 4;
    }
}
