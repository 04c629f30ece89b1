using System.Text.RegularExpressions;

namespace Tributary.Sdk.Markup;

/// <summary>Slack's mrkdwn to Markdown: links, mentions, channels, dates, emphasis, and its three escapes.</summary>
public static partial class SlackMarkup
{
    /// <summary>Converts a message's text.</summary>
    /// <param name="text">As Slack gives it.</param>
    /// <param name="nameOf">The name of a user, channel or group by its id; null where it is not known.</param>
    /// <returns>Markdown. Never throws: what is no markup stays as it is.</returns>
    public static string ToMarkdown(string text, Func<string, string?> nameOf)
    {
        // What stands in code is shown as it was typed; every second part is code.
        var parts = Code().Split(text);
        for (var index = 0; index < parts.Length; index++)
        {
            if (index % 2 == 0)
            {
                var plain = Angle().Replace(parts[index], match => Reference(match.Groups[1].Value, nameOf));
                parts[index] = Strike().Replace(Bold().Replace(plain, "**$1**"), "~~$1~~");
            }
            else
            {
                parts[index] = Angle().Replace(parts[index], match => match.Groups[1].Value.Split('|')[^1]);
            }
        }

        return string.Concat(parts).Replace("&lt;", "<").Replace("&gt;", ">").Replace("&amp;", "&");
    }

    private static string Reference(string inside, Func<string, string?> nameOf)
    {
        var parts = inside.Split('|', 2);
        var label = parts.Length > 1 && parts[1].Length > 0 ? parts[1] : null;
        return parts[0] switch
        {
            ['@', .. var user] => "@" + (label ?? nameOf(user) ?? user),
            ['#', .. var channel] => "#" + (label ?? nameOf(channel) ?? channel),
            ['!', .. var command] => Command(command, label, nameOf),
            var link when label is null => link.StartsWith("mailto:", StringComparison.Ordinal) ? link[7..] : link,
            var link => link.StartsWith("mailto:", StringComparison.Ordinal) ? label : $"[{label}]({link})",
        };
    }

    private static string Command(string command, string? label, Func<string, string?> nameOf) =>
        command.Split('^') switch
        {
            ["subteam", var group, ..] => label ?? "@" + (nameOf(group) ?? group),
            ["date", ..] => label ?? "",
            [var everyone, ..] => "@" + (label ?? everyone).TrimStart('@'),
            [] => "",
        };

    [GeneratedRegex("(```.*?```|`[^`\n]+`)", RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Code();

    [GeneratedRegex("<([^<>\n]+)>", RegexOptions.NonBacktracking)]
    private static partial Regex Angle();

    [GeneratedRegex(@"(?<![\w*])\*(?![\s*])([^*\n]+?)(?<!\s)\*(?![\w*])")]
    private static partial Regex Bold();

    [GeneratedRegex(@"(?<![\w~])~(?![\s~])([^~\n]+?)(?<!\s)~(?![\w~])")]
    private static partial Regex Strike();
}
