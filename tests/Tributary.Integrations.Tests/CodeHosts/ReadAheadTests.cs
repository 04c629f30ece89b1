using System.Runtime.CompilerServices;
using Tributary.Integrations.CodeHosts;

namespace Tributary.Integrations.Tests.CodeHosts;

/// <summary>Pages that are fetched before they are asked for.</summary>
public class ReadAheadTests
{
    private int _fetched;

    [Fact]
    public async Task Pages_come_in_their_order()
    {
        (await PagesAsync(5).AheadAsync(2, CancellationToken.None).ToListAsync()).ShouldBe([1, 2, 3, 4, 5]);
    }

    [Fact]
    public async Task While_one_is_worked_on_the_next_are_fetched_and_no_more_than_may_wait()
    {
        await using var pages = PagesAsync(100).AheadAsync(2, CancellationToken.None).GetAsyncEnumerator();

        (await pages.MoveNextAsync()).ShouldBeTrue();
        await TestWait.Until(() => Volatile.Read(ref _fetched) >= 3, "two more are there");

        // The one at hand, two that wait, and one that has no place yet.
        _fetched.ShouldBeLessThanOrEqualTo(4);
    }

    [Fact]
    public async Task One_that_cannot_be_had_throws_when_its_turn_comes()
    {
        await using var pages = PagesAsync(5, broken: 3).AheadAsync(2, CancellationToken.None).GetAsyncEnumerator();

        (await pages.MoveNextAsync()).ShouldBeTrue();
        (await pages.MoveNextAsync()).ShouldBeTrue();
        (await Should.ThrowAsync<IOException>(async () => await pages.MoveNextAsync())).Message.ShouldBe("page 3");
    }

    [Fact]
    public async Task Leaving_ends_the_fetching()
    {
        var hasEnded = false;
        await foreach (
            var _ in PagesAsync(int.MaxValue, onEnd: () => hasEnded = true).AheadAsync(2, CancellationToken.None)
        )
        {
            break;
        }

        hasEnded.ShouldBeTrue();
    }

    private async IAsyncEnumerable<int> PagesAsync(
        int count,
        int? broken = null,
        Action? onEnd = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        try
        {
            for (var page = 1; page <= count; page++)
            {
                await Task.Yield();
                cancellationToken.ThrowIfCancellationRequested();
                Interlocked.Increment(ref _fetched);
                yield return page == broken ? throw new IOException($"page {page}") : page;
            }
        }
        finally
        {
            onEnd?.Invoke();
        }
    }
}
