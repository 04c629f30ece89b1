using System.Text.Json;
using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;
using Tributary.Sdk;
using Tributary.Sdk.Settings;

namespace Tributary.Store.Sqlite;

/// <summary>How rows of the control tables become records: column lists, and the functions that read them in their order.</summary>
internal static class Rows
{
    public const string ConnectorColumns = """
        c.id, c.uuid, c.workspace_id, c.name, c.slug, c.integration_sent, c.config, c.credential_id, c.status, c.refresh_freq,
        c.prune_freq, c.rate_limit, c.cache_ttl, c.repeated_error, c.document_count, c.created_at, c.updated_at, c.created_by,
        u.uuid, c.last_success_at, c.last_pruned_at, c.next_refresh_at, c.next_prune_at, c.last_error, c.dataset_uuid,
        c.is_default, c.use_credits
        """;

    public const string ConnectorTables = "connectors c JOIN users u ON u.id = c.created_by";

    public const string RunColumns = """
        id, uuid, connector_id, kind, state, requested_by, queued_at, started_at, finished_at, heartbeat_at, phase,
        current_item, waiting_until, read_count, added_count, updated_count, unchanged_count, deleted_count, failed_count,
        skipped_count, chunk_count, error_kind, error, model_id, cancel_requested
        """;

    /// <summary>The open runs, in the words of the index that holds them alone: SQLite takes it for no other words.</summary>
    public const string OpenRuns = "state IN (0, 1, 2)";

    public static Connector Connector(Statement row) =>
        new()
        {
            Id = row.Int64(0),
            Uuid = Guid.Parse(row.Text(1)!),
            WorkspaceId = row.Int64(2),
            Name = row.Text(3)!,
            Slug = row.Text(4)!,
            IntegrationSlug = row.Text(5)!,
            Config = Json(row.Text(6)!),
            CredentialId = row.Int64(7),
            Status = (ConnectorStatus)row.Int32(8),
            RefreshFreq = Integer(row, 9),
            PruneFreq = Integer(row, 10),
            RateLimit = row.Text(11) is { } limit
                ? JsonSerializer.Deserialize<RateLimit>(limit, SettingsJson.Options)
                : null,
            CacheTtlMilliseconds = Integer(row, 12),
            InRepeatedErrorState = row.Int64(13) != 0,
            DocumentCount = row.Int64(14),
            CreatedAt = row.Time(15)!.Value,
            UpdatedAt = row.Time(16)!.Value,
            CreatedBy = row.Int64(17),
            CreatedByUuid = Guid.Parse(row.Text(18)!),
            LastSuccessAt = row.Time(19),
            LastPrunedAt = row.Time(20),
            NextRefreshAt = row.Time(21),
            NextPruneAt = row.Time(22),
            LastError = row.Text(23),
            DatasetUuid = Guid.Parse(row.Text(24)!),
            IsDefault = row.Int64(25) != 0,
            UsesSharedCredentials = row.Int64(26) != 0,
        };

    public static Run Run(Statement row) =>
        new()
        {
            Id = row.Int64(0),
            Uuid = Guid.Parse(row.Text(1)!),
            ConnectorId = row.Int64(2),
            Kind = (RunKind)row.Int32(3),
            State = (RunState)row.Int32(4),
            RequestedBy = row.Text(5)!,
            QueuedAt = row.Time(6)!.Value,
            StartedAt = row.Time(7),
            FinishedAt = row.Time(8),
            HeartbeatAt = row.Time(9),
            Phase = row.Text(10),
            CurrentItem = row.Text(11),
            WaitingUntil = row.Time(12),
            Counts = new RunCounts(
                row.Int64(13),
                row.Int64(14),
                row.Int64(15),
                row.Int64(16),
                row.Int64(17),
                row.Int64(18),
                row.Int64(19),
                row.Int64(20)
            ),
            ErrorKind = Integer(row, 21) is { } kind ? (FailureKind)kind : null,
            Error = row.Text(22),
            ModelId = Integer(row, 23),
            IsCancelRequested = row.Int64(24) != 0,
        };

    /// <summary>Every row, mapped.</summary>
    public static List<T> ToList<T>(this Statement rows, Func<Statement, T> map)
    {
        var result = new List<T>();
        while (rows.Step())
        {
            result.Add(map(rows));
        }

        return result;
    }

    /// <summary>The first row, mapped; the type's default when there is none.</summary>
    public static T? First<T>(this Statement rows, Func<Statement, T> map)
    {
        if (!rows.Step())
        {
            return default;
        }

        var result = map(rows);
        rows.Reset();
        return result;
    }

    public static void Audit(this SqliteSession session, AuditDraft? entry)
    {
        if (entry is not null)
        {
            session
                .Prepare(
                    "INSERT INTO audit (workspace_id, at, actor, action, target, detail) VALUES (?, ?, ?, ?, ?, ?)"
                )
                .Add(entry.WorkspaceId)
                .Add(entry.At)
                .Add(entry.Actor)
                .Add(entry.Action)
                .Add(entry.Target)
                .Add(entry.Detail)
                .Run();
        }
    }

    /// <summary>The id of the row that was just inserted.</summary>
    public static long LastId(this SqliteSession session) =>
        SQLitePCL.raw.sqlite3_last_insert_rowid(session.Connection.Handle!);

    /// <summary>How many rows the last statement has changed.</summary>
    public static int Changes(this SqliteSession session) => SQLitePCL.raw.sqlite3_changes(session.Connection.Handle!);

    internal static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    private static long? Integer(Statement row, int column) => row.IsNull(column) ? null : row.Int64(column);
}
