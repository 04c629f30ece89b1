using Tributary.Extraction.Formats;
using Tributary.Extraction.Text;

namespace Tributary.Extraction.Office;

/// <summary>One pass over the rows of a worksheet part (ECMA-376 part 1, 18.3); a row at a time is in memory.</summary>
internal sealed class SheetRows(SafeXml xml, SharedStrings strings, CellFormats formats)
{
    private const int MaxCellCharacters = 32_767;
    private readonly List<string> _row = [];

    public void WriteTo(TextCollector collector)
    {
        var table = new MarkdownTable(collector);
        while (!collector.IsFull && xml.Read())
        {
            if (xml.IsStart && xml.Name == "c")
            {
                ReadCell();
            }
            else if (xml.IsEnd && xml.Name == "row")
            {
                table.AddRow(_row);
                _row.Clear();
            }
            else if (xml.IsEnd && xml.Name == "sheetData")
            {
                return;
            }
        }
    }

    private void ReadCell()
    {
        var column = ColumnOf(xml.Attribute("r")) ?? _row.Count;
        var type = xml.Attribute("t");
        var style = xml.Attribute("s");
        var text = "";
        if (!xml.IsEmpty)
        {
            var depth = xml.Depth;
            while (xml.Read() && xml.Depth > depth)
            {
                // Formulas ("f") are not read: their last result is in "v".
                if (xml.IsStart && xml.Name == "v")
                {
                    text = Show(xml.ElementText(MaxCellCharacters), type, style);
                }
                else if (xml.IsStart && xml.Name == "is")
                {
                    text = SharedStrings.RichText(xml, MaxCellCharacters);
                }
            }
        }

        if (column >= MarkdownTable.MaxColumns)
        {
            return;
        }

        while (_row.Count < column)
        {
            _row.Add("");
        }

        _row.Add(text);
    }

    private string Show(string value, string? type, string? style) =>
        type switch
        {
            "s" => int.TryParse(value, out var index) ? strings[index] : "",
            "b" => value == "1" ? "TRUE" : "FALSE",
            "str" or "inlineStr" or "e" => value,
            "d" => value.Replace("T00:00:00", "", StringComparison.Ordinal),
            _ => formats.Show(value, style),
        };

    // "AB12" is column 27, counted from 0.
    private static int? ColumnOf(string? reference)
    {
        var column = 0;
        foreach (var letter in reference ?? "")
        {
            if (!char.IsAsciiLetter(letter) || column > 100_000)
            {
                break;
            }

            column = column * 26 + (char.ToUpperInvariant(letter) - 'A' + 1);
        }

        return column == 0 ? null : column - 1;
    }
}
