using System.Text;

namespace Tributary.Sdk.Markup;

/// <summary>Runs of apostrophes as emphasis, within one line: two for italics, three for bold, five for both.</summary>
internal sealed class WikitextEmphasis(StringBuilder text)
{
    private const string Bold = "**";
    private const string Italic = "*";

    // Open marks, the outer one first, and where each begins.
    private readonly List<(string Mark, int At)> _open = [];
    private bool _isBeforeSpace;

    /// <summary>Takes the run that begins here.</summary>
    /// <returns>Where the line goes on.</returns>
    public int Take(string line, int at)
    {
        var end = line.AsSpan(at).IndexOfAnyExcept('\'');
        var count = end < 0 ? line.Length - at : end;
        var signs = count switch
        {
            4 => 3,
            > 5 => 5,
            _ => count,
        };
        text.Append('\'', count - signs);
        var isBeforeSpace = at + count < line.Length && line[at + count] == ' ';
        _isBeforeSpace = isBeforeSpace;
        if (signs == 5)
        {
            // What was opened last is closed first.
            var isItalicInner = _open is [.., (Italic, _)];
            Toggle(isItalicInner ? Italic : Bold);
            Toggle(isItalicInner ? Bold : Italic);
        }
        else
        {
            Toggle(signs == 3 ? Bold : Italic);
        }

        return at + count + (isBeforeSpace && !_isBeforeSpace ? 1 : 0);
    }

    /// <summary>The line is over, and with it all that is open.</summary>
    public void Close()
    {
        while (_open.Count > 0)
        {
            CloseInner();
        }
    }

    private void Toggle(string mark)
    {
        if (!_open.Any(open => open.Mark == mark))
        {
            // In Markdown no space follows an opening mark, and none is before a closing one.
            text.Append(_isBeforeSpace ? " " : "");
            _isBeforeSpace = false;
            _open.Add((mark, text.Length));
            text.Append(mark);
            return;
        }

        // Overlapping ones are closed and opened again, since Markdown's nest.
        var isInner = _open[^1].Mark == mark;
        var other = _open[^1].Mark;
        CloseInner();
        if (!isInner)
        {
            CloseInner();
            Toggle(other);
        }
    }

    private void CloseInner()
    {
        var (mark, at) = _open[^1];
        _open.RemoveAt(_open.Count - 1);
        var begin = at + mark.Length;
        if (begin >= text.Length)
        {
            text.Length = at;
            return;
        }

        var hasSpace = text[^1] == ' ';
        text.Length -= hasSpace ? 1 : 0;
        text.Append(mark).Append(hasSpace ? " " : "");
    }
}
