using System.Globalization;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Tributary.Extraction.Formats;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;

namespace Tributary.Extraction.Html;

/// <summary>Walks the content of a page and writes it as Markdown, cut into sections at headings that can be linked to.</summary>
internal sealed class MarkdownWriter(HtmlOptions options, PageSignals signals, Furniture furniture)
{
    // Cards are links around whole blocks: there the text matters, and the address is among the page's links anyway.
    private const int CardDepth = 4;

    private readonly List<Section> _sections = [];
    private MarkdownOutput _out = new();
    private string? _heading;
    private string? _link;
    private int _finished;
    private int _captures;
    private bool _capturesLinks;
    private bool _isInHeading;
    private bool _isInContent;
    private bool _showsNoScript;

    public bool IsTruncated { get; private set; }

    public string? FirstHeading { get; private set; }

    public void Write(IElement root)
    {
        _isInContent = IsContent(root) || root.Ancestors<IElement>().Any(IsContent);
        WriteChildren(root);
    }

    /// <summary>Only what the page shows to those without scripts.</summary>
    public void WriteNoScript(IElement body)
    {
        _showsNoScript = true;
        foreach (var element in body.QuerySelectorAll("noscript"))
        {
            _out.Break(2);
            WriteChildren(element);
        }
    }

    public IReadOnlyList<Section> Finish()
    {
        EndSection();
        var sections = _sections.ToArray();
        _sections.Clear();
        return sections.Any(section => section.Text.Length > 0) ? sections : [];
    }

    private void WriteChildren(IElement element)
    {
        var children = element.ChildNodes;
        for (var i = 0; i < children.Length && !IsTruncated; i++)
        {
            if (children[i] is IText text)
            {
                _out.Inline(text.Data);
                IsTruncated = _finished + _out.Length > options.MaxCharacters;
            }
            else if (children[i] is IElement child && !LeavesOut(child))
            {
                WriteElement(child);
            }
        }
    }

    private bool LeavesOut(IElement element) => furniture.LeavesOut(element, _isInContent) && !_showsNoScript;

    private void WriteElement(IElement element)
    {
        switch (element.LocalName)
        {
            case "h1" or "h2" or "h3" or "h4" or "h5" or "h6":
                WriteHeading(element);
                break;
            case "p" or "figure" or "dl" or "details" or "address" or "fieldset":
                WriteBlock(element, 2);
                break;
            case "br":
                _out.Break(1);
                break;
            case "hr":
                _out.Break(2);
                _out.Line("---");
                _out.Break(2);
                break;
            case "a":
                WriteLink(element);
                break;
            case "img":
                WriteImage(element);
                break;
            case "ul" or "ol" or "menu":
                WriteList(element);
                break;
            case "dt":
                WriteBlock(element, 1);
                break;
            case "dd":
                WriteIndented(element, ": ", "  ");
                break;
            case "li":
                WriteIndented(element, "- ", "  ");
                break;
            case "blockquote":
                _out.Break(2);
                WriteIndented(element, "> ", "> ");
                _out.Break(2);
                break;
            case "pre":
                WriteCodeBlock(element);
                break;
            case "code" or "kbd" or "samp" or "tt":
                WriteCode(element);
                break;
            case "table":
                WriteTable(element);
                break;
            case "math":
                WriteMath(element);
                break;
            case "main" or "article":
                var before = _isInContent;
                _isInContent = true;
                WriteBlock(element, 2);
                _isInContent = before;
                break;
            case "td" or "th":
                _out.Inline(" ");
                WriteChildren(element);
                _out.Inline(" ");
                break;
            case var name when BlockElements.Contains(name):
                WriteBlock(element, 1);
                break;
            default:
                WriteChildren(element);
                break;
        }
    }

    private void WriteBlock(IElement element, int lines)
    {
        _out.Break(lines);
        WriteChildren(element);
        _out.Break(lines);
    }

    private void WriteIndented(IElement element, string marker, string prefix)
    {
        _out.Break(1);
        var before = _out.Enter(marker, prefix);
        WriteChildren(element);
        _out.Leave(before);
        _out.Break(1);
    }

    private void WriteHeading(IElement element)
    {
        // A heading is a name: without marks, also where it is text.
        _isInHeading = true;
        var text = Capture(element);
        _isInHeading = false;
        if (text.Length == 0)
        {
            return;
        }

        FirstHeading ??= text;
        var link =
            options.SectionPerHeading && _captures == 0 && _out.IsTopLevel
                ? Addresses.OfAnchor(options.BaseUri, Anchors.Of(element))
                : null;
        if (link is not null || IsFirstHeadingOfPage())
        {
            EndSection();
            _heading = text;
            _link = link;
            return;
        }

        _out.Break(2);
        if (_captures == 0)
        {
            _out.Verbatim(new string('#', element.LocalName[1] - '0'));
            _out.Inline(" ");
        }

        _out.Verbatim(text);
        _out.Break(2);
    }

    // A page that begins with its name needs no anchor for it.
    private bool IsFirstHeadingOfPage() =>
        options.SectionPerHeading
        && _captures == 0
        && _out.IsTopLevel
        && _out.Length == 0
        && _heading is null
        && _sections.Count == 0;

    private void WriteLink(IElement element)
    {
        var href = element.GetAttribute("href");
        var target = href is null || href.StartsWith('#') ? null : signals.Resolve(href);
        if (Anchors.IsPermalink(element))
        {
            return;
        }

        if (target is null || _captures > 0 && !_capturesLinks || BlockElements.AreIn(element, CardDepth))
        {
            WriteChildren(element);
            return;
        }

        var text = Capture(element);
        if (text.Length == 0)
        {
            return;
        }

        var address = target.AbsoluteUri;
        _out.Verbatim(
            text == address || text == href ? address : $"[{text}]({address.Replace(")", "%29").Replace("(", "%28")})"
        );
    }

    private void WriteImage(IElement element)
    {
        var alt = element.GetAttribute("alt");
        if (string.IsNullOrWhiteSpace(alt))
        {
            return;
        }

        alt = TextCleaner.OneLine(alt);
        var source = _captures > 0 && !_capturesLinks ? null : signals.Resolve(element.GetAttribute("src"));
        _out.Verbatim(source is null ? alt : $"![{alt}]({source.AbsoluteUri})");
    }

    private void WriteList(IElement list)
    {
        // A list in a list continues it; one of its own is set apart.
        var lines = _out.IsTopLevel ? 2 : 1;
        _out.Break(lines);
        var number = int.TryParse(list.GetAttribute("start"), CultureInfo.InvariantCulture, out var start) ? start : 1;
        var children = list.ChildNodes;
        for (var i = 0; i < children.Length && !IsTruncated; i++)
        {
            if (children[i] is not IElement child || LeavesOut(child))
            {
                continue;
            }

            if (child.LocalName == "li")
            {
                var marker = list.LocalName == "ol" ? $"{number++}. " : "- ";
                WriteIndented(child, marker, new string(' ', marker.Length));
            }
            else
            {
                WriteElement(child);
            }
        }

        _out.Break(lines);
    }

    private void WriteCode(IElement element)
    {
        var code = TextCleaner.OneLine(element.TextContent);
        if (code.Length == 0)
        {
            return;
        }

        if (_isInHeading)
        {
            _out.Inline(element.TextContent);
            return;
        }

        var fence = code.Contains('`') ? "``" : "`";
        _out.Verbatim(fence == "`" ? $"`{code}`" : $"`` {code} ``");
    }

    private void WriteCodeBlock(IElement element)
    {
        var code = CodeBlocks.TextOf(element, furniture);
        if (string.IsNullOrWhiteSpace(code))
        {
            return;
        }

        IsTruncated |= _finished + _out.Length + code.Length > options.MaxCharacters;
        if (_captures > 0)
        {
            _out.Inline(" ");
            _out.Inline(code);
            return;
        }

        var fence = code.Contains("```", StringComparison.Ordinal) ? "````" : "```";
        _out.Break(2);
        _out.Lines($"{fence}{CodeBlocks.LanguageOf(element)}\n{code}\n{fence}");
        _out.Break(2);
    }

    private void WriteMath(IElement element)
    {
        var tex =
            element.QuerySelector("annotation[encoding='application/x-tex']")?.TextContent
            ?? element.GetAttribute("alttext");
        if (string.IsNullOrWhiteSpace(tex))
        {
            _out.Inline(element.TextContent);
        }
        else
        {
            _out.Verbatim($"${TextCleaner.OneLine(tex)}$");
        }
    }

    private void WriteTable(IElement table)
    {
        if (_captures > 0 || !HtmlTables.HoldsData(table))
        {
            WriteBlock(table, _captures > 0 ? 1 : 2);
            return;
        }

        _out.Break(2);
        var isFirst = true;
        foreach (var row in HtmlTables.RowsOf(table))
        {
            if (row.LocalName == "caption")
            {
                _out.Verbatim(Capture(row));
                _out.Break(2);
                continue;
            }

            if (IsTruncated || LeavesOut(row) || HtmlTables.CellsOf(row, Cell) is not { Count: > 0 } cells)
            {
                continue;
            }

            _out.Line("| " + string.Join(" | ", cells) + " |");
            if (isFirst)
            {
                _out.Line("|" + string.Concat(Enumerable.Repeat(" --- |", cells.Count)));
                isFirst = false;
            }

            IsTruncated = _finished + _out.Length > options.MaxCharacters;
        }

        _out.Break(2);
    }

    private string Cell(IElement cell) => LeavesOut(cell) ? "" : Capture(cell, withLinks: true).Replace("|", "\\|");

    /// <summary>The element's content as one line.</summary>
    private string Capture(IElement element, bool withLinks = false)
    {
        var (before, linksBefore) = (_out, _capturesLinks);
        _out = new MarkdownOutput();
        _capturesLinks = withLinks;
        _captures++;
        WriteChildren(element);
        _captures--;
        var text = _out.ToString();
        (_out, _capturesLinks) = (before, linksBefore);
        return TextCleaner.OneLine(text);
    }

    private void EndSection()
    {
        var text = TextCleaner.Clean(_out.ToString());
        var left = options.MaxCharacters - _finished;
        text = text.Length > left ? text[..Math.Max(0, left)] : text;
        if (text.Length > 0 || _heading is not null)
        {
            // A heading that only holds further headings is the section's text itself: nothing gets lost.
            _sections.Add(new Section(text.Length > 0 ? text : _heading!, _link, _heading));
        }

        _finished += text.Length;
        _out.Clear();
        _heading = null;
        _link = null;
    }

    private static bool IsContent(IElement element) =>
        element.LocalName is "main" or "article" || element.GetAttribute("role") == "main";
}
