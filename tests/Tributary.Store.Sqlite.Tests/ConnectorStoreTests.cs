using SQLitePCL;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite.Tests;

public class ConnectorStoreTests
{
    [Fact]
    public async Task An_older_database_keeps_its_connectors_collections_and_used_up_ids()
    {
        using var folder = new Testing.TemporaryFolder();
        var options = new Engine.EngineOptions { DataFolder = folder.Path };
        MakeOld(folder["test.db"]);
        using var database = new SqliteDatabase(folder["test.db"], options);
        database.Start();

        var connector = await new SqliteConnectorStore(database).FindAsync(1, 7, CancellationToken.None);

        connector!.Name.ShouldBe("Old");
        connector.DatasetUuid.ToString()[14].ShouldBe('4');
        connector.UsesSharedCredentials.ShouldBeFalse();
        (await ScalarAsync("SELECT count(*) FROM collection_connectors WHERE connector_id = 7")).ShouldBe(1);
        (await ScalarAsync("SELECT seq FROM sqlite_sequence WHERE name = 'connectors'")).ShouldBe(99);
        (await ScalarAsync("SELECT length(dataset_uuid) FROM workspaces")).ShouldBe(36);
        (await ScalarAsync("SELECT count(*) FROM pragma_foreign_key_check")).ShouldBe(0);

        async Task<long?> ScalarAsync(string sql) => await database.ReadAsync(session => session.Prepare(sql).Scalar());
    }

    [Fact]
    public async Task A_connector_with_models_is_not_removed_unless_all_of_it_is_meant()
    {
        using var store = new StoreFixture();
        await store.AddWorkspaceAsync(1);
        await store.Database.WriteAsync(session =>
        {
            session.Execute("DELETE FROM models");
            session.Execute(
                """
                INSERT INTO models (uuid, workspace_id, connector_id, deleted_at, dataset_uuid, kind, slug, name, extractor,
                    created_at, updated_at)
                VALUES ('a', 1, 1, NULL, 'd', 1, 'a', 'a', 'x', 0, 0), ('b', 1, 1, 5, 'd', 1, 'b', 'b', 'x', 0, 0),
                    ('c', 2, 1, NULL, 'e', 1, 'c', 'c', 'x', 0, 0)
                """
            );
        });
        var connectors = new SqliteConnectorStore(store.Database);
        var usage = new SqliteConnectorUsage(store.Database);
        var run = new NewRun(Guid.NewGuid(), 1, 1, RunKind.Delete, "test", StoreFixture.Now);
        var audit = new AuditDraft(1, StoreFixture.Now, "test", "test", "test");

        (await usage.CountModelsAsync(1, CancellationToken.None)).ShouldBe(new Dictionary<long, long> { [1] = 1 });
        (
            await Should.ThrowAsync<ConnectorInUseException>(() =>
                connectors.TryDeleteAsync(run, audit, onlyUnused: true, CancellationToken.None)
            )
        ).Models.ShouldBe(1);
        (await connectors.FindBySlugAsync(1, "c", CancellationToken.None)).ShouldNotBeNull();
        (await connectors.TryDeleteAsync(run, audit, onlyUnused: false, CancellationToken.None)).ShouldNotBeNull();
        (await connectors.FindBySlugAsync(1, "c", CancellationToken.None)).ShouldBeNull();
        (await connectors.IsSlugTakenAsync(1, "c", CancellationToken.None)).ShouldBeFalse();
        (await connectors.IsTakenAsync(1, "web", "c", CancellationToken.None)).ShouldBeFalse();
    }

    [Fact]
    public async Task An_allowance_holds_in_every_window_also_across_its_slots()
    {
        using var store = new StoreFixture();
        var allowances = new SqliteAllowanceStore(store.Database);
        var used = new List<DateTimeOffset>();

        for (var now = StoreFixture.Now; now < StoreFixture.Now.AddMinutes(5); now += TimeSpan.FromMilliseconds(700))
        {
            var room = await allowances.TryUseAsync(1, "web", TimeSpan.FromMinutes(1), 10, now, CancellationToken.None);
            if (room is null)
            {
                used.Add(now);
            }
            else
            {
                room.Value.ShouldBeGreaterThan(now);
                room.Value.ShouldBeLessThanOrEqualTo(now.AddMinutes(1).AddSeconds(2));
            }
        }

        used.Max(end => used.Count(at => at > end.AddMinutes(-1) && at <= end)).ShouldBe(10);
        used.Count.ShouldBeGreaterThan(45);
        (
            await allowances.TryUseAsync(2, "web", TimeSpan.FromMinutes(1), 1, StoreFixture.Now, CancellationToken.None)
        ).ShouldBeNull();
    }

    /// <summary>A database as the first version left it: one connector in a collection, and ids up to 99 given away.</summary>
    private static void MakeOld(string path)
    {
        Batteries_V2.Init();
        var assembly = typeof(SqliteDatabase).Assembly;
        using var reader = new StreamReader(
            assembly.GetManifestResourceStream(
                assembly.GetManifestResourceNames().Single(name => name.EndsWith("0001_initial.sql"))
            )!
        );
        var schema = reader.ReadToEnd();
        var checksum = Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(schema))
        );
        raw.sqlite3_open(path, out var database).ShouldBe(raw.SQLITE_OK);
        using (database)
        {
            Run(schema);
            Run("CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)");
            Run($"INSERT INTO migrations VALUES (1, '0001_initial.sql', '{checksum}')");
            Run(
                $"""
                INSERT INTO workspaces (id, uuid, name, created_at) VALUES (1, '{Guid.NewGuid()}', 'w', 0);
                INSERT INTO users (id, uuid, workspace_id, email, password_hash, role, created_at)
                    VALUES (1, '{Guid.NewGuid()}', 1, 'a', '', 2, 0);
                INSERT INTO credentials (id, uuid, workspace_id, secret, key_id, created_at, updated_at)
                    VALUES (1, '{Guid.NewGuid()}', 1, x'', '', 0, 0);
                INSERT INTO connectors (id, uuid, workspace_id, name, slug, integration, integration_sent, config,
                    credential_id, status, created_at, updated_at, created_by)
                    VALUES (7, '{Guid.NewGuid()}', 1, 'Old', 'old', 'web', 'web', '{"{}"}', 1, 2, 0, 0, 1);
                UPDATE sqlite_sequence SET seq = 99 WHERE name = 'connectors';
                INSERT INTO collections (id, workspace_id, name, created_at) VALUES (1, 1, 'c', 0);
                INSERT INTO collection_connectors VALUES (1, 7);
                """
            );
        }

        void Run(string sql) => raw.sqlite3_exec(database, sql).ShouldBe(raw.SQLITE_OK, sql);
    }
}
