using System.Net;
using System.Runtime.InteropServices;

namespace Tributary.Sdk.Markup;

/// <summary>
/// The first pass over a text: what may span lines and nest is dropped or finished (comments, templates, links, notes, code,
/// tags), so that the rest goes line by line. What is open is kept in a list, not on the stack, and every piece of the text is
/// copied a bounded number of times.
/// </summary>
internal sealed class WikitextScan(string text, WikitextLinks links, WikitextKept kept)
{
    private readonly List<char> _out = new(text.Length);
    private readonly List<Open> _open = [];
    private readonly WikitextTags _tags = new(text);
    private int _at;
    private int _openNotes;

    /// <summary>The notes in the order of their ends, as wikitext.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>The page says where its notes are listed.</summary>
    public bool PlacesNotes { get; private set; }

    public string Run()
    {
        while (_at < text.Length)
        {
            var plain = text.AsSpan(_at).IndexOfAny("<{}[]");
            Add(text.AsSpan(_at, plain < 0 ? text.Length - _at : plain));
            _at = plain < 0 ? text.Length : _at + plain;
            if (_at == text.Length)
            {
                break;
            }

            switch (text[_at])
            {
                case '<':
                    TakeTag();
                    break;
                case '{':
                    OpenBraces();
                    break;
                case '}':
                    CloseBraces();
                    break;
                case '[' when Next == '[':
                    _open.Add(new Open(Kind.Link, _out.Count, 2));
                    Add("[[");
                    _at += 2;
                    break;
                case ']'
                    when Next == ']' && _open is [.., { Kind: Kind.Link } link] && !(link.HasBracket && After == ']'):
                    _at += 2;
                    CloseLink();
                    break;
                case '[':
                case ']':
                    TakeBracket();
                    break;
                default:
                    _out.Add(text[_at++]);
                    break;
            }
        }

        // What was never closed stays as it stands.
        return new string(Written(0));
    }

    private char Next => _at + 1 < text.Length ? text[_at + 1] : '\0';

    private char After => _at + 2 < text.Length ? text[_at + 2] : '\0';

    private bool IsAtLineStart => _out.Count == 0 || _out[^1] == '\n';

    private void OpenBraces()
    {
        var count = RunOf('{');
        if (count > 1)
        {
            _open.Add(new Open(Kind.Braces, _out.Count, count));
        }

        Add(text.AsSpan(_at, count));
        _at += count;
    }

    /// <summary>Braces pair as in MediaWiki: three of both sides are a parameter, two a template, from the inside out.</summary>
    private void CloseBraces()
    {
        var left = RunOf('}');
        _at += left;
        while (left > 1 && _open is [.., { Kind: Kind.Braces } braces])
        {
            var pair = Math.Min(3, Math.Min(braces.Count, left));
            var isOutermost = _open.Count == 1 && braces.Count == pair;
            var inner = pair == 2 ? InPlaceOf(Written(braces.Start + braces.Count), isOutermost) : "";
            Cut(braces.Start + braces.Count - pair);
            Add(inner);
            PassSpaces();
            left -= pair;
            braces.Count -= pair;
            if (braces.Count < 2)
            {
                _open.RemoveAt(_open.Count - 1);
            }
        }

        Add(new string('}', left));
    }

    private string InPlaceOf(ReadOnlySpan<char> template, bool isOutermost)
    {
        if (template is "!")
        {
            return "|";
        }

        if (WikitextTemplates.ListsNotes(template))
        {
            return PlaceOfNotes();
        }

        return isOutermost ? WikitextTemplates.ListOf(template) : "";
    }

    private string PlaceOfNotes()
    {
        var isFirst = !PlacesNotes;
        PlacesNotes = true;
        return isFirst ? $"\n{WikitextKept.Notes}\n" : "";
    }

    private void TakeBracket()
    {
        if (_open is [.., { Kind: Kind.Link } link])
        {
            link.HasBracket = text[_at] == '[';
        }

        _out.Add(text[_at++]);
    }

    private void CloseLink()
    {
        var link = _open[^1];
        _open.RemoveAt(_open.Count - 1);
        var content = Written(link.Start + link.Count);
        if (links.IsDropped(content))
        {
            Cut(link.Start);
            PassSpaces();
            return;
        }

        // Only a file's link holds others: what looks so otherwise is no link, and is not looked at again.
        var bar = link.HoldsLink ? 0 : content.IndexOf('|');
        var target = bar < 0 ? content : content[..bar];
        if (_open.Count > 0)
        {
            _open[^1].HoldsLink = true;
        }

        if (!WikitextLinks.IsTitle(target))
        {
            Add("]]");
            return;
        }

        WriteLink(link.Start, target.ToString(), bar < 0 ? "" : content[(bar + 1)..].Trim().ToString());
    }

    private void WriteLink(int start, string target, string shown)
    {
        Cut(start);
        if (
            shown.Length == 0
            && IsAtLineStart
            && text.AsSpan(_at) is "" or ['\n', ..]
            && WikitextLinks.IsOfAnotherLanguage(target)
        )
        {
            return;
        }

        var address = links.To(target);
        Add(address is null ? "" : WikitextKept.Bracket);
        Add(shown.Length > 0 ? shown.Replace('\n', ' ').Replace("|", WikitextKept.Bar) : WikitextLinks.TextOf(target));
        var trail = _at;
        while (trail < text.Length && char.IsLower(text[trail]))
        {
            trail++;
        }

        Add(text.AsSpan(_at, trail - _at));
        _at = trail;
        Add(address is null ? "" : kept.Keep($"]({address})"));
    }

    private void TakeTag()
    {
        if (text.AsSpan(_at).StartsWith("<!--"))
        {
            TakeComment();
            return;
        }

        if (_tags.At(_at) is not { } tag)
        {
            _out.Add(text[_at++]);
            return;
        }

        _at = tag.End;
        if (tag is { Name: "ref" })
        {
            TakeNote(tag);
        }
        else if (tag is { Name: "references" })
        {
            Add(tag.IsClosing ? "" : PlaceOfNotes());
        }
        else if (!tag.IsClosing && WikitextTags.IsVerbatim(tag.Name))
        {
            TakeVerbatim(tag);
        }
        else
        {
            Add(WikitextTags.InPlaceOf(tag, IsAtLineStart) ?? tag.Text);
        }
    }

    /// <summary>With its line, when nothing else stands there.</summary>
    private void TakeComment()
    {
        var end = text.IndexOf("-->", _at + 4, StringComparison.Ordinal);
        _at = end < 0 ? text.Length : end + 3;
        if (IsAtLineStart && _at < text.Length && text[_at] == '\n')
        {
            _at++;
        }
    }

    private void TakeNote(WikitextTag tag)
    {
        if (!tag.IsClosing)
        {
            // One that is never closed would take the rest of the page along.
            if (!tag.IsEmpty && _tags.EndOf("ref", _at) is not null)
            {
                _open.Add(new Open(Kind.Note, _out.Count, 0));
                _openNotes++;
            }

            return;
        }

        while (_openNotes > 0)
        {
            var open = _open[^1];
            _open.RemoveAt(_open.Count - 1);
            if (open.Kind == Kind.Note)
            {
                _openNotes--;
                Notes.Add(Written(open.Start).ToString());
                Cut(open.Start);
                return;
            }
        }
    }

    private void TakeVerbatim(WikitextTag tag)
    {
        if (tag.IsEmpty || _tags.EndOf(tag.Name, _at) is not { } end)
        {
            return;
        }

        var content = text[_at..end.Start];
        _at = end.End;
        switch (tag.Name)
        {
            case "nowiki":
                Add(kept.Keep(WebUtility.HtmlDecode(content).Replace('\n', ' ')));
                break;
            case "math" or "chem" or "ce":
                Add(kept.Keep($"${content.Trim()}$"));
                break;
            case "pre" or "syntaxhighlight" or "source":
                TakeCode(tag, tag.Name == "pre" ? WebUtility.HtmlDecode(content) : content);
                break;
        }
    }

    private void TakeCode(WikitextTag tag, string code)
    {
        var isInline = tag.Name != "pre" && tag.Text.Contains(" inline", StringComparison.OrdinalIgnoreCase);
        Add(
            isInline
                ? kept.Keep($"`{code}`")
                : kept.KeepBlock(WikitextBlocks.Fence(code.Trim('\n'), tag.Attribute("lang")))
        );
    }

    /// <summary>What was left out at the beginning of a line does not make code of its rest, as spaces there do.</summary>
    private void PassSpaces()
    {
        while (IsAtLineStart && _at < text.Length && text[_at] == ' ')
        {
            _at++;
        }
    }

    private int RunOf(char brace)
    {
        var end = text.AsSpan(_at).IndexOfAnyExcept(brace);
        return end < 0 ? text.Length - _at : end;
    }

    private void Add(ReadOnlySpan<char> some) => _out.AddRange(some);

    private ReadOnlySpan<char> Written(int from) => CollectionsMarshal.AsSpan(_out)[from..];

    private void Cut(int from) => CollectionsMarshal.SetCount(_out, from);

    private enum Kind
    {
        Braces,
        Link,
        Note,
    }

    /// <summary>Something that is not closed yet.</summary>
    private sealed class Open(Kind kind, int start, int count)
    {
        public Kind Kind { get; } = kind;

        /// <summary>Where it begins in what was written.</summary>
        public int Start { get; } = start;

        /// <summary>How many characters open it.</summary>
        public int Count { get; set; } = count;

        /// <summary>A single bracket is open in it: that of a link to elsewhere in a file's text.</summary>
        public bool HasBracket { get; set; }

        public bool HoldsLink { get; set; }
    }
}
