using System.Text;
using Tributary.Extraction.Formats;

namespace Tributary.Extraction.Text;

/// <summary>Writes rows as a table of GitHub Flavored Markdown: the first row is the header.</summary>
internal sealed class MarkdownTable(TextCollector text)
{
    // A row of a sheet may have 16,384 cells; nobody reads that far to the right.
    public const int MaxColumns = 256;

    private const int MaxCellCharacters = 10_000;
    private readonly StringBuilder _line = new();
    private bool _hasHeader;

    /// <summary>Adds a row; rows without any text are left out, as are empty cells at the end.</summary>
    public void AddRow(IReadOnlyList<string> cells)
    {
        var count = Math.Min(cells.Count, MaxColumns);
        while (count > 0 && string.IsNullOrWhiteSpace(cells[count - 1]))
        {
            count--;
        }

        if (count == 0)
        {
            return;
        }

        _line.Clear().Append('|');
        for (var i = 0; i < count; i++)
        {
            _line.Append(' ').Append(Cell(cells[i])).Append(" |");
        }

        _line.Append('\n');
        if (!_hasHeader)
        {
            _line.Append('|').Insert(_line.Length, " --- |", count).Append('\n');
            _hasHeader = true;
        }

        text.Append(_line);
    }

    /// <summary>One line, with the characters that end a cell escaped.</summary>
    public static string Cell(string value)
    {
        if (value.Length > MaxCellCharacters)
        {
            value = value[..MaxCellCharacters] + "…";
        }

        return value.AsSpan().IndexOfAny("|\n\r\t") < 0 ? value.Trim() : TextCleaner.OneLine(value).Replace("|", "\\|");
    }
}
