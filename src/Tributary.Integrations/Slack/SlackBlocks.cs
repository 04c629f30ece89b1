using System.Text;
using System.Text.Json;

namespace Tributary.Integrations.Slack;

/// <summary>
/// The text of blocks and attachments, as mrkdwn, for messages whose own text is empty. JSON of the vendor's that is as deep
/// as parsers allow at most.
/// </summary>
internal static class SlackBlocks
{
    private static readonly string[] Lines = ["pretext", "title", "text", "title_link", "from_url", "fallback"];

    public static string TextOf(SlackMessage message)
    {
        if (!string.IsNullOrWhiteSpace(message.Text))
        {
            return message.Text;
        }

        var text = new StringBuilder();
        foreach (var block in ArrayOf(message.Blocks))
        {
            Write(block, text);
            text.Append('\n');
        }

        foreach (var attachment in ArrayOf(message.Attachments))
        {
            WriteAttachment(attachment, text);
        }

        return text.ToString().Trim();
    }

    private static void WriteAttachment(JsonElement attachment, StringBuilder text)
    {
        var before = text.Length;
        foreach (var name in Lines)
        {
            // The fallback says the rest once more, for clients that show nothing else.
            if (Text(attachment, name) is { Length: > 0 } line && (name != "fallback" || text.Length == before))
            {
                text.Append(line).Append('\n');
            }
        }

        foreach (var field in ArrayOf(Member(attachment, "fields")))
        {
            text.Append(Text(field, "title")).Append(": ").Append(Text(field, "value")).Append('\n');
        }

        foreach (var block in ArrayOf(Member(attachment, "blocks")))
        {
            Write(block, text);
            text.Append('\n');
        }
    }

    private static void Write(JsonElement node, StringBuilder text)
    {
        if (node.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        var type = Text(node, "type");
        switch (type)
        {
            case "user":
                text.Append("<@").Append(Text(node, "user_id")).Append('>');
                return;
            case "channel":
                text.Append("<#").Append(Text(node, "channel_id")).Append('>');
                return;
            case "usergroup":
                text.Append("<!subteam^").Append(Text(node, "usergroup_id")).Append('>');
                return;
            case "broadcast":
                text.Append("<!").Append(Text(node, "range")).Append('>');
                return;
            case "emoji":
                text.Append(':').Append(Text(node, "name")).Append(':');
                return;
            case "link":
                text.Append('<')
                    .Append(Text(node, "url"))
                    .Append('|')
                    .Append(Text(node, "text") ?? Text(node, "url"))
                    .Append('>');
                return;
            case "date":
                text.Append(Text(node, "fallback"));
                return;
            case "image":
                text.Append(Text(node, "alt_text"));
                return;
        }

        // Texts are strings, or text objects of their own.
        if (Member(node, "text") is { ValueKind: JsonValueKind.String } plain)
        {
            text.Append(plain.GetString());
        }
        else if (Member(node, "text") is { } nested)
        {
            Write(nested, text);
        }

        foreach (var field in ArrayOf(Member(node, "fields")))
        {
            text.Append('\n');
            Write(field, text);
        }

        foreach (var element in ArrayOf(Member(node, "elements")))
        {
            Write(element, text);
            if (type is "rich_text" or "rich_text_list" or "context")
            {
                text.Append('\n');
            }
        }
    }

    private static IEnumerable<JsonElement> ArrayOf(JsonElement? element)
    {
        if (element is { ValueKind: JsonValueKind.Array } array)
        {
            foreach (var item in array.EnumerateArray())
            {
                yield return item;
            }
        }
    }

    private static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : null;

    private static string? Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
