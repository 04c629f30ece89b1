using System.Text;
using Tributary.Extraction.Formats;
using Tributary.Extraction.Text;

namespace Tributary.Extraction.Office;

/// <summary>
/// One pass over a WordprocessingML part. Deleted and moved-away text is left out, as is hidden text; text boxes stand
/// before the paragraph that they are anchored in; tables become Markdown, those inside tables part of their cell.
/// </summary>
internal sealed class WordBody(
    SafeXml xml,
    Dictionary<string, int> styles,
    Dictionary<string, string> links,
    TextCollector collector,
    ExtractionLimits limits
)
{
    private const int MaxSectionLevel = 3;

    // Alternate content is there twice (a drawing and its old form); the rest is text that the author took away.
    private static readonly HashSet<string> LeftOut =
    [
        "Fallback",
        "moveFrom",
        "del",
        "instrText",
        "delText",
        "rt",
        "sectPr",
    ];

    private readonly Stack<Paragraph> _paragraphs = new();
    private readonly Stack<Table> _tables = new();
    private bool _isHiddenRun;
    private bool _isInText;
    private bool _isInRunProperties;
    private bool _isInParagraphProperties;

    private sealed class Paragraph
    {
        public StringBuilder Text { get; } = new();
        public int Level { get; set; }
        public int? ListLevel { get; set; }
        public string? Link { get; set; }
        public int LinkStart { get; set; }
    }

    private sealed class Table
    {
        public List<List<string>> Rows { get; } = [];
        public List<string> Row { get; set; } = [];
        public StringBuilder Cell { get; } = new();
        public MarkdownTable? Writer { get; init; }
    }

    public void Read()
    {
        while (!collector.IsFull && xml.Read())
        {
            if (xml.IsStart && LeftOut.Contains(xml.Name) && !IsMark())
            {
                xml.SkipElement();
            }
            else if (xml.IsStart)
            {
                Start();
            }
            else if (xml.IsEnd)
            {
                End();
            }
            else if (xml.IsText && _isInText && !_isHiddenRun && _paragraphs.TryPeek(out var paragraph))
            {
                xml.CopyText(paragraph.Text, limits.MaxCharacters);
            }
        }

        while (_paragraphs.Count > 0)
        {
            EndParagraph();
        }
    }

    // In the properties of a paragraph or row, ins and del only say that the mark itself was changed.
    private bool IsMark() => _isInRunProperties || _isInParagraphProperties;

    private void Start()
    {
        switch (xml.Name)
        {
            case "p" when !xml.IsEmpty:
                _paragraphs.Push(new Paragraph());
                break;
            case "pPr" when !xml.IsEmpty:
                _isInParagraphProperties = true;
                break;
            case "rPr" when !xml.IsEmpty:
                _isInRunProperties = true;
                break;
            case "pStyle" when _paragraphs.TryPeek(out var styled) && xml.Attribute("val") is { } style:
                styled.Level = styles.GetValueOrDefault(style);
                break;
            case "outlineLvl"
                when _paragraphs.TryPeek(out var outlined)
                    && int.TryParse(xml.Attribute("val"), out var level)
                    && level is >= 0 and < 9:
                outlined.Level = level + 1;
                break;
            case "ilvl" when _paragraphs.TryPeek(out var item) && int.TryParse(xml.Attribute("val"), out var depth):
                item.ListLevel = Math.Clamp(depth, 0, 8);
                break;
            case "numId" when xml.Attribute("val") == "0" && _paragraphs.TryPeek(out var unlisted):
                unlisted.ListLevel = null;
                break;
            case "vanish" when _isInRunProperties && !_isInParagraphProperties:
                _isHiddenRun = xml.Attribute("val") is not ("0" or "false");
                break;
            case "t":
                _isInText = !xml.IsEmpty;
                break;
            case "tab" when !_isInParagraphProperties:
                Append("\t");
                break;
            case "br" or "cr":
                Append("\n");
                break;
            case "noBreakHyphen":
                Append("-");
                break;
            case "hyperlink" when _paragraphs.TryPeek(out var linked):
                linked.Link = xml.RelationId() is { } id ? links.GetValueOrDefault(id) : null;
                linked.LinkStart = linked.Text.Length;
                break;
            case "comment" when xml.Attribute("author") is { } author:
                collector.AppendLine($"{author}:");
                break;
            case "docPr" when xml.Attribute("descr") is { Length: > 0 } description:
                Append($"[{TextCleaner.OneLine(description)}] ");
                break;
            case "tbl":
                _tables.Push(
                    new Table
                    {
                        Writer = _tables.Count == 0 && _paragraphs.Count == 0 ? new MarkdownTable(collector) : null,
                    }
                );
                break;
        }
    }

    private void End()
    {
        switch (xml.Name)
        {
            case "p" when _paragraphs.Count > 0:
                EndParagraph();
                break;
            case "pPr":
                _isInParagraphProperties = false;
                break;
            case "rPr":
                _isInRunProperties = false;
                break;
            case "r":
                _isHiddenRun = false;
                break;
            case "t":
                _isInText = false;
                break;
            case "hyperlink" when _paragraphs.TryPeek(out var linked):
                EndLink(linked);
                break;
            case "tc" when _tables.TryPeek(out var table):
                table.Row.Add(table.Cell.ToString());
                table.Cell.Clear();
                break;
            case "tr" when _tables.TryPeek(out var table):
                EndRow(table);
                break;
            case "tbl" when _tables.TryPop(out var table):
                EndTable(table);
                break;
        }
    }

    private void Append(string text)
    {
        if (!_isHiddenRun && _paragraphs.TryPeek(out var paragraph))
        {
            paragraph.Text.Append(text);
        }
    }

    private static void EndLink(Paragraph paragraph)
    {
        var text = paragraph.Text.ToString(
            paragraph.LinkStart,
            Math.Max(0, paragraph.Text.Length - paragraph.LinkStart)
        );
        if (paragraph.Link is { } link && text.Length > 0 && text != link)
        {
            paragraph.Text.Length = paragraph.LinkStart;
            paragraph.Text.Append('[').Append(text).Append("](").Append(link).Append(')');
        }

        paragraph.Link = null;
    }

    private void EndParagraph()
    {
        var paragraph = _paragraphs.Pop();
        var text = paragraph.Text.ToString().TrimEnd();
        if (text.Length == 0)
        {
            return;
        }

        if (_tables.TryPeek(out var table))
        {
            table.Cell.Append(table.Cell.Length > 0 ? " " : "").Append(text);
        }
        else if (paragraph.Level is > 0 and <= MaxSectionLevel)
        {
            collector.StartSection(TextCleaner.OneLine(text), isText: true);
        }
        else if (paragraph.Level > 0)
        {
            collector.AppendParagraph($"{new string('#', Math.Min(6, paragraph.Level))} {TextCleaner.OneLine(text)}");
        }
        else if (paragraph.ListLevel is { } level)
        {
            collector.AppendLine($"{new string(' ', level * 2)}- {text.Trim()}");
        }
        else
        {
            collector.AppendParagraph(text);
        }
    }

    private static void EndRow(Table table)
    {
        if (table.Writer is not null)
        {
            table.Writer.AddRow(table.Row);
        }
        else
        {
            table.Rows.Add(table.Row);
        }

        table.Row = [];
    }

    private void EndTable(Table table)
    {
        if (table.Writer is not null)
        {
            collector.Append("\n");
            return;
        }

        var text = string.Join("; ", table.Rows.Select(row => string.Join(", ", row.Where(cell => cell.Length > 0))));
        if (_tables.TryPeek(out var outer))
        {
            outer.Cell.Append(outer.Cell.Length > 0 ? " " : "").Append(text);
        }
        else
        {
            collector.AppendParagraph(text);
        }
    }
}
