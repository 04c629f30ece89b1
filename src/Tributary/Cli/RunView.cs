using System.Globalization;
using System.Text.Json;

namespace Tributary.Cli;

/// <summary>A run of the server's JSON, in words.</summary>
/// <param name="Json">The run.</param>
internal readonly record struct RunView(JsonElement Json)
{
    /// <summary>Its id.</summary>
    public long Id => Json.Whole("id");

    /// <summary>How it stands.</summary>
    public string Status => Json.Text("status");

    /// <summary>Whether there is a run at all.</summary>
    public bool Exists => Json.Exists();

    /// <summary>A prune waits for a person.</summary>
    public bool NeedsConfirmation => Status == "needs_confirmation";

    /// <summary>It has come to its end.</summary>
    public bool HasEnded => Status is not ("queued" or "running" or "needs_confirmation");

    /// <summary>The source was read to its end.</summary>
    public bool IsGood => Status is "succeeded" or "succeeded_with_failures";

    /// <summary>The run of an answer that is a run, or a source with one.</summary>
    public static RunView Of(JsonElement answer) =>
        answer.Member("kind").Exists() ? new RunView(answer)
        : answer.Member("current_run").Exists() ? new RunView(answer.Member("current_run"))
        : new RunView(answer.Member("last_run"));

    /// <summary>What it is doing: <c>reading</c>, or why it waits.</summary>
    public string Activity =>
        Json.Time("waiting_until") is { } until ? $"waiting for a rate limit until {PlainText.Show(until)}"
        : Json.Text("phase") is { Length: > 0 } phase ? phase
        : Status;

    /// <summary>What came of it so far: <c>120 read, 118 added, 2 failed</c>.</summary>
    public string Counts
    {
        get
        {
            var counts = Json.Member("counts");
            string[] names = ["read", "added", "updated", "unchanged", "deleted", "failed", "skipped"];
            var parts = names
                .Where(name => name == "read" || counts.Whole(name) > 0)
                .Select(name => $"{counts.Whole(name).ToString(CultureInfo.InvariantCulture)} {name}");
            return string.Join(", ", parts);
        }
    }

    /// <summary>Activity, counts and current item on one line.</summary>
    public string Line =>
        PlainText.OneLine(
            Json.Text("current_item") is { Length: > 0 } item
                ? $"{Activity}: {Counts} · {PlainText.Shorten(item, 60)}"
                : $"{Activity}: {Counts}"
        );

    /// <summary>How it ended, for people.</summary>
    public string Ending
    {
        get
        {
            var took =
                Json.Time("started_at") is { } start && Json.Time("finished_at") is { } end
                    ? $" in {Durations.Show(Math.Max(1, (long)Math.Round((end - start).TotalSeconds)))}"
                    : "";
            var error = Json.Member("error").Text("message");
            return Status switch
            {
                "succeeded" => $"The {Kind} has ended well{took}: {Counts}.",
                "succeeded_with_failures" => $"The {Kind} has ended{took}, some documents failed: {Counts}.",
                "needs_confirmation" => $"The {Kind} waits for confirmation: {error}",
                "canceled" => $"The {Kind} was canceled: {Counts}.",
                "interrupted" => $"The {Kind} was interrupted; the next one goes on where it stopped: {Counts}.",
                _ => $"The {Kind} failed: {(error.Length > 0 ? error : Status)}",
            };
        }
    }

    /// <summary>What it does: <c>refresh</c>.</summary>
    private string Kind => Json.Text("kind") is { Length: > 0 } kind ? kind : "run";
}
