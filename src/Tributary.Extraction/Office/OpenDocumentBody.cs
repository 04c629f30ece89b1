using System.Text;
using Tributary.Extraction.Formats;
using Tributary.Extraction.Text;

namespace Tributary.Extraction.Office;

/// <summary>One pass over content.xml. Repeated cells and rows, which a bomb can claim by the million, are shown a bounded number of times.</summary>
internal sealed class OpenDocumentBody(SafeXml xml, TextCollector collector, ExtractionLimits limits)
{
    private const int MaxSectionLevel = 3;
    private const int MaxRepeatedRows = 20;

    private static readonly HashSet<string> LeftOut =
    [
        "tracked-changes",
        "forms",
        "event-listeners",
        "ruby-text",
        "sequence-decls",
    ];

    private readonly Stack<(StringBuilder Text, int Level)> _paragraphs = new();
    private readonly Stack<Cells> _tables = new();
    private readonly HashSet<string> _hiddenStyles = [];
    private string? _style;
    private int _listDepth;
    private bool _isInNotes;
    private bool _isSpreadsheet;
    private int _page;

    private sealed class Cells
    {
        public List<string> Row { get; } = [];
        public StringBuilder Cell { get; } = new();
        public int CellRepeats { get; set; } = 1;
        public int RowRepeats { get; set; } = 1;
        public required MarkdownTable Writer { get; init; }
    }

    public void Read()
    {
        while (!collector.IsFull && xml.Read())
        {
            if (xml.IsStart && (LeftOut.Contains(xml.Name) || IsHidden()))
            {
                xml.SkipElement();
            }
            else if (xml.IsStart)
            {
                Start();
                if (xml.IsEmpty)
                {
                    End();
                }
            }
            else if (xml.IsEnd)
            {
                End();
            }
            else if (xml.IsText && _paragraphs.TryPeek(out var paragraph))
            {
                var text = new StringBuilder();
                xml.CopyText(text, limits.MaxCharacters);
                Append(paragraph.Text, text.ToString());
            }
        }
    }

    // A table whose style is not displayed is a hidden sheet; a page likewise a hidden slide.
    private bool IsHidden() =>
        xml.Name is "table" or "page" && xml.Attribute("style-name") is { } style && _hiddenStyles.Contains(style);

    private void Start()
    {
        switch (xml.Name)
        {
            case "style":
                _style = xml.Attribute("name");
                break;
            case "table-properties" when xml.Attribute("display") == "false" && _style is not null:
            case "drawing-page-properties" when xml.Attribute("visibility") == "hidden" && _style is not null:
                _hiddenStyles.Add(_style!);
                break;
            case "p" or "h":
                var level = int.TryParse(xml.Attribute("outline-level"), out var given) ? Math.Clamp(given, 1, 9) : 1;
                _paragraphs.Push((new StringBuilder(), xml.Name == "h" ? level : 0));
                break;
            case "s" when _paragraphs.TryPeek(out var spaced):
                spaced.Text.Append(
                    ' ',
                    int.TryParse(xml.Attribute("c"), out var count) ? Math.Clamp(count, 1, 100) : 1
                );
                break;
            case "tab" when _paragraphs.TryPeek(out var tabbed):
                tabbed.Text.Append('\t');
                break;
            case "line-break" when _paragraphs.TryPeek(out var broken):
                broken.Text.Append('\n');
                break;
            case "spreadsheet":
                _isSpreadsheet = true;
                break;
            case "list":
                _listDepth++;
                break;
            case "notes":
                _isInNotes = true;
                break;
            case "page":
                var name = xml.Attribute("name");
                collector.StartSection(
                    name is null or "" || name.StartsWith("page", StringComparison.Ordinal) ? $"Slide {++_page}" : name
                );
                break;
            case "table":
                StartTable();
                break;
            case "table-cell" or "covered-table-cell" when _tables.TryPeek(out var table):
                table.CellRepeats = Repeats("number-columns-repeated");
                break;
            case "table-row" when _tables.TryPeek(out var table):
                table.RowRepeats = Repeats("number-rows-repeated");
                break;
        }
    }

    private void StartTable()
    {
        // In a workbook, tables are sheets.
        if (_isSpreadsheet && _tables.Count == 0 && xml.Attribute("name") is { } name)
        {
            collector.StartSection(name);
        }

        _tables.Push(new Cells { Writer = new MarkdownTable(collector) });
    }

    private int Repeats(string attribute) =>
        int.TryParse(xml.Attribute(attribute), out var repeats) ? Math.Clamp(repeats, 1, MarkdownTable.MaxColumns) : 1;

    private void End()
    {
        switch (xml.Name)
        {
            case "p" or "h" when _paragraphs.Count > 0:
                EndParagraph();
                break;
            case "list":
                _listDepth--;
                break;
            case "notes":
                _isInNotes = false;
                break;
            case "table-cell" or "covered-table-cell" when _tables.TryPeek(out var table):
                EndCell(table);
                break;
            case "table-row" when _tables.TryPeek(out var table):
                EndRow(table);
                break;
            case "table" when _tables.TryPop(out _):
                if (_tables.Count == 0)
                {
                    collector.Append("\n");
                }

                break;
        }
    }

    private static void EndCell(Cells table)
    {
        var text = table.Cell.ToString();
        table.Cell.Clear();
        for (var i = 0; i < table.CellRepeats && table.Row.Count < MarkdownTable.MaxColumns; i++)
        {
            table.Row.Add(text);
        }
    }

    private void EndRow(Cells table)
    {
        // A nested table's rows become text of the cell around it.
        if (_tables.Count > 1)
        {
            var outer = _tables.Skip(1).First();
            outer
                .Cell.Append(outer.Cell.Length > 0 ? "; " : "")
                .AppendJoin(", ", table.Row.Where(cell => cell.Length > 0));
        }
        else
        {
            for (var i = 0; i < Math.Min(table.RowRepeats, MaxRepeatedRows) && !collector.IsFull; i++)
            {
                table.Writer.AddRow(table.Row);
            }
        }

        table.Row.Clear();
    }

    // White space in text is collapsed (part 3, 6.1.2).
    private static void Append(StringBuilder target, string text)
    {
        foreach (var letter in text)
        {
            var isBlank = letter is ' ' or '\t' or '\n' or '\r';
            if (!isBlank)
            {
                target.Append(letter);
            }
            else if (target.Length > 0 && target[^1] != ' ')
            {
                target.Append(' ');
            }
        }
    }

    private void EndParagraph()
    {
        var (builder, level) = _paragraphs.Pop();
        var text = builder.ToString().Trim();
        if (text.Length == 0)
        {
            return;
        }

        if (_paragraphs.TryPeek(out var outer))
        {
            // Footnotes, comments and text boxes stand inside the paragraph that they belong to.
            outer.Text.Append(" (").Append(text).Append(") ");
        }
        else if (_tables.TryPeek(out var table))
        {
            table.Cell.Append(table.Cell.Length > 0 ? " " : "").Append(text);
        }
        else if (level is > 0 and <= MaxSectionLevel)
        {
            collector.StartSection(TextCleaner.OneLine(text), isText: true);
        }
        else if (level > 0)
        {
            collector.AppendParagraph($"{new string('#', Math.Min(level, 6))} {TextCleaner.OneLine(text)}");
        }
        else if (_listDepth > 0)
        {
            collector.AppendLine($"{new string(' ', Math.Min(_listDepth - 1, 8) * 2)}- {text}");
        }
        else
        {
            collector.AppendParagraph(_isInNotes ? $"Notes: {text}" : text);
        }
    }
}
