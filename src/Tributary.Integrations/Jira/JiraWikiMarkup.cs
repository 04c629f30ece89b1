using System.Text.RegularExpressions;

namespace Tributary.Integrations.Jira;

/// <summary>The wiki markup of Data Center's texts as Markdown: what matters for reading, headings, code, links, lists and quotes.</summary>
internal static partial class JiraWikiMarkup
{
    /// <summary>Converts. Never throws: what is no markup stays as it is.</summary>
    public static string ToMarkdown(string text)
    {
        var result = text.ReplaceLineEndings("\n");
        result = Code().Replace(result, "\n```\n");
        result = Quote().Replace(result, "\n");
        result = Colour().Replace(result, "");
        result = Numbered().Replace(result, "1. ");
        result = Heading().Replace(result, match => new string('#', match.ValueSpan[1] - '0') + " ");
        result = LinkWithText().Replace(result, "[$1]($2)");
        result = PlainLink().Replace(result, "$1");
        result = Mention().Replace(result, "@$1");
        result = Image().Replace(result, "$1");
        return result.Trim('\n');
    }

    [GeneratedRegex(@"\n?\{(?:code|noformat)(?::[^}\n]*)?\}\n?", RegexOptions.NonBacktracking)]
    private static partial Regex Code();

    [GeneratedRegex(@"\n?\{(?:quote|panel)(?::[^}\n]*)?\}\n?", RegexOptions.NonBacktracking)]
    private static partial Regex Quote();

    [GeneratedRegex(@"\{color(?::[^}\n]*)?\}", RegexOptions.NonBacktracking)]
    private static partial Regex Colour();

    [GeneratedRegex(@"^h[1-6]\. ", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\[([^|\]\n]+)\|([^|\]\s]+)(?:\|[^\]\n]*)?\]", RegexOptions.NonBacktracking)]
    private static partial Regex LinkWithText();

    [GeneratedRegex(@"\[(https?://[^|\]\s]+)\]", RegexOptions.NonBacktracking)]
    private static partial Regex PlainLink();

    [GeneratedRegex(@"\[~(?:accountid:)?([^\]\s]+)\]", RegexOptions.NonBacktracking)]
    private static partial Regex Mention();

    [GeneratedRegex(@"!([^!\s|]+\.\w+)(?:\|[^!\n]*)?!", RegexOptions.NonBacktracking)]
    private static partial Regex Image();

    [GeneratedRegex("^# ", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Numbered();
}
