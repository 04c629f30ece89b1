using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Tributary.Sdk.Markup;

/// <summary>
/// Finished pieces of Markdown (code, links' addresses) that stand in a text as a mark, so that nothing of them is taken for
/// markup. Marks are noncharacters of Unicode, which no text may hold.
/// </summary>
internal sealed partial class WikitextKept
{
    /// <summary>A line break that the page asks for.</summary>
    public const char Break = '\uFDD2';

    public const char Open = '\uFDD0';
    private const char Close = '\uFDD1';

    private readonly List<string> _pieces = ["[", "|", ""];
    private readonly HashSet<int> _blocks = [NotesIndex];
    private const int NotesIndex = 2;

    /// <summary>The mark of an opening bracket.</summary>
    public static string Bracket { get; } = MarkOf(0);

    /// <summary>The mark of a bar.</summary>
    public static string Bar { get; } = MarkOf(1);

    /// <summary>The mark of the list of notes.</summary>
    public static string Notes { get; } = MarkOf(NotesIndex);

    /// <summary>A text that holds no marks yet.</summary>
    public static string WithoutMarks(string text) => Marks().Replace(text, "");

    /// <summary>Sets what <see cref="Notes"/> stands for.</summary>
    public void SetNotes(string markdown) => _pieces[NotesIndex] = markdown;

    /// <summary>Keeps a piece that stands within a line.</summary>
    public string Keep(string markdown)
    {
        _pieces.Add(markdown);
        return MarkOf(_pieces.Count - 1);
    }

    /// <summary>Keeps a piece that has lines of its own.</summary>
    public string KeepBlock(string markdown)
    {
        _blocks.Add(_pieces.Count);
        return $"\n{Keep(markdown)}\n";
    }

    /// <summary>The piece that begins at a mark, and where the text goes on.</summary>
    public string PieceAt(ReadOnlySpan<char> text, ref int at)
    {
        var end = at + text[at..].IndexOf(Close);
        var piece = _pieces[int.Parse(text[(at + 1)..end], CultureInfo.InvariantCulture)];
        at = end + 1;
        return piece;
    }

    /// <summary>The piece of its own lines that a line is; null when it is none.</summary>
    public string? BlockOf(string line)
    {
        var mark = line.AsSpan().Trim();
        return
            mark.Length > 2
            && mark[0] == Open
            && mark.IndexOf(Close) == mark.Length - 1
            && int.Parse(mark[1..^1], CultureInfo.InvariantCulture) is var index
            && _blocks.Contains(index)
            ? _pieces[index]
            : null;
    }

    private static string MarkOf(int index) =>
        new StringBuilder().Append(Open).Append(CultureInfo.InvariantCulture, $"{index}").Append(Close).ToString();

    [GeneratedRegex("[\uFDD0-\uFDEF]", RegexOptions.NonBacktracking)]
    private static partial Regex Marks();
}
