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
    // What may be held, however large the source is: the ids of a page, and the documents that are read at once.
    private const int Held = 250;

    /// <summary>Reads a source of so many documents.</summary>
    public static async Task ReadAsync(ReaderHarness harness, int documents)
    {
        var seen = new List<WeakReference>();
        var alive = new List<int>();
        var reading = harness.StreamAsync().GetAsyncEnumerator();
        try
        {
            while (await NextAsync(reading, seen))
            {
                if (seen.Count / 2 / (documents / 4) > alive.Count)
                {
                    alive.Add(await AliveAsync(seen));
                }
            }

            seen.Count.ShouldBe(2 * documents);
            alive.Add(await AliveAsync(seen));
            GC.KeepAlive(reading);
        }
        finally
        {
            await reading.DisposeAsync();
        }

        alive.Max().ShouldBeLessThan(Held, $"references alive at every fourth: {string.Join(", ", alive)}");
    }

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
