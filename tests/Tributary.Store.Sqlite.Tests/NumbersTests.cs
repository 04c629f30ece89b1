namespace Tributary.Store.Sqlite.Tests;

public class NumbersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4_000_000)]
    public void The_passages_of_workspaces_lie_apart(long workspaceId)
    {
        var (first, last) = Numbers.Range(workspaceId);
        first.ShouldBe(Numbers.Range(workspaceId - 1).Last + 1);
        last.ShouldBeGreaterThan(first + 1_000_000_000_000);
    }

    [Fact]
    public async Task Numbers_go_on_where_the_last_transaction_left_them_also_after_a_restart()
    {
        using var store = new StoreFixture();
        await store.AddWorkspaceAsync(1);
        (await TakeAsync(store, 3)).ShouldBe((Numbers.Range(1).First + 1, 1));
        (await TakeAsync(store, 1)).ShouldBe((Numbers.Range(1).First + 4, 2));
        store.Reopen();
        (await TakeAsync(store, 1)).ShouldBe((Numbers.Range(1).First + 5, 3));
    }

    [Fact]
    public async Task Numbers_of_a_write_that_failed_are_given_again()
    {
        using var store = new StoreFixture();
        await store.AddWorkspaceAsync(1);
        await store.InOneTransactionAsync(
            session =>
            {
                Take(session, 3);
                throw new InvalidDataException("Not this one.");
            },
            session => Take(session, 3).ShouldBe((Numbers.Range(1).First + 1, 1))
        );
        (await TakeAsync(store, 1)).ShouldBe((Numbers.Range(1).First + 4, 2));
    }

    [Fact]
    public async Task A_workspace_that_does_not_exist_has_no_numbers()
    {
        using var store = new StoreFixture();
        await Should.ThrowAsync<InvalidOperationException>(() =>
            store.Database.WriteAsync(session => new Numbers().Begin(session, 7))
        );
    }

    private static Task<(long Chunk, long Change)> TakeAsync(StoreFixture store, int chunks) =>
        store.Database.WriteAsync(session => Take(session, chunks));

    private static (long Chunk, long Change) Take(SqliteSession session, int chunks)
    {
        var numbers = new Numbers();
        numbers.Begin(session, 1);
        var taken = (numbers.Chunks(chunks), numbers.Change());
        numbers.End(session);
        return taken;
    }
}
