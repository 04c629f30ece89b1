using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite.Tests;

public class MigratorTests
{
    [Fact]
    public async Task A_second_start_changes_nothing()
    {
        using var store = new StoreFixture();
        var before = await store.CountAsync("SELECT count(*) FROM sqlite_schema");
        store.Reopen();
        (await store.CountAsync("SELECT count(*) FROM sqlite_schema")).ShouldBe(before);
        (await store.CountAsync("SELECT count(*) FROM migrations")).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_database_made_by_another_migration_of_that_number_is_refused()
    {
        using var store = new StoreFixture();
        await store.Database.WriteAsync(session =>
            session.Execute("UPDATE migrations SET checksum = 'other' WHERE number = 1")
        );
        using var again = store.Open();

        Should.Throw<StoreException>(again.Start).Message.ShouldContain("0001_initial.sql");
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused_and_left_as_it_is()
    {
        using var store = new StoreFixture();
        await store.Database.WriteAsync(session =>
            session.Execute("INSERT INTO migrations VALUES (9000, '9000_later.sql', 'x')")
        );
        using var again = store.Open();

        Should.Throw<StoreException>(again.Start).Message.ShouldContain("newer version (migration 9000");
        (await store.CountAsync("SELECT count(*) FROM migrations WHERE number = 9000")).ShouldBe(1);
    }

    [Fact]
    public async Task Processes_that_open_a_new_file_at_once_wait_for_one_another()
    {
        using var folder = new Testing.TemporaryFolder();
        for (var round = 0; round < 10; round++)
        {
            var path = folder[$"{round}.db"];
            using var together = new Barrier(4);
            var opening = Enumerable
                .Range(0, together.ParticipantCount)
                .Select(_ =>
                    Task.Factory.StartNew(
                        () =>
                        {
                            together.SignalAndWait();
                            new SqliteDatabase(path, new Engine.EngineOptions()).Dispose();
                        },
                        TaskCreationOptions.LongRunning
                    )
                );
            await Task.WhenAll(opening);
        }
    }

    [Fact]
    public async Task Processes_that_start_at_once_migrate_once()
    {
        using var folder = new Testing.TemporaryFolder();
        var databases = Enumerable
            .Range(0, 4)
            .Select(_ => new SqliteDatabase(folder["test.db"], new Engine.EngineOptions()))
            .ToList();

        await Task.WhenAll(databases.Select(database => Task.Run(database.Start)));

        var files = typeof(SqliteDatabase)
            .Assembly.GetManifestResourceNames()
            .Count(name => name.EndsWith(".sql", StringComparison.Ordinal));
        var applied = await databases[0]
            .ReadAsync(session => session.Prepare("SELECT number FROM migrations").ToList(row => row.Int64(0)));
        applied.Distinct().Count().ShouldBe(files);
        applied.Count.ShouldBe(files);
        databases.ForEach(database => database.Dispose());
    }
}
