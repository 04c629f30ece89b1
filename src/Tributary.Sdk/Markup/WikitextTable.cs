using System.Text;
using System.Text.RegularExpressions;

namespace Tributary.Sdk.Markup;

/// <summary>One table, line by line. Tables within its cells become text of the cell.</summary>
internal sealed partial class WikitextTable(WikitextInline inline)
{
    private const int MostColumns = 100;
    private const int WidestCell = 20;

    private readonly List<List<StringBuilder?>> _rows =
    [
        [],
    ];
    private readonly StringBuilder _caption = new();
    private StringBuilder? _current;
    private int _nested;

    /// <summary>Whether a line opens a table.</summary>
    public static bool BeginsWith(string line) => line.AsSpan().TrimStart(" \t:").StartsWith("{|");

    /// <summary>Takes a line after the first.</summary>
    /// <returns>Whether the table is over.</returns>
    public bool Take(string line)
    {
        var text = line.Trim();
        if (text.StartsWith("{|", StringComparison.Ordinal))
        {
            _nested++;
        }
        else if (text.StartsWith("|}", StringComparison.Ordinal))
        {
            return _nested-- == 0;
        }
        else if (_nested > 0)
        {
            TakeNested(text);
        }
        else if (text.StartsWith("|-", StringComparison.Ordinal))
        {
            _rows.Add([]);
            _current = null;
        }
        else if (text.StartsWith("|+", StringComparison.Ordinal))
        {
            _current = _caption;
            Append(Stripped(text[2..]).Text);
        }
        else if (text is ['|' or '!', ..])
        {
            foreach (var cell in CellsOf(text))
            {
                AddCell(cell);
            }
        }
        else
        {
            Append(text.TrimStart('*', '#', ':', ';'));
        }

        return false;
    }

    /// <summary>The table; its first row is the head. Empty when no cell has a text.</summary>
    public string ToMarkdown()
    {
        var rows = _rows
            .Select(row => row.Select(TextOf).ToList())
            .Where(row => row.Any(cell => cell.Length > 0))
            .ToList();
        var caption = TextOf(_caption) is { Length: > 0 } title ? $"**{title}**\n\n" : "";
        if (rows.Count == 0)
        {
            return caption.Trim('\n');
        }

        var columns = rows.Max(row => row.Count);
        rows[0].AddRange(Enumerable.Repeat("", columns - rows[0].Count));
        var lines = rows.Select(row => $"| {string.Join(" | ", row)} |").ToList();
        lines.Insert(1, "|" + string.Concat(Enumerable.Repeat(" --- |", columns)));
        return caption + string.Join('\n', lines);
    }

    private void TakeNested(string text)
    {
        if (text is ['|', '-' or '+', ..])
        {
            return;
        }

        Append(text is ['|' or '!', ..] ? string.Join(' ', CellsOf(text).Select(cell => Stripped(cell).Text)) : text);
    }

    private static string[] CellsOf(string text) =>
        text[0] == '!' ? text[1..].Replace("!!", "||").Split("||") : text[1..].Split("||");

    private void AddCell(string cell)
    {
        var (text, columns) = Stripped(cell);
        var row = _rows[^1];
        if (row.Count + columns > MostColumns)
        {
            // Nobody reads on: what is left goes into the last cell.
            Append(text);
            return;
        }

        row.Add(_current = new StringBuilder(text));
        row.AddRange(Enumerable.Repeat<StringBuilder?>(null, columns - 1));
    }

    /// <summary>A cell without the attributes before its text, and how many columns it spans.</summary>
    private static (string Text, int Columns) Stripped(string cell)
    {
        var bar = cell.IndexOf('|', StringComparison.Ordinal);
        if (bar < 0)
        {
            return (cell.Trim(), 1);
        }

        var span = ColumnSpan().Match(cell[..bar]);
        return (
            cell[(bar + 1)..].Trim(),
            span.Success ? Math.Clamp(int.Parse(span.Groups[1].ValueSpan), 1, WidestCell) : 1
        );
    }

    private void Append(string text)
    {
        if (_current is { Length: > 0 })
        {
            _current.Append(' ');
        }

        _current?.Append(text);
    }

    private string TextOf(StringBuilder? cell) =>
        inline.Convert(cell?.ToString() ?? "", " ").Replace('\n', ' ').Replace("|", "\\|");

    [GeneratedRegex("colspan\\s*=\\s*[\"']?\\s*(\\d{1,2})", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex ColumnSpan();
}
