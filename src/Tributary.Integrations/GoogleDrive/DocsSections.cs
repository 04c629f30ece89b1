using System.Text;
using Tributary.Sdk.Documents;

namespace Tributary.Integrations.GoogleDrive;

internal sealed record DocsDocument(IReadOnlyList<DocsTab>? Tabs, DocsBody? Body);

internal sealed record DocsTab(
    DocsTabProperties? TabProperties,
    DocsTabContent? DocumentTab,
    IReadOnlyList<DocsTab>? ChildTabs
);

internal sealed record DocsTabProperties(string? TabId, string? Title);

internal sealed record DocsTabContent(DocsBody? Body);

internal sealed record DocsBody(IReadOnlyList<DocsElement>? Content);

internal sealed record DocsElement(DocsParagraph? Paragraph, DocsTable? Table);

internal sealed record DocsParagraph(IReadOnlyList<DocsRun>? Elements, DocsStyle? ParagraphStyle, DocsBullet? Bullet);

internal sealed record DocsRun(DocsText? TextRun, DocsPerson? Person, DocsRichLink? RichLink);

internal sealed record DocsText(string? Content);

internal sealed record DocsPerson(DocsPersonProperties? PersonProperties);

internal sealed record DocsPersonProperties(string? Name, string? Email);

internal sealed record DocsRichLink(DocsRichLinkProperties? RichLinkProperties);

internal sealed record DocsRichLinkProperties(string? Title, string? Uri);

internal sealed record DocsStyle(string? NamedStyleType, string? HeadingId);

internal sealed record DocsBullet(int NestingLevel);

internal sealed record DocsTable(IReadOnlyList<DocsRow>? TableRows);

internal sealed record DocsRow(IReadOnlyList<DocsCell>? TableCells);

internal sealed record DocsCell(IReadOnlyList<DocsElement>? Content);

/// <summary>A Google Doc as sections: one for each heading of each tab, linked to its place.</summary>
internal sealed class DocsSections(string link)
{
    private readonly List<Section> _sections = [];
    private readonly StringBuilder _text = new();
    private string? _heading;
    private string? _place;

    /// <summary>Takes a document apart.</summary>
    /// <param name="document">As the Docs API gives it, with or without tabs.</param>
    /// <param name="link">The document's address.</param>
    public static IReadOnlyList<Section> Of(DocsDocument document, string link)
    {
        var sections = new DocsSections(link.Split('?', '#')[0]);
        var tabs = document.Tabs ?? [];
        if (tabs.Count == 0)
        {
            sections.Add(document.Body, null, null);
        }

        var hasMany = tabs.Count > 1 || tabs.Any(tab => tab.ChildTabs is { Count: > 0 });
        foreach (var tab in tabs)
        {
            sections.Add(tab, hasMany);
        }

        return sections._sections;
    }

    private void Add(DocsTab tab, bool hasMany)
    {
        Add(
            tab.DocumentTab?.Body,
            hasMany ? tab.TabProperties?.TabId : null,
            hasMany ? tab.TabProperties?.Title : null
        );
        foreach (var child in tab.ChildTabs ?? [])
        {
            Add(child, hasMany);
        }
    }

    private void Add(DocsBody? body, string? tabId, string? title)
    {
        var tab = tabId is null ? "" : $"?tab={Uri.EscapeDataString(tabId)}";
        (_heading, _place) = (title, tab);
        foreach (var element in body?.Content ?? [])
        {
            var style = element.Paragraph?.ParagraphStyle;
            if (
                style?.NamedStyleType is { } name
                && (name.StartsWith("HEADING", StringComparison.Ordinal) || name == "TITLE")
            )
            {
                Close();
                _heading = TextOf(element.Paragraph!).Trim();
                _place = style.HeadingId is { } id ? $"{tab}#heading={id}" : tab;
            }
            else
            {
                Append(element);
            }
        }

        Close();
    }

    private void Close()
    {
        var text = _text.ToString().Trim();
        _text.Clear();
        if (text.Length > 0 || !string.IsNullOrEmpty(_heading))
        {
            // A heading without text of its own is said by itself, so that it can be found.
            _sections.Add(
                text.Length > 0 ? new Section(text, link + _place, _heading) : new Section(_heading!, link + _place)
            );
        }

        _heading = null;
    }

    private void Append(DocsElement element)
    {
        if (element.Paragraph is { } paragraph)
        {
            var bullet = paragraph.Bullet is { } item
                ? new string(' ', 2 * Math.Clamp(item.NestingLevel, 0, 10)) + "- "
                : "";
            var text = TextOf(paragraph).TrimEnd('\n');
            _text.Append(text.Length > 0 ? bullet : "").Append(text).Append('\n');
        }

        foreach (var row in element.Table?.TableRows ?? [])
        {
            var cells = (row.TableCells ?? []).Select(cell =>
                string.Join(' ', (cell.Content ?? []).Select(CellText)).Trim()
            );
            _text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
        }
    }

    /// <summary>Tables in a cell lose their shape, not their words.</summary>
    private static string CellText(DocsElement element) =>
        element.Paragraph is { } paragraph
            ? TextOf(paragraph).Trim().ReplaceLineEndings(" ")
            : string.Join(
                ' ',
                (element.Table?.TableRows ?? [])
                    .SelectMany(row => row.TableCells ?? [])
                    .SelectMany(cell => cell.Content ?? [])
                    .Select(CellText)
            );

    private static string TextOf(DocsParagraph paragraph) =>
        // A vertical tab is a line break within a paragraph.
        string.Concat(
                (paragraph.Elements ?? []).Select(run =>
                    run.TextRun?.Content
                    ?? run.RichLink?.RichLinkProperties?.Title
                    ?? run.RichLink?.RichLinkProperties?.Uri
                    ?? run.Person?.PersonProperties?.Name
                    ?? run.Person?.PersonProperties?.Email
                    ?? ""
                )
            )
            .Replace('\v', '\n');
}
