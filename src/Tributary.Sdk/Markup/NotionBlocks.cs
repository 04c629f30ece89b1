using System.Text;
using System.Text.Json;

namespace Tributary.Sdk.Markup;

/// <summary>Notion's blocks and rich text to Markdown. Children are the caller's: they come by requests of their own.</summary>
public static class NotionBlocks
{
    private const int MaxDepth = 20;

    /// <summary>One block, without its children.</summary>
    /// <param name="block">A block object of the API.</param>
    /// <param name="depth">How deep it stands in lists; deeper than 20 counts as 20.</param>
    /// <returns>Markdown without a line break at its end; empty for blocks that say nothing. Never throws.</returns>
    public static string ToMarkdown(JsonElement block, int depth = 0)
    {
        var type = Text(block, "type") ?? "";
        var body = Member(block, type);
        var text = RichText(Member(body, "rich_text"));
        var indent = new string(' ', 2 * Math.Clamp(depth, 0, MaxDepth));
        var line = type switch
        {
            "heading_1" => "# " + text,
            "heading_2" => "## " + text,
            "heading_3" => "### " + text,
            "heading_4" => "#### " + text,
            "bulleted_list_item" or "toggle" => "- " + text,
            "numbered_list_item" => "1. " + text,
            "to_do" => (Member(body, "checked").ValueKind == JsonValueKind.True ? "- [x] " : "- [ ] ") + text,
            "quote" or "callout" => "> " + text.Replace("\n", "\n> "),
            "code" => $"```{Text(body, "language")}\n{text}\n```",
            "equation" => $"$${Text(body, "expression")}$$",
            "divider" => "---",
            "child_page" or "child_database" => Text(body, "title") ?? "",
            "bookmark" or "embed" or "link_preview" =>
                $"{RichText(Member(body, "caption"))} {Text(body, "url")}".Trim(),
            "image" or "video" or "audio" or "file" or "pdf" => RichText(Member(body, "caption")),
            "table_row" => Row(Member(body, "cells")),
            _ => text,
        };
        return line.Length == 0 ? "" : indent + line.Replace("\n", "\n" + indent);
    }

    /// <summary>An array of rich text objects, with emphasis and links; anything else gives nothing.</summary>
    public static string RichText(JsonElement runs)
    {
        if (runs.ValueKind != JsonValueKind.Array)
        {
            return "";
        }

        var text = new StringBuilder();
        foreach (var run in runs.EnumerateArray())
        {
            text.Append(Marked(run));
        }

        return text.ToString();
    }

    private static string Marked(JsonElement run)
    {
        var text = Text(run, "plain_text") ?? "";
        if (string.IsNullOrWhiteSpace(text))
        {
            return text;
        }

        var marks = Member(run, "annotations");
        text = Is(marks, "code") ? $"`{text}`" : text;
        text = Is(marks, "bold") ? $"**{text}**" : text;
        text = Is(marks, "italic") ? $"*{text}*" : text;
        text = Is(marks, "strikethrough") ? $"~~{text}~~" : text;
        return Text(run, "href") is { } link && link != text ? $"[{text}]({link})" : text;
    }

    private static string Row(JsonElement cells) =>
        cells.ValueKind == JsonValueKind.Array
            ? $"| {string.Join(" | ", cells.EnumerateArray().Select(cell => RichText(cell).Replace("|", "\\|").Replace('\n', ' ')))} |"
            : "";

    private static bool Is(JsonElement marks, string name) => Member(marks, name).ValueKind == JsonValueKind.True;

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;

    private static string? Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
