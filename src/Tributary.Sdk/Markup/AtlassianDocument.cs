using System.Text;
using System.Text.Json;

namespace Tributary.Sdk.Markup;

/// <summary>The Atlassian document format (ADF: Jira's descriptions and comments, Confluence's bodies) to Markdown.</summary>
public static class AtlassianDocument
{
    private const int MaxDepth = 50;

    /// <summary>Converts a document or any node of one.</summary>
    /// <param name="node">The JSON; what is no node gives nothing.</param>
    /// <returns>Markdown. Never throws: unknown nodes give what their content says, and what is nested deeper than 50 is left out.</returns>
    public static string ToMarkdown(JsonElement node)
    {
        var text = new StringBuilder();
        Block(node, text, "", 0);
        return text.ToString().Trim('\n');
    }

    private static void Block(JsonElement node, StringBuilder text, string indent, int depth)
    {
        if (node.ValueKind != JsonValueKind.Object || depth > MaxDepth)
        {
            return;
        }

        switch (Text(node, "type"))
        {
            case "paragraph":
                Line(text, indent, Inline(node, depth));
                text.Append('\n');
                break;
            case "heading":
                var level = Math.Clamp(Number(Attributes(node), "level") ?? 1, 1, 6);
                Line(text, indent, new string('#', level) + " " + Inline(node, depth));
                text.Append('\n');
                break;
            case "codeBlock":
                var language = Text(Attributes(node), "language");
                Line(text, indent, $"```{language}\n{Inline(node, depth)}\n```");
                text.Append('\n');
                break;
            case "bulletList" or "orderedList" or "taskList" or "decisionList":
                List(node, text, indent, depth);
                break;
            case "blockquote" or "panel":
                var quoted = new StringBuilder();
                Children(node, quoted, "", depth);
                Line(text, indent, "> " + quoted.ToString().Trim('\n').Replace("\n", "\n> "));
                text.Append('\n');
                break;
            case "rule":
                Line(text, indent, "---\n");
                break;
            case "table":
                Table(node, text, indent, depth);
                break;
            case "expand" or "nestedExpand":
                Line(text, indent, $"**{Text(Attributes(node), "title")}**\n");
                Children(node, text, indent, depth);
                break;
            case "text"
            or "mention"
            or "emoji"
            or "hardBreak"
            or "inlineCard"
            or "blockCard"
            or "embedCard"
            or "media"
            or "date"
            or "status":
                Line(text, indent, One(node, depth));
                break;
            default:
                Children(node, text, indent, depth);
                break;
        }
    }

    private static void List(JsonElement node, StringBuilder text, string indent, int depth)
    {
        var isOrdered = Text(node, "type") == "orderedList";
        var number = Number(Attributes(node), "order") ?? 1;
        foreach (var item in Content(node))
        {
            var inner = new StringBuilder();
            if (Text(item, "type") is "taskItem" or "decisionItem")
            {
                inner
                    .Append(Text(Attributes(item), "state") == "DONE" ? "[x] " : "[ ] ")
                    .Append(Inline(item, depth + 1));
            }
            else
            {
                Children(item, inner, "", depth + 1);
            }

            var lines = inner.ToString().Trim('\n').Replace("\n\n", "\n").Replace("\n", "\n  ");
            Line(text, indent, (isOrdered ? $"{number++}. " : "- ") + lines);
        }

        text.Append('\n');
    }

    private static void Table(JsonElement node, StringBuilder text, string indent, int depth)
    {
        var isFirst = true;
        foreach (var row in Content(node))
        {
            var cells = Content(row).Select(cell => Cell(cell, depth)).ToList();
            Line(text, indent, $"| {string.Join(" | ", cells)} |");
            if (isFirst)
            {
                Line(text, indent, "|" + string.Concat(cells.Select(_ => " --- |")));
            }

            isFirst = false;
        }

        text.Append('\n');
    }

    private static string Cell(JsonElement cell, int depth)
    {
        var text = new StringBuilder();
        Children(cell, text, "", depth + 2);
        return text.ToString().Trim('\n').Replace('\n', ' ').Replace("|", "\\|");
    }

    private static void Children(JsonElement node, StringBuilder text, string indent, int depth)
    {
        foreach (var child in Content(node))
        {
            Block(child, text, indent, depth + 1);
        }
    }

    private static string Inline(JsonElement node, int depth) =>
        depth > MaxDepth ? "" : string.Concat(Content(node).Select(child => One(child, depth + 1)));

    private static string One(JsonElement node, int depth) =>
        Text(node, "type") switch
        {
            "text" => Marked(Text(node, "text") ?? "", node),
            "hardBreak" => "\n",
            "mention" => Text(Attributes(node), "text") ?? "",
            "emoji" => Text(Attributes(node), "text") ?? Text(Attributes(node), "shortName") ?? "",
            "inlineCard" or "blockCard" or "embedCard" => Text(Attributes(node), "url") ?? "",
            "media" => Text(Attributes(node), "alt") ?? "",
            "status" => Text(Attributes(node), "text") ?? "",
            "date"
                when long.TryParse(Text(Attributes(node), "timestamp"), out var milliseconds)
                    && Math.Abs(milliseconds) < 60_000_000_000_000 => DateTimeOffset
                .FromUnixTimeMilliseconds(milliseconds)
                .ToString("yyyy-MM-dd"),
            _ => Inline(node, depth),
        };

    private static string Marked(string text, JsonElement node)
    {
        if (!node.TryGetProperty("marks", out var marks) || marks.ValueKind != JsonValueKind.Array)
        {
            return text;
        }

        foreach (var mark in marks.EnumerateArray())
        {
            text = Text(mark, "type") switch
            {
                "strong" => $"**{text}**",
                "em" => $"*{text}*",
                "strike" => $"~~{text}~~",
                "code" => $"`{text}`",
                "link" when Text(Attributes(mark), "href") is { } link && link != text => $"[{text}]({link})",
                _ => text,
            };
        }

        return text;
    }

    private static void Line(StringBuilder text, string indent, string line) =>
        text.Append(indent).Append(line).Append('\n');

    private static JsonElement[] Content(JsonElement node) =>
        node.ValueKind == JsonValueKind.Object
        && node.TryGetProperty("content", out var content)
        && content.ValueKind == JsonValueKind.Array
            ? [.. content.EnumerateArray()]
            : [];

    private static JsonElement Attributes(JsonElement node) =>
        node.ValueKind == JsonValueKind.Object && node.TryGetProperty("attrs", out var attributes)
            ? attributes
            : default;

    private static string? Text(JsonElement node, string name) =>
        node.ValueKind == JsonValueKind.Object
        && node.TryGetProperty(name, out var text)
        && text.ValueKind == JsonValueKind.String
            ? text.GetString()
            : null;

    private static int? Number(JsonElement node, string name) =>
        node.ValueKind == JsonValueKind.Object
        && node.TryGetProperty(name, out var number)
        && number.ValueKind == JsonValueKind.Number
        && number.TryGetInt32(out var value)
            ? value
            : null;
}
