using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Engine.Models;

namespace Tributary.Store.Sqlite;

/// <summary>The documents of a connector as the rows of its documents model.</summary>
internal static class DocumentRecords
{
    private const string Columns = """
        d.external_id, d.title, h.since, d.link, d.updated_at, d.owners, d.metadata,
        (SELECT group_concat(text, char(10)) FROM (
            SELECT c.text FROM chunks c WHERE c.id >= d.first_chunk AND c.id < d.first_chunk + d.chunk_count ORDER BY c.id))
        """;

    public static StoredRecord? Find(SqliteSession session, Model model, string id) =>
        session
            .Prepare(
                $"""
                SELECT {Columns} FROM documents d CROSS JOIN holders h ON h.connector_id = ? AND h.document_id = d.id
                WHERE d.workspace_id = ? AND d.external_id = ?
                """
            )
            .Add(model.ConnectorId)
            .Add(model.WorkspaceId)
            .Add(id)
            .First(Record);

    public static List<StoredRecord> List(
        SqliteSession session,
        Model model,
        RecordOrder order,
        bool isDescending,
        int limit,
        int offset
    )
    {
        var direction = isDescending ? "DESC" : "ASC";

        // By time the connector's own index leads, by id the workspace's. By title it is sorted, of which no more is kept
        // than is answered: an index of titles would cost every write a page of its own.
        var sql = order switch
        {
            RecordOrder.EmittedAt => $"""
                SELECT {Columns} FROM holders h CROSS JOIN documents d ON d.id = h.document_id
                WHERE h.connector_id = ?1 AND d.workspace_id = ?2
                ORDER BY h.since {direction}, h.document_id {direction} LIMIT ?3 OFFSET ?4
                """,
            RecordOrder.Title => $"""
                SELECT {Columns} FROM (
                    SELECT d.id FROM holders h CROSS JOIN documents d ON d.id = h.document_id
                    WHERE h.connector_id = ?1 AND d.workspace_id = ?2
                    ORDER BY d.title {direction}, d.id {direction} LIMIT ?3 OFFSET ?4) page
                CROSS JOIN documents d ON d.id = page.id
                CROSS JOIN holders h ON h.connector_id = ?1 AND h.document_id = d.id
                ORDER BY d.title {direction}, d.id {direction}
                """,
            _ => $"""
                SELECT {Columns} FROM documents d CROSS JOIN holders h ON h.connector_id = ?1 AND h.document_id = d.id
                WHERE d.workspace_id = ?2 ORDER BY d.external_id {direction} LIMIT ?3 OFFSET ?4
                """,
        };
        return session
            .Prepare(sql)
            .Add(model.ConnectorId)
            .Add(model.WorkspaceId)
            .Add((long)limit)
            .Add((long)offset)
            .ToList(Record);
    }

    public static List<string> ListValues(
        SqliteSession session,
        Model model,
        string column,
        string? containing,
        int limit
    )
    {
        var value = column switch
        {
            "id" => "d.external_id",
            "title" => "d.title",
            "link" => "d.link",
            "owners" => "d.owners",
            "metadata" => "d.metadata",
            _ => null,
        };
        return value is null
            ? []
            : session
                .Prepare(
                    $"""
                    SELECT DISTINCT {value} AS value FROM (
                        SELECT document_id FROM holders WHERE connector_id = ?1 ORDER BY since DESC LIMIT {RecordValues.LookedAt}) h
                    CROSS JOIN documents d ON d.id = h.document_id
                    WHERE {value} IS NOT NULL AND (?2 IS NULL OR instr(lower({value}), lower(?2)) > 0) ORDER BY value LIMIT ?3
                    """
                )
                .Add(model.ConnectorId)
                .Add(containing)
                .Add((long)limit)
                .ToList(static row => row.Text(0)!);
    }

    private static StoredRecord Record(Statement row)
    {
        var (id, title, since) = (row.Text(0)!, row.Text(1)!, row.Time(2)!.Value);
        var data = new JsonObject
        {
            ["id"] = id,
            ["title"] = title,
            ["link"] = row.Text(3),
            ["updated_at"] = row.Time(4)
                ?.UtcDateTime.ToString(
                    "yyyy-MM-dd'T'HH:mm:ss.fff'Z'",
                    System.Globalization.CultureInfo.InvariantCulture
                ),
            ["owners"] = row.Text(5) is { } owners ? JsonNode.Parse(owners) : null,
            ["metadata"] = row.Text(6) is { } metadata ? JsonNode.Parse(metadata) : null,
            ["text"] = row.Text(7),
        };
        return new StoredRecord(id, title, since, JsonSerializer.SerializeToElement(data));
    }
}
