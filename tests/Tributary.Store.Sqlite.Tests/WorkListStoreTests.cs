using Tributary.Engine.Store;
using Tributary.Sdk.Reading;

namespace Tributary.Store.Sqlite.Tests;

public sealed class WorkListStoreTests : IDisposable
{
    private static readonly WorkListId Id = new(1, IsListing: false);

    private readonly StoreFixture _fixture = new();
    private readonly SqliteWorkListStore _store;

    public WorkListStoreTests() => _store = new SqliteWorkListStore(_fixture.Database);

    public void Dispose() => _fixture.Dispose();

    private static WorkListChanges Adding(WorkListId id, long from, params string[] keys) =>
        new(id, false, [.. keys.Select((key, i) => (from + i, new WorkItem(key, $"data of {key}", i)))], []);

    private async Task<List<string>> TakeAsync(long after, int max = 10) =>
        [.. (await _store.TakeAsync(Id, after, max, default)).Select(entry => $"{entry.Position} {entry.Item.Key}")];

    [Fact]
    public async Task An_empty_list_has_no_position() =>
        (await _store.GetStateAsync(Id, default)).ShouldBe(new WorkListState(-1, 0, 0));

    [Fact]
    public async Task Items_are_taken_in_order_with_all_that_was_said_of_them()
    {
        await _store.ApplyAsync(Adding(Id, 0, "a", "b", "c"), default);

        (await TakeAsync(-1, 2)).ShouldBe(["0 a", "1 b"]);
        (await TakeAsync(1)).ShouldBe(["2 c"]);
        (await _store.TakeAsync(Id, 1, 1, default))[0].Item.ShouldBe(new WorkItem("c", "data of c", 2));
    }

    [Fact]
    public async Task Finished_items_are_known_but_not_taken()
    {
        await _store.ApplyAsync(Adding(Id, 0, "a", "b", "c"), default);
        await _store.ApplyAsync(new WorkListChanges(Id, false, [], [0, 2]), default);

        (await TakeAsync(-1)).ShouldBe(["1 b"]);
        (await _store.GetStateAsync(Id, default)).ShouldBe(new WorkListState(2, 3, 1));
        (await _store.FindKeysAsync(Id, -1, ["a", "b", "x"], default)).ShouldBe(["a", "b"], ignoreOrder: true);
    }

    [Fact]
    public async Task Keys_at_or_below_a_position_are_of_an_older_pass()
    {
        await _store.ApplyAsync(Adding(Id, 0, "a", "b"), default);
        (await _store.FindKeysAsync(Id, 0, ["a", "b"], default)).ShouldBe(["b"]);
    }

    [Fact]
    public async Task Clearing_comes_before_adding_and_adding_before_finishing()
    {
        await _store.ApplyAsync(Adding(Id, 0, "a", "b"), default);
        await _store.ApplyAsync(
            new WorkListChanges(Id, true, [(2, new WorkItem("b")), (3, new WorkItem("c"))], [2]),
            default
        );

        (await TakeAsync(-1)).ShouldBe(["3 c"]);
        (await _store.GetStateAsync(Id, default)).ShouldBe(new WorkListState(3, 2, 1));
    }

    [Fact]
    public async Task Lists_of_other_connectors_and_of_listings_are_apart()
    {
        await _store.ApplyAsync(Adding(Id, 0, "a"), default);
        await _store.ApplyAsync(Adding(Id with { IsListing = true }, 0, "a", "b"), default);
        await _store.ApplyAsync(Adding(new WorkListId(2, false), 0, "a", "b", "c"), default);
        await _store.ApplyAsync(new WorkListChanges(new WorkListId(2, false), true, [], []), default);

        (await TakeAsync(-1)).ShouldBe(["0 a"]);
        (await _store.GetStateAsync(Id with { IsListing = true }, default)).Total.ShouldBe(2);
        (await _store.GetStateAsync(new WorkListId(2, false), default)).Total.ShouldBe(0);
    }

    [Fact]
    public async Task A_key_added_twice_is_refused_with_all_that_came_with_it()
    {
        await _store.ApplyAsync(Adding(Id, 0, "a"), default);
        await Should.ThrowAsync<SqliteStoreException>(() => _store.ApplyAsync(Adding(Id, 1, "b", "a"), default));
        (await TakeAsync(-1)).ShouldBe(["0 a"]);
    }
}
