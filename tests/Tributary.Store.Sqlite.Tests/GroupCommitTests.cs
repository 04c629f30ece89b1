namespace Tributary.Store.Sqlite.Tests;

public class GroupCommitTests
{
    private static async Task<StoreFixture> StartAsync()
    {
        var store = new StoreFixture();
        await store.AddWorkspaceAsync(1);
        return store;
    }

    [Fact]
    public async Task A_failing_write_is_undone_alone_and_leaves_the_others_and_the_index_whole()
    {
        using var store = await StartAsync();
        await store.Database.WriteAsync(session => store.Write(session, 1, StoreFixture.Document("old", "rivers")));

        var failures = await store.InOneTransactionAsync(
            session => store.Write(session, 1, StoreFixture.Document("first", "lakes")),
            session =>
            {
                store.Write(
                    session,
                    1,
                    StoreFixture.Document("old", "deserts"),
                    StoreFixture.Document("new", "deserts")
                );
                throw new InvalidDataException("Not this one.");
            },
            session => store.Write(session, 1, StoreFixture.Document("third", "lakes"))
        );

        failures[0].ShouldBeNull();
        failures[1].ShouldBeOfType<InvalidDataException>();
        failures[2].ShouldBeNull();
        (await store.FindAsync("lakes")).ShouldBe(["first", "third"]);
        (await store.FindAsync("deserts")).ShouldBeEmpty();
        (await store.FindAsync("rivers")).ShouldBe(["old"]);
        await store.ShouldBeWholeAsync();
    }

    [Fact]
    public async Task A_write_that_fails_on_its_own_leaves_nothing()
    {
        using var store = await StartAsync();
        await Should.ThrowAsync<InvalidDataException>(() =>
            store.Database.WriteAsync(session =>
            {
                store.Write(session, 1, StoreFixture.Document("a", "lakes"));
                throw new InvalidDataException("Not this one.");
            })
        );

        (await store.CountAsync("SELECT count(*) FROM documents")).ShouldBe(0);
        await store.Database.WriteAsync(session => store.Write(session, 1, StoreFixture.Document("b", "rivers")));
        (await store.FindAsync("lakes OR rivers")).ShouldBe(["b"]);
        await store.ShouldBeWholeAsync();
    }

    [Fact]
    public async Task A_document_written_twice_in_a_transaction_is_indexed_as_it_was_written_last()
    {
        using var store = await StartAsync();
        await store.InOneTransactionAsync(
            session => store.Write(session, 1, StoreFixture.Document("a", "lakes")),
            session => store.Write(session, 1, StoreFixture.Document("a", "rivers"))
        );

        (await store.FindAsync("lakes")).ShouldBeEmpty();
        (await store.FindAsync("rivers")).ShouldBe(["a"]);
        await store.ShouldBeWholeAsync();
    }

    [Fact]
    public async Task A_full_disk_fails_every_write_of_the_transaction_and_the_store_goes_on_when_there_is_room()
    {
        using var store = await StartAsync();
        await store.Database.WriteAsync(session => store.Write(session, 1, StoreFixture.Document("old", "rivers")));
        await store.Database.WriteAsync(session => session.Prepare("PRAGMA max_page_count = 1").Scalar());
        var large = string.Join(' ', Enumerable.Range(0, 400_000).Select(i => $"word{i}"));

        var failures = await store.InOneTransactionAsync(
            session => store.Write(session, 1, StoreFixture.Document("small", "lakes")),
            session => store.Write(session, 1, StoreFixture.Document("large", large)),
            session => store.Write(session, 1, StoreFixture.Document("late", "lakes"))
        );

        // Nobody may believe that something is stored which is not.
        var stored = await store.FindAsync("lakes");
        stored.Contains("small").ShouldBe(failures[0] is null);
        failures[1].ShouldNotBeNull().Message.ShouldContain("full");
        stored.Contains("late").ShouldBe(failures[2] is null);
        await store.Database.WriteAsync(session => session.Prepare("PRAGMA max_page_count = 1000000").Scalar());
        await store.Database.WriteAsync(session => store.Write(session, 1, StoreFixture.Document("new", "deserts")));
        (await store.FindAsync("deserts OR rivers")).ShouldBe(["new", "old"]);
        await store.ShouldBeWholeAsync();
    }

    [Fact]
    public async Task A_transaction_that_cannot_be_indexed_fails_all_its_writes_and_the_next_one_succeeds()
    {
        using var store = await StartAsync();
        await store.Database.WriteAsync(session => store.Write(session, 1, StoreFixture.Document("old", "rivers")));
        await store.Database.WriteAsync(session => session.Execute("ALTER TABLE chunk_index RENAME TO elsewhere"));

        var failures = await store.InOneTransactionAsync(
            session => store.Write(session, 1, StoreFixture.Document("a", "lakes")),
            session => store.Write(session, 1, StoreFixture.Document("b", "lakes"))
        );

        failures.ShouldAllBe(failure => failure is SqliteStoreException);
        (await store.CountAsync("SELECT count(*) FROM documents")).ShouldBe(1);
        await store.Database.WriteAsync(session => session.Execute("ALTER TABLE elsewhere RENAME TO chunk_index"));
        await store.Database.WriteAsync(session => store.Write(session, 1, StoreFixture.Document("b", "lakes")));
        (await store.FindAsync("lakes OR rivers")).ShouldBe(["b", "old"]);
        await store.ShouldBeWholeAsync();
    }

    [Fact]
    public async Task A_read_that_breaks_off_leaves_no_old_snapshot_to_later_reads()
    {
        using var store = await StartAsync();
        await store.Database.WriteAsync(session =>
            store.Write(session, 1, StoreFixture.Document("a", "lakes"), StoreFixture.Document("b", "lakes"))
        );
        await Should.ThrowAsync<OperationCanceledException>(async () =>
            await store.Database.ReadAsync<int>(session =>
            {
                session.Prepare("SELECT id FROM documents WHERE id > 0").Step();
                throw new OperationCanceledException();
            })
        );

        await store.Database.WriteAsync(session => store.Write(session, 1, StoreFixture.Document("c", "lakes")));

        (await store.CountAsync("SELECT count(*) FROM documents")).ShouldBe(3);
    }

    [Fact]
    public async Task After_the_store_is_closed_a_write_is_refused()
    {
        using var store = await StartAsync();
        var database = store.Open();
        database.Start();
        database.Dispose();

        await Should.ThrowAsync<ObjectDisposedException>(() => database.WriteAsync(_ => { }));
    }
}
