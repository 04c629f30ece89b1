using System.Buffers;
using System.Text;

namespace Tributary.Extraction.Html;

/// <summary>
/// Text under construction: white space collapsed as browsers do it, blocks set apart by line ends that are written only
/// when something follows, and every line begun with the marks of the lists and quotes that it stands in.
/// </summary>
internal sealed class MarkdownOutput
{
    private static readonly SearchValues<char> White = SearchValues.Create(" \t\n\r\f\u00a0");

    private readonly StringBuilder _text = new();
    private string _prefix = "";
    private string _marker = "";
    private int _breaks;
    private bool _blank;

    public int Length => _text.Length;

    /// <summary>Not inside a list or a quote.</summary>
    public bool IsTopLevel => _prefix.Length == 0;

    /// <summary>Ends the block before: 1 for a new line, 2 for an empty line between.</summary>
    public void Break(int lines)
    {
        if (_marker.Length == 0)
        {
            _breaks = Math.Max(_breaks, lines);
        }

        _blank = false;
    }

    /// <summary>Begins a part whose lines are indented; its first line gets the marker instead.</summary>
    /// <returns>What to hand to <see cref="Leave"/>.</returns>
    public (string Prefix, string Marker) Enter(string marker, string prefix)
    {
        var before = (_prefix, _marker);
        _marker = _marker.Length > 0 ? _marker + marker : _prefix + marker;
        _prefix += prefix;
        return before;
    }

    public void Leave((string Prefix, string Marker) before)
    {
        // Paragraphs at the end of an item do not set the next one apart.
        _breaks = _marker.Length > 0 ? _breaks : 0;
        _prefix = before.Prefix;
        _marker = "";
        _blank = false;
    }

    /// <summary>Running text: white space of any length becomes one blank.</summary>
    public void Inline(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var start = text.IndexOfAnyExcept(White);
            start = start < 0 ? text.Length : start;

            _blank |= start > 0;
            text = text[start..];
            var end = text.IndexOfAny(White);
            var word = end < 0 ? text : text[..end];
            if (!word.IsEmpty)
            {
                BeginWord();
                _text.Append(word);
                text = text[word.Length..];
            }
        }
    }

    /// <summary>Text that stays as it is within the line, e.g. code or the marks of a link.</summary>
    public void Verbatim(ReadOnlySpan<char> text)
    {
        BeginWord();
        _text.Append(text);
    }

    /// <summary>Closes a mark: no blank before it.</summary>
    public void Close(string mark)
    {
        var blank = _blank;
        _blank = false;
        _text.Append(mark);
        _blank = blank;
    }

    /// <summary>Lines that stay as they are.</summary>
    public void Lines(string text)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            BeginWord();
            _text.Append(line);
            _breaks = 1;
        }
    }

    /// <summary>A line that stays as it is, even an empty one.</summary>
    public void Line(ReadOnlySpan<char> line)
    {
        Break(1);
        Verbatim(line);
        Break(1);
    }

    public void Clear()
    {
        _text.Clear();
        _breaks = 0;
        _blank = false;
        _marker = "";
    }

    public override string ToString() => _text.ToString();

    private void BeginWord()
    {
        if (_text.Length == 0)
        {
            AppendLineStart();
        }
        else if (_breaks > 0)
        {
            for (var i = 1; i < _breaks; i++)
            {
                _text.Append('\n').Append(_prefix.AsSpan().TrimEnd());
            }

            _text.Append('\n');
            AppendLineStart();
        }
        else if (_blank)
        {
            _text.Append(' ');
        }

        _breaks = 0;
        _blank = false;
    }

    private void AppendLineStart()
    {
        _text.Append(_marker.Length > 0 ? _marker : _prefix);
        _marker = "";
    }
}
