using System.Runtime.CompilerServices;
using Tributary.Sdk.Reading;
using Tributary.Testing.Readers;

namespace Tributary.Integrations.Tests.Conformance;

/// <summary>
/// Whether a reader holds what it has read. Documents and their ids are followed by weak references, which other tests in
/// the process do not disturb, while the reader is alive: four times during the read, and when it has yielded everything.
/// </summary>
internal static class MemoryCheck
{
    private const string ItemsVariable = "TRIBUTARY_CONFORMANCE_ITEMS";

    // What may be held, however large the source is: the ids of a page, and the documents that are read at once.
    private const int Held = 250;

    /// <summary>How many items a source has that is read for this; the environment may want more.</summary>
    public static int Items { get; } = ItemsOf(Environment.GetEnvironmentVariable(ItemsVariable));

    /// <summary>Reads a source of so many documents.</summary>
    public static async Task ReadAsync(ReaderHarness harness)
    {
        var seen = new List<WeakReference>();
        var alive = new List<int>();
        var reading = harness.StreamAsync().GetAsyncEnumerator();
        try
        {
            while (await NextAsync(reading, seen))
            {
                if (seen.Count / 2 / (Items / 4) > alive.Count)
                {
                    alive.Add(await AliveAsync(seen));
                }
            }

            seen.Count.ShouldBe(2 * Items);
            alive.Add(await AliveAsync(seen));
            GC.KeepAlive(reading);
        }
        finally
        {
            await reading.DisposeAsync();
        }

        var found = $"references alive at every fourth of {Items}: {string.Join(", ", alive)}";
        TestContext.Current.TestOutputHelper?.WriteLine(found);
        alive.Max().ShouldBeLessThan(Held, found);
    }

    private static int ItemsOf(string? wish) =>
        string.IsNullOrEmpty(wish) ? 3_000
        : int.TryParse(wish, out var items) && items is >= 1_000 and <= 10_000_000 ? items
        : throw new InvalidOperationException($"{ItemsVariable} is a number from 1,000 to 10,000,000, not '{wish}'.");

    /// <summary>In a method of its own, so that no local of the test holds the last item.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<bool> NextAsync(IAsyncEnumerator<ReadItem> reading, List<WeakReference> seen)
    {
        if (!await reading.MoveNextAsync())
        {
            return false;
        }

        if (reading.Current is ReadItem.Found { Document: var document })
        {
            seen.AddRange([new WeakReference(document), new WeakReference(document.Id)]);
        }

        return true;
    }

    private static async Task<int> AliveAsync(List<WeakReference> seen)
    {
        // Away from the stack of the reader that has just gone on.
        await Task.Yield();
        GC.Collect();
        return seen.Count(reference => reference.IsAlive);
    }
}
