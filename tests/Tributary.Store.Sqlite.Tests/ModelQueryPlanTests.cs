using System.Text.Json;
using Tributary.Engine.Models;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite.Tests;

/// <summary>What is asked of models and their rows reaches every table that can grow by an index, and sorts nothing.</summary>
public class ModelQueryPlanTests
{
    private static readonly string[] Growing = ["records", "r", "runs", "documents", "d", "holders", "h", "chunks"];

    [Fact]
    public async Task No_query_of_models_walks_or_sorts_a_table_that_can_grow()
    {
        using var store = new StoreFixture();
        await store.AddWorkspaceAsync(1);
        var statements = await UseAsync(store);

        statements.Count.ShouldBeGreaterThan(40);
        var plans = await store.Database.ReadAsync(session =>
            statements.Select(sql => (sql, Plan: Plan(session, sql))).ToList()
        );
        plans
            .Where(plan => plan.Plan.Any(IsSlow) && !IsBounded(plan.sql))
            .Select(plan => $"{plan.sql} → {string.Join("; ", plan.Plan)}")
            .ShouldBeEmpty();
    }

    private static bool IsSlow(string step) =>
        (
            Growing.Any(table => step == $"SCAN {table}" || step.StartsWith($"SCAN {table} ", StringComparison.Ordinal))
            && !step.EndsWith("INDEX runs_open", StringComparison.Ordinal)
        ) || step.Contains("USE TEMP B-TREE", StringComparison.Ordinal);

    /// <summary>
    /// Distinct values look at the newest ten thousand rows at most; models of a workspace and open runs are few. Documents
    /// are sorted by title, which is rare, rather than kept in that order by every write.
    /// </summary>
    private static bool IsBounded(string sql) =>
        sql.Contains("SELECT DISTINCT", StringComparison.Ordinal)
        || sql.Contains("ORDER BY d.title", StringComparison.Ordinal)
        || sql.Contains("GROUP BY id", StringComparison.Ordinal)
        || sql.Contains("ORDER BY next_run_at", StringComparison.Ordinal)
        || sql.Contains(Rows.OpenRuns, StringComparison.Ordinal);

    private static async Task<List<string>> UseAsync(StoreFixture store)
    {
        var (now, none) = (StoreFixture.Now, CancellationToken.None);
        var runs = new SqliteRunStore(store.Database);
        var models = new SqliteModelStore(store.Database);
        var records = new SqliteRecordStore(store.Database);
        var audit = new AuditDraft(1, now, "test", "test", "test");
        foreach (var kind in (ModelKind[])[ModelKind.Documents, ModelKind.Records])
        {
            var model = await models.InsertAsync(
                new NewModel
                {
                    Uuid = Guid.NewGuid(),
                    WorkspaceId = 1,
                    DatasetUuid = Guid.NewGuid(),
                    ConnectorId = 1,
                    Kind = kind,
                    Slug = "m",
                    Name = "m",
                    ExtractorSlug = "m",
                    Config = JsonElement.Parse("{}"),
                    FirstRun = new NewRun(Guid.NewGuid(), 1, 1, RunKind.Refresh, "start", now),
                    Now = now,
                    Audit = audit,
                },
                none
            );
            var start = (await runs.TryBeginAsync(1, now, none))!;
            var pass = model with { Pass = start.Run.Id };
            await records.BeginPassAsync(start.Fence, pass, none);
            await records.LookUpAsync(model.Id, ["a"], none);
            var page = new RecordPage
            {
                Fence = start.Fence,
                Model = pass,
                Pass = start.Run.Id,
                Now = now,
                Records = [new PreparedRecord("a", "a", "{}", StoreFixture.Document("d", "text"))],
                Removed = ["b"],
                Meta = null,
                IsLast = true,
                Progress = new RunProgress(null, null, null),
            };
            await records.CommitAsync(page, none);
            await records.CommitAsync(page, none);
            await records.RemoveUnseenAsync(start.Fence, pass, start.Run.Id, 10, now, none);
            await records.EndPassAsync(start.Fence, pass, false, none);
            await records.FindAsync(model, "a", none);
            foreach (var order in Enum.GetValues<RecordOrder>())
            {
                await records.ListAsync(model, order, true, 10, 0, none);
                await records.ListAsync(model, order, false, 10, 0, none);
            }

            await records.ListValuesAsync(model, "title", null, 10, none);
            await models.ListAsync(1, none);
            await models.ListRunsAsync(1, null, [], 10, 0, none);
            await models.ListRunsAsync(1, model.Uuid, [RunState.Failed], 10, 0, none);
            await models.FindRunAsync(1, start.Run.Uuid, none);
            await runs.FindLastOfModelAsync(model.Id, long.MaxValue, none);
            await runs.ListDueAsync(none);
            await runs.FindNextDueAsync(1, none);
            var clear = new NewRun(Guid.NewGuid(), 1, 1, RunKind.Clear, "test", now) { ModelId = model.Id };
            await models.RemoveAsync(model, clear, now, audit, none);
            var clearing = (await runs.TryBeginAsync(1, now, none))!;
            await records.ClearAsync(clearing.Fence, model, 10, now, none);
            await runs.FinishAsync(
                new RunEnd
                {
                    Fence = clearing.Fence,
                    ConnectorId = 1,
                    Kind = RunKind.Clear,
                    State = RunState.Succeeded,
                    Now = now,
                    NextRefreshAt = _ => null,
                },
                none
            );
        }

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
