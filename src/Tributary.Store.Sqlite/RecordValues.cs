using Tributary.Engine.Models;

namespace Tributary.Store.Sqlite;

/// <summary>Distinct values of a column, for look-ups of forms.</summary>
internal static class RecordValues
{
    /// <summary>The newest rows that are looked at: a look-up stays quick whatever the table's size.</summary>
    public const int LookedAt = 10_000;

    public static List<string> List(SqliteSession session, Model model, string column, string? containing, int limit) =>
        session
            .Prepare(
                $"""
                SELECT DISTINCT CAST(e.value AS TEXT) AS value
                FROM (SELECT data FROM records WHERE model_id = ?1 ORDER BY emitted_at DESC LIMIT {LookedAt}) r, json_each(r.data) e
                WHERE e.key = ?2 AND e.value IS NOT NULL AND (?3 IS NULL OR instr(lower(e.value), lower(?3)) > 0)
                ORDER BY value LIMIT ?4
                """
            )
            .Add(model.Id)
            .Add(column)
            .Add(containing)
            .Add((long)limit)
            .ToList(static row => row.Text(0)!);
}
