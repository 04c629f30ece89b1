using System.Text;
using System.Text.Json;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Partitions;
using Tributary.Sdk.Reading;

namespace Tributary.Sdk.Tests;

public class PartitionedReadTests
{
    private const int Partitions = 12;
    private const int ItemsEach = 9;

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Everything_comes_once_and_in_each_partitions_order(int concurrency)
    {
        var items = await Read(null, concurrency).ToListAsync();

        var ids = items.OfType<ReadItem.Found>().Select(item => item.Document.Id).ToList();
        ids.ShouldBe(All(), ignoreOrder: true);
        foreach (var group in ids.GroupBy(id => id.Split('/')[0]))
        {
            group.ShouldBe(group.OrderBy(id => int.Parse(id.Split('/')[1])));
        }
    }

    [Fact]
    public async Task Resumes_from_every_checkpoint()
    {
        var items = await Read(null, 3).ToListAsync();
        for (var index = 0; index < items.Count; index++)
        {
            if (items[index] is not ReadItem.Checkpoint checkpoint || index == items.Count - 1)
            {
                continue;
            }

            var rest = await Read(checkpoint.As<PartitionedPosition>(), 3).ToListAsync();

            items
                .Take(index)
                .Concat(rest)
                .OfType<ReadItem.Found>()
                .Select(item => item.Document.Id)
                .Distinct()
                .ShouldBe(All(), ignoreOrder: true, customMessage: $"from item {index}");
        }
    }

    [Fact]
    public async Task The_next_pass_begins_where_each_partition_ended()
    {
        var last = (await Read(null, 3).ToListAsync())[^1].ShouldBeOfType<ReadItem.Checkpoint>();

        var again = await Read(last.As<PartitionedPosition>(), 3).ToListAsync();

        again.OfType<ReadItem.Found>().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_checkpoint_stays_small_however_many_partitions_there_are()
    {
        var largest = 0;
        await foreach (
            var item in PartitionedRead.ReadAsync(
                Enumerable.Range(0, 2_000).Select(number => $"channel-{number:D5}"),
                null,
                (_, _, _) => One(),
                4,
                ReadItem.Checkpoint.From,
                default
            )
        )
        {
            if (item is ReadItem.Checkpoint { Position: var position })
            {
                largest = Math.Max(largest, Encoding.UTF8.GetByteCount(position.GetRawText()));
            }
        }

        largest.ShouldBeLessThan(64 * 1024);

        static async IAsyncEnumerable<ReadItem> One()
        {
            await Task.Yield();
            yield return ReadItem.Checkpoint.From(new Place(17));
        }
    }

    [Fact]
    public async Task One_that_fails_ends_all()
    {
        var running = 0;
        var read = PartitionedRead.ReadAsync(
            ["a", "b", "c"],
            null,
            (key, _, token) => Fail(key, token),
            3,
            ReadItem.Checkpoint.From,
            default
        );

        await Should.ThrowAsync<SourceException>(async () => await read.CountAsync());

        running.ShouldBe(0);

        async IAsyncEnumerable<ReadItem> Fail(
            string key,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token
        )
        {
            Interlocked.Increment(ref running);
            try
            {
                yield return new ReadItem.Unchanged(key);
                if (key == "b")
                {
                    throw new SourceException(FailureKind.Transient, "The source is down.");
                }

                await Task.Delay(Timeout.Infinite, token);
            }
            finally
            {
                Interlocked.Decrement(ref running);
            }
        }
    }

    private static IEnumerable<string> All() =>
        Enumerable
            .Range(0, Partitions)
            .SelectMany(partition => Enumerable.Range(0, ItemsEach).Select(number => $"p{partition}/{number}"));

    private static IAsyncEnumerable<ReadItem> Read(PartitionedPosition? position, int concurrency) =>
        PartitionedRead.ReadAsync(
            Enumerable.Range(0, Partitions).Select(number => $"p{number}"),
            position,
            (key, from, _) => OneAsync(key, from),
            concurrency,
            ReadItem.Checkpoint.From,
            default
        );

    private static async IAsyncEnumerable<ReadItem> OneAsync(string key, JsonElement? from)
    {
        for (var number = from?.GetProperty("next").GetInt32() ?? 0; number < ItemsEach; number++)
        {
            await Task.Yield();
            yield return new ReadItem.Found(new Document { Id = $"{key}/{number}" });
            if (number % 3 == 2)
            {
                yield return ReadItem.Checkpoint.From(new Place(number + 1));
            }
        }
    }

    private sealed record Place(int Next);
}
