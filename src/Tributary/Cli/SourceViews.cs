using System.Globalization;
using System.Text.Json;

namespace Tributary.Cli;

/// <summary>Sources as text or JSON.</summary>
internal static class SourceViews
{
    /// <summary>A table of sources.</summary>
    public static void WriteList(ClientSession session, IReadOnlyList<JsonElement> sources)
    {
        if (session.PrintedJson(new { items = sources, next_cursor = (string?)null }))
        {
            return;
        }

        if (sources.Count == 0)
        {
            session.Say("There are no sources. Make one with 'tributary sources create'.");
            return;
        }

        Tables.Write(
            session.Terminal,
            ["ID", "NAME", "TYPE", "STATUS", "DOCUMENTS", "FAILURES", "NOW", "LAST RUN", "NEXT REFRESH"],
            sources.Select(source =>
                (IReadOnlyList<string>)
                    [
                        source.Text("id"),
                        source.Text("name"),
                        source.Text("type"),
                        source.Text("status"),
                        source.Text("documents"),
                        source.Text("open_failures"),
                        ShowCurrent(source),
                        ShowLast(source.Member("last_run")),
                        PlainText.Show(source.Member("schedule").Time("next_refresh_at")),
                    ]
            )
        );
    }

    /// <summary>Everything about one source.</summary>
    public static void WriteOne(ClientSession session, JsonElement source)
    {
        if (session.PrintedJson(source))
        {
            return;
        }

        var last = new RunView(source.Member("last_run"));
        Tables.WriteFacts(
            session.Terminal,
            ("Source", $"{source.Text("id")} · {source.Text("name")}"),
            ("UUID", source.Text("uuid")),
            ("Type", source.Text("type")),
            ("Status", source.Text("status")),
            ("Documents", source.Text("documents")),
            ("Now", ShowCurrent(source)),
            ("Last run", last.Exists ? $"{PlainText.Show(last.Json.Time("finished_at"))} · {last.Ending}" : "none yet"),
            ("Last error", source.Text("last_error")),
            ("Failures", ShowFailures(source)),
            ("Refresh", ShowEvery(source.Member("refresh_freq"), source.Member("schedule").Time("next_refresh_at"))),
            ("Prune", ShowEvery(source.Member("prune_freq"), source.Member("schedule").Time("next_prune_at"))),
            ("Config", source.Member("config").Text()),
            ("Credentials", source.Member("credentials").Text()),
            ("Created", PlainText.Show(source.Time("created_at")))
        );
    }

    /// <summary>A table of failed documents.</summary>
    public static void WriteFailures(ClientSession session, IReadOnlyList<JsonElement> items)
    {
        if (session.PrintedJson(new { items, next_cursor = (string?)null }))
        {
            return;
        }

        if (items.Count == 0)
        {
            session.Say("No documents have failed.");
            return;
        }

        Tables.Write(
            session.Terminal,
            ["WHEN", "DOCUMENT", "LINK", "WHY"],
            items.Select(item =>
                (IReadOnlyList<string>)
                    [
                        PlainText.Show(item.Time("time_created")),
                        item.Text("document_id"),
                        item.Text("document_link"),
                        item.Text("failure_message")
                            + (item.Member("is_resolved").ValueKind == JsonValueKind.True ? " (resolved)" : ""),
                    ]
            )
        );
    }

    private static string ShowCurrent(JsonElement source) =>
        new RunView(source.Member("current_run")) is { Exists: true } run ? run.Line : "";

    private static string ShowLast(JsonElement run) =>
        run.Exists() ? $"{run.Text("kind")} {run.Text("status")} {PlainText.Show(run.Time("finished_at"))}" : "";

    private static string ShowFailures(JsonElement source) =>
        source.Whole("open_failures") is > 0 and var count
            ? $"{count.ToString(CultureInfo.InvariantCulture)}; see 'tributary sources failures {source.Text("id")}'"
            : "";

    private static string ShowEvery(JsonElement seconds, DateTimeOffset? next) =>
        seconds.ValueKind == JsonValueKind.Number && seconds.GetInt64() is > 0 and var length
            ? $"every {Durations.Show(length)}" + (next is null ? "" : $", next {PlainText.Show(next)}")
            : "not by itself";
}
