using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;
using Tributary.Engine.Search;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite.Tests;

/// <summary>What is asked again and again reaches every table that can grow by an index.</summary>
public class QueryPlanTests
{
    private static readonly string[] Growing =
    [
        "runs",
        "documents",
        "chunks",
        "holders",
        "live_ids",
        "failures",
        "skips",
        "work_items",
        "changes",
        "audit",
        "files",
    ];

    [Fact]
    public async Task No_query_of_runs_prunes_deletions_and_searches_walks_a_table_that_can_grow()
    {
        using var store = new StoreFixture();
        await store.AddWorkspaceAsync(1);
        var statements = await UseAsync(store);

        statements.Count.ShouldBeGreaterThan(40);
        var plans = await store.Database.ReadAsync(session =>
            statements.Select(sql => (sql, Plan: Plan(session, sql))).ToList()
        );
        plans
            .Where(plan => plan.Plan.Any(IsWalk))
            .Select(plan => $"{plan.sql} → {string.Join("; ", plan.Plan)}")
            .ShouldBeEmpty();
    }

    [Theory]
    [InlineData("SELECT 1 FROM runs WHERE connector_id = 1 AND state = 1 AND state IN (0, 1, 2)", "runs_open")]
    [InlineData("SELECT id FROM connectors WHERE workspace_id = 1 AND id > 5 ORDER BY id", "connectors_by_workspace")]
    [InlineData("SELECT id FROM connectors WHERE workspace_id = 1 AND status = 5", "connectors_deleting")]
    public async Task Indexes_are_used_for_what_they_were_made_for(string sql, string index)
    {
        using var store = new StoreFixture();
        var plan = await store.Database.ReadAsync(session => Plan(session, sql));
        plan.ShouldHaveSingleItem().ShouldContain(index);
    }

    /// <summary>The index of the open runs may be walked: it holds a handful, whatever the history's length.</summary>
    private static bool IsWalk(string step) =>
        Growing.Any(table => step.StartsWith($"SCAN {table}", StringComparison.Ordinal))
        && !step.EndsWith("INDEX runs_open");

    /// <summary>Lets a connector live and die, and gives the statements that this took.</summary>
    private static async Task<List<string>> UseAsync(StoreFixture store)
    {
        var (now, none) = (StoreFixture.Now, CancellationToken.None);
        var runs = new SqliteRunStore(store.Database);
        var connectors = new SqliteConnectorStore(store.Database);
        var prunes = new SqlitePruneStore(store.Database);
        var audit = new AuditDraft(1, now, "test", "test", "test");
        await store.Database.WriteAsync(session => store.Write(session, 1, StoreFixture.Document("a", "lakes")));
        await runs.EnqueueAsync(new NewRun(Guid.NewGuid(), 1, 1, RunKind.Prune, "test", now), audit, none);
        var prune = (await runs.TryBeginAsync(1, now, none))!;
        await prunes.AddLiveAsync(prune.Fence, 1, ["b"], null, new RunProgress(null, null, null), now, none);
        await prunes.CountMissingAsync(1, now.AddSeconds(1), none);
        await prunes.DeleteMissingAsync(prune.Fence, 1, 1, now.AddSeconds(1), 0, 10, now, none);
        await prunes.ResolveMissingFailuresAsync(prune.Fence, 1, now, now, none);
        await prunes.ForgetListingAsync(prune.Fence, 1, none);
        await runs.RecoverAsync(now, none);
        await runs.ListDueAsync(none);
        await runs.FindNextDueAsync(1, none);
        await runs.ConfirmAsync(1, 1, audit, none);
        await runs.ListAsync(1, 1, long.MaxValue, 10, none);
        await runs.ListFailuresAsync(1, null, false, long.MaxValue, 10, none);
        await runs.ListFailuresAsync(1, 1, false, long.MaxValue, 10, none);
        await runs.ListSkippedAsync(1, 0, 10, none);
        await connectors.ListAsync(1, new ConnectorFilter(), 0, 10, none);
        await connectors.TryMoveAsync(1, 1, [ConnectorStatus.Active], ConnectorStatus.Paused, now, audit, none);
        await new SqliteSearchIndex(store.Database).FindAsync(
            1,
            TextQuery.Parse("lakes"),
            new SearchRequest { Query = "" },
            null,
            10,
            none
        );
        await new SqliteFileStore(store.Database).ListOnlyOfAsync(1, 1, none);
        await connectors.TryDeleteAsync(
            new NewRun(Guid.NewGuid(), 1, 1, RunKind.Delete, "test", now),
            audit,
            false,
            none
        );
        var delete = (await runs.TryBeginAsync(1, now, none))!;
        await prunes.ReleaseDocumentsAsync(delete.Fence, 1, 1, 10, now, none);
        await prunes.RemoveConnectorAsync(delete.Fence, 1, now, none);
        var written = await store.Database.WriteAsync(session => session.Prepared.ToList());
        return await store.Database.ReadAsync(session => written.Union(session.Prepared).ToList());
    }

    private static List<string> Plan(SqliteSession session, string sql)
    {
        var verb = sql.TrimStart().Split(' ', '\n')[0];
        return verb is not ("SELECT" or "UPDATE" or "DELETE")
            ? []
            : session.Prepare($"EXPLAIN QUERY PLAN {sql}").ToList(row => row.Text(3)!);
    }
}
