using Tributary.Engine.Runs;
using Tributary.Engine.Store;
using Tributary.Sdk.Reading;

namespace Tributary.Engine.Tests.Runs;

public class DurableWorkListTests
{
    private static readonly WorkListId Id = new(1, IsListing: false);

    private static WorkItem[] Items(params string[] keys) => [.. keys.Select(key => new WorkItem(key))];

    private static async Task CommitAsync(IWorkListStore store, DurableWorkList work)
    {
        if (work.Drain() is { } changes)
        {
            await store.ApplyAsync(changes, default);
            work.Acknowledge(changes);
        }
    }

    [Fact]
    public async Task What_is_committed_but_not_acknowledged_yet_is_taken_once()
    {
        await using var engine = await EngineHarness.StartAsync();
        var store = engine.Get<IWorkListStore>();
        var work = await DurableWorkList.OpenAsync(store, Id, default);
        await work.AddAsync(Items("a"), default);
        await CommitAsync(store, work);
        await work.AddAsync(Items("b", "c"), default);
        var changes = work.Drain()!;

        // The commit is through, but its news has not come back when the reader takes more.
        await store.ApplyAsync(changes, default);
        var taken = (await work.TakeAsync(10, default)).Select(item => item.Key).ToList();
        work.Acknowledge(changes);
        taken.AddRange((await work.TakeAsync(10, default)).Select(item => item.Key));
        taken.ForEach(work.Complete);

        taken.ShouldBe(["a", "b", "c"]);
        work.Pending.ShouldBe(0);
    }

    [Fact]
    public async Task An_item_finished_before_it_was_taken_is_never_handed_out()
    {
        await using var engine = await EngineHarness.StartAsync();
        var store = engine.Get<IWorkListStore>();
        var work = await DurableWorkList.OpenAsync(store, Id, default);
        await work.AddAsync(Items("mark", "page"), default);
        work.Complete("mark");
        await CommitAsync(store, work);

        (await work.TakeAsync(10, default)).ShouldHaveSingleItem().Key.ShouldBe("page");
        (work.Pending, work.Total).ShouldBe((1, 2));
    }

    [Fact]
    public async Task A_new_pass_in_the_middle_of_a_commit_keeps_nothing_of_the_old_one()
    {
        await using var engine = await EngineHarness.StartAsync();
        var store = engine.Get<IWorkListStore>();
        var work = await DurableWorkList.OpenAsync(store, Id, default);
        await work.AddAsync(Items("a", "b"), default);
        var old = work.Drain()!;

        await work.ClearAsync(default);
        await work.AddAsync(Items("b", "c"), default);
        await store.ApplyAsync(old, default);
        work.Acknowledge(old);
        await CommitAsync(store, work);

        (await work.TakeAsync(10, default)).Select(item => item.Key).ShouldBe(["b", "c"]);
        (await store.GetStateAsync(Id, default)).Total.ShouldBe(2);
    }

    [Fact]
    public async Task After_a_crash_the_list_is_as_it_was_at_the_last_checkpoint()
    {
        await using var engine = await EngineHarness.StartAsync();
        var store = engine.Get<IWorkListStore>();
        var work = await DurableWorkList.OpenAsync(store, Id, default);
        await work.AddAsync(Items("a", "b", "c"), default);
        work.Complete((await work.TakeAsync(1, default))[0].Key);
        await CommitAsync(store, work);
        work.Complete((await work.TakeAsync(1, default))[0].Key);
        await work.AddAsync(Items("d"), default);

        var after = await DurableWorkList.OpenAsync(store, Id, default);

        (after.Pending, after.Total).ShouldBe((2, 3));
        (await after.TakeAsync(10, default)).Select(item => item.Key).ShouldBe(["b", "c"]);
        (await after.AddAsync(Items("a", "d"), default)).ShouldHaveSingleItem().Key.ShouldBe("d");
    }
}
