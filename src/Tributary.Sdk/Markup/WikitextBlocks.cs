using System.Text;

namespace Tributary.Sdk.Markup;

/// <summary>The second pass, line by line: headings, lists, tables, paragraphs.</summary>
internal sealed class WikitextBlocks(WikitextInline inline, WikitextKept kept)
{
    private const int MaxDepth = 20;

    private readonly StringBuilder _text = new();
    private readonly List<string> _lines = [];
    private readonly int[] _numbers = new int[MaxDepth + 1];
    private WikitextTable? _table;
    private Kind _gathered;
    private Kind _last;
    private bool _isAfterTerm;

    private enum Kind
    {
        Paragraph,
        Code,
        List,
        Other,
    }

    public string Convert(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            Take(line);
        }

        EndTable();
        Flush();
        return _text.ToString();
    }

    /// <summary>Code between fences that are longer than any in it.</summary>
    public static string Fence(string code, string? language)
    {
        var fence = "```";
        while (code.Contains(fence, StringComparison.Ordinal))
        {
            fence += fence;
        }

        return $"{fence}{language}\n{code}\n{fence}";
    }

    private void Take(string line)
    {
        if (_table is not null)
        {
            if (_table.Take(line))
            {
                EndTable();
            }
        }
        else if (WikitextTable.BeginsWith(line))
        {
            Flush();
            _table = new WikitextTable(inline);
        }
        else if (kept.BlockOf(line) is { } block)
        {
            Write(block, Kind.Other);
        }
        else if (string.IsNullOrWhiteSpace(line))
        {
            Flush();
            EndList();
        }
        else if (line[0] is '*' or '#' or ':' or ';')
        {
            TakeItem(line);
        }
        else if (line[0] == '=' && HeadingOf(line.TrimEnd()) is { } heading)
        {
            Write(heading, Kind.Other);
        }
        else if (line.StartsWith("----", StringComparison.Ordinal))
        {
            Write("---", Kind.Other);
            Gather(line.TrimStart('-').Trim(), Kind.Paragraph);
        }
        else
        {
            Gather(line, line[0] == ' ' ? Kind.Code : Kind.Paragraph);
        }
    }

    private string? HeadingOf(string line)
    {
        var left = line.Length - line.AsSpan().TrimStart('=').Length;
        var right = line.Length - line.AsSpan().TrimEnd('=').Length;
        var level = Math.Min(6, Math.Min(left, right));
        return level == 0 || left == line.Length
            ? null
            : new string('#', level) + " " + inline.Convert(line[level..^level].Trim(), " ");
    }

    private void TakeItem(string line)
    {
        Flush();
        var depth = line.AsSpan().IndexOfAnyExcept("*#:;");
        depth = depth < 0 ? line.Length : depth;
        var text = line[depth..].Trim();
        var marks = line[..Math.Min(depth, MaxDepth)];
        if (text.Length == 0)
        {
            return;
        }

        // A number goes on after what stands below it, and begins anew after another item of its own depth.
        var ended = marks.Length + (marks[^1] is '#' or ':' ? 1 : 0);
        Array.Clear(_numbers, ended, MaxDepth + 1 - ended);
        var indent = string.Concat(marks[..^1].Select(IndentOf));
        switch (marks[^1])
        {
            case '*':
                WriteItem(indent + "- ", text);
                break;
            case '#':
                WriteItem($"{indent}{++_numbers[marks.Length]}. ", text);
                break;
            case ';':
                WriteTerm(indent, text);
                break;
            case ':' when _isAfterTerm || marks.Length > 1 && indent.Length > 0:
                WriteItem(indent + (_isAfterTerm ? ": " : ""), text);
                break;
            default:
                Write(inline.Convert(text, "\n"), Kind.Paragraph);
                break;
        }
    }

    private static string IndentOf(char mark) =>
        mark switch
        {
            '*' => "  ",
            '#' => "   ",
            _ => "",
        };

    private void WriteTerm(string indent, string text)
    {
        var colon = text.IndexOf(": ", StringComparison.Ordinal);
        WriteItem(indent, $"'''{(colon < 0 ? text : text[..colon].Trim())}'''");
        _isAfterTerm = true;
        if (colon >= 0)
        {
            WriteItem(indent + ": ", text[(colon + 2)..]);
        }
    }

    private void WriteItem(string mark, string text)
    {
        var converted = inline.Convert(text, " ");
        if (converted.Length > 0)
        {
            Write(mark + converted, Kind.List);
        }
    }

    private void Gather(string line, Kind kind)
    {
        if (_gathered != kind)
        {
            Flush();
        }

        EndList();
        _gathered = kind;
        var text = inline.Convert(line, "\n");
        if (text.Length > 0)
        {
            _lines.Add(kind == Kind.Code ? IndentedAs(line) + text : text);
        }
    }

    private static string IndentedAs(string line) => line[1..(line.Length - line.AsSpan().TrimStart(' ').Length)];

    private void Flush()
    {
        if (_lines.Count > 0)
        {
            var text = string.Join('\n', _lines);
            var isCode = _gathered == Kind.Code;
            _lines.Clear();
            Write(isCode ? Fence(text, null) : text, Kind.Other);
        }
    }

    private void EndList()
    {
        Array.Clear(_numbers);
        _isAfterTerm = false;
        _last = Kind.Other;
    }

    private void EndTable()
    {
        if (_table?.ToMarkdown() is { Length: > 0 } table)
        {
            Write(table, Kind.Other);
        }

        _table = null;
    }

    private void Write(string block, Kind kind)
    {
        Flush();
        if (kind != Kind.List)
        {
            EndList();
        }

        if (block.Length > 0)
        {
            _text.Append(
                _text.Length == 0 ? ""
                : kind == Kind.List && _last == Kind.List ? "\n"
                : "\n\n"
            );
            _text.Append(block);
            _last = kind;
        }
    }
}
