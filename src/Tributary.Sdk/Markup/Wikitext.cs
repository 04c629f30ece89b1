using System.Text.RegularExpressions;

namespace Tributary.Sdk.Markup;

/// <summary>
/// The markup of MediaWiki to Markdown, for pages that a wiki does not show as HTML. What needs the wiki itself (templates,
/// files, magic words) is left out.
/// </summary>
/// <remarks>See https://www.mediawiki.org/wiki/Help:Formatting.</remarks>
public static partial class Wikitext
{
    // As a redirect is written in the languages of the largest wikis; the English word works everywhere.
    private const string RedirectWords =
        "REDIRECT|WEITERLEITUNG|REDIRECTION|REDIRECCIÓN|REDIRECIONAMENTO|RINVIA|DOORVERWIJZING|PATRZ|PRZEKIERUJ|"
        + "OMDIRIGERING|OHJAUS|ПЕРЕНАПРАВЛЕНИЕ|تحويل|重定向|転送|넘겨주기";

    /// <summary>Converts a page.</summary>
    /// <param name="wikitext">Its source.</param>
    /// <param name="options">What is known of the wiki; null for nothing: links keep their text alone.</param>
    /// <returns>
    /// Markdown. Never throws, and takes time in proportion to the length, whatever is nested in what. A redirect gives a
    /// link to its target; notes stand where the page lists them, else at the end.
    /// </returns>
    public static string ToMarkdown(string wikitext, WikitextOptions? options = null)
    {
        var links = new WikitextLinks(options ?? new WikitextOptions());
        var kept = new WikitextKept();
        var text = WikitextKept.WithoutMarks(wikitext).ReplaceLineEndings("\n");
        if (Redirect().Match(text) is { Success: true } redirect)
        {
            var target = redirect.Groups[1].Value;
            return links.To(target) is { } address ? $"→ [{target.Trim()}]({address})" : $"→ {target.Trim()}";
        }

        var scan = new WikitextScan(text, links, kept);
        var flat = MagicWords().Replace(scan.Run(), "");
        var inline = new WikitextInline(kept);
        var notes = NotesOf(scan.Notes, inline);
        kept.SetNotes(notes);
        var page = new WikitextBlocks(inline, kept).Convert(flat);
        return (scan.PlacesNotes || notes.Length == 0 ? page : $"{page}\n\n{notes}").Trim('\n');
    }

    private static string NotesOf(IEnumerable<string> notes, WikitextInline inline)
    {
        var texts = notes
            .Select(note => inline.Convert(note.Replace('\n', ' ').Trim(), " "))
            .Where(note => note.Length > 0);
        return string.Join('\n', texts.Select((note, index) => $"{index + 1}. {note}"));
    }

    [GeneratedRegex(
        @"^\s*#\s*(?:" + RedirectWords + @")\s*:?\s*\[\[([^\[\]{}|<>\n]+)(?:\|[^\[\]\n]*)?\]\]",
        RegexOptions.IgnoreCase | RegexOptions.NonBacktracking
    )]
    private static partial Regex Redirect();

    [GeneratedRegex(@"__\p{Lu}{3,40}__ *", RegexOptions.NonBacktracking)]
    private static partial Regex MagicWords();
}

/// <summary>What is known of the wiki that a text comes from.</summary>
public sealed record WikitextOptions
{
    /// <summary>
    /// The address of a page by its title, with spaces and with the namespace, e.g. <c>Help:First steps</c>; null leaves its
    /// links without one.
    /// </summary>
    public Func<string, string?> AddressOf { get; init; } = _ => null;

    /// <summary>
    /// The wiki's own names of the namespaces of files and categories, e.g. <c>Datei</c>, <c>Kategorie</c>: links into them
    /// show pictures or file the page, and are left out. The English names always are.
    /// </summary>
    public IReadOnlyCollection<string> FilesAndCategories { get; init; } = [];
}
