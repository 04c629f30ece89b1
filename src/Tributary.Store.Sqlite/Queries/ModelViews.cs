using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Tributary.Engine.Models;
using Tributary.Engine.Models.Queries;

namespace Tributary.Store.Sqlite.Queries;

/// <summary>A model's rows as a table of SQL, in the columns of its DDL.</summary>
internal static class ModelViews
{
    /// <summary>What the views read.</summary>
    public static readonly FrozenSet<string> Tables = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "records",
        "documents",
        "holders",
        "chunks"
    );

    /// <summary>The rows of one model, and of no other.</summary>
    public static string Select(Model model) => model.Kind == ModelKind.Documents ? Documents(model) : Records(model);

    private static string Records(Model model)
    {
        var sql = new StringBuilder("SELECT r.record_id AS _id, r.title AS _title, ")
            .Append(Iso("r.emitted_at"))
            .Append(" AS _emitted_at");
        foreach (var column in ModelTable.Columns(model))
        {
            var path = $"$.\"{column.Name}\"".Replace("'", "''");
            sql.Append(
                CultureInfo.InvariantCulture,
                $", json_extract(r.data, '{path}') AS {ModelTable.Quoted(column.Name)}"
            );
        }

        return sql.Append(CultureInfo.InvariantCulture, $" FROM main.records r WHERE r.model_id = {model.Id}")
            .ToString();
    }

    private static string Documents(Model model) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            SELECT d.external_id AS _id, d.title AS _title, {Iso(
                "h.since"
            )} AS _emitted_at, d.external_id AS id, d.title AS title,
              d.link AS link, {Iso("d.updated_at")} AS updated_at, d.owners AS owners, d.metadata AS metadata,
              (SELECT group_concat(c.text, char(10)) FROM main.chunks c
               WHERE c.id >= d.first_chunk AND c.id < d.first_chunk + d.chunk_count) AS text
            FROM main.holders h CROSS JOIN main.documents d ON d.id = h.document_id
            WHERE h.connector_id = {model.ConnectorId} AND d.workspace_id = {model.WorkspaceId}
            """
        );

    private static string Iso(string milliseconds) =>
        $"strftime('%Y-%m-%dT%H:%M:%fZ', {milliseconds} / 1000.0, 'unixepoch')";
}
