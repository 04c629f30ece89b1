using System.Text.Json;
using Tributary.Engine.Connectors;
using Tributary.Engine.Models;
using Tributary.Engine.Runs;
using Tributary.Sdk.Settings;

namespace Tributary.Store.Sqlite;

/// <summary>How rows of the models' table become models.</summary>
internal static class ModelRows
{
    public static readonly string Selected = $"""
        m.id, m.uuid, m.workspace_id, m.dataset_uuid, ifnull(c.slug, 'default'), m.connector_id, c.uuid, m.kind, m.slug, m.name,
        m.description, m.extractor, m.config, m.position_x, m.position_y, m.schedule, m.meta, m.pass, m.is_read, m.columns,
        m.additional_columns, m.id_column, m.title_column, m.time_column, m.unification,
        ifnull(c.status IN ({(int)ConnectorStatus.Paused}, {(int)ConnectorStatus.Invalid}), 0),
        m.connector_id IS NOT NULL AND ifnull(c.status = {(int)ConnectorStatus.Deleting}, 1),
        iif(m.kind = 0, (SELECT max(h.since) FROM holders h WHERE h.connector_id = m.connector_id), m.last_emitted_at),
        m.created_at, m.updated_at
        """;

    public const string Tables = "models m LEFT JOIN connectors c ON c.id = m.connector_id";

    public static string Json(IReadOnlyList<ModelColumn> columns) =>
        JsonSerializer.Serialize(columns, SettingsJson.Options);

    public static List<ModelColumn> Columns(string json) =>
        JsonSerializer.Deserialize<List<ModelColumn>>(json, SettingsJson.Options)!;

    public static Model Model(Statement row) =>
        new()
        {
            Id = row.Int64(0),
            Uuid = Guid.Parse(row.Text(1)!),
            WorkspaceId = row.Int64(2),
            DatasetUuid = Guid.Parse(row.Text(3)!),
            DatasetSlug = row.Text(4)!,
            ConnectorId = row.IsNull(5) ? null : row.Int64(5),
            ConnectorUuid = row.Text(6) is { } connector ? Guid.Parse(connector) : null,
            Kind = (ModelKind)row.Int32(7),
            Slug = row.Text(8)!,
            Name = row.Text(9)!,
            Description = row.Text(10),
            ExtractorSlug = row.Text(11)!,
            Config = Rows.Json(row.Text(12)!),
            Position = (row.Real(13), row.Real(14)),
            Schedule = row.Text(15),
            Meta = row.Text(16) is { } meta ? Rows.Json(meta) : null,
            Pass = row.IsNull(17) ? null : row.Int64(17),
            IsRead = row.Int64(18) != 0,
            Columns = row.Int32(7) == (int)ModelKind.Documents ? ModelColumn.OfDocuments : Columns(row.Text(19)!),
            AdditionalColumns = Rows.Json(row.Text(20)!),
            IdColumn = row.Int32(7) == (int)ModelKind.Documents ? "id" : row.Text(21),
            TitleColumn = row.Int32(7) == (int)ModelKind.Documents ? "title" : row.Text(22),
            TimeColumn = row.Int32(7) == (int)ModelKind.Documents ? "updated_at" : row.Text(23),
            Unification = row.Text(24) is { } unification ? Rows.Json(unification) : null,
            IsPaused = row.Int64(25) != 0,
            IsConnectorGone = row.Int64(26) != 0,
            LastEmittedAt = row.Time(27),
            CreatedAt = row.Time(28)!.Value,
            UpdatedAt = row.Time(29)!.Value,
        };

    /// <summary>With the run that read it last.</summary>
    public static Model WithLastRun(SqliteSession session, Model model) =>
        model with
        {
            LastRun = session
                .Prepare(
                    $"""
                    SELECT {Rows.RunColumns} FROM runs WHERE model_id = ? AND kind IN ({(int)RunKind.Refresh}, {(int)
                        RunKind.Reindex}) ORDER BY id DESC LIMIT 1
                    """
                )
                .Add(model.Id)
                .First(Rows.Run),
        };
}
