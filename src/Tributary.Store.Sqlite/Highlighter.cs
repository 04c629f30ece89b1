using System.Text;
using Tributary.Engine.Search;
using Tributary.Store.Sqlite.FullText;

namespace Tributary.Store.Sqlite;

/// <summary>
/// Marks the words of a query in the passages that it found. They go through the index's own tokenizer: what is marked is
/// exactly what matched. Only the part of a passage goes there in which the words seem to be.
/// </summary>
internal static class Highlighter
{
    private const int TokensShown = 24;
    private const string Open = "<hi>";
    private const string Close = "</hi>";
    private const string Ellipsis = "…";

    /// <summary>Characters of the part that is looked at, and of them before the first word.</summary>
    private const int PartLength = 400;
    private const int Before = 100;

    public static IReadOnlyList<SearchHit> Mark(
        PassageTokenizer tokenizer,
        TextQuery query,
        IReadOnlyList<SearchHit> hits
    )
    {
        // Any of the words is worth a mark, wherever the others are.
        var phrases = query.Terms.Select(term => Phrase.Of(term, tokenizer)).ToList();
        return
        [
            .. hits.Select(hit =>
                (Mark(tokenizer, phrases, PartOf(hit.Text, query)) ?? MarkWhole(hit)) is { } text
                    ? hit with
                    {
                        Highlights = [text],
                    }
                    : hit
            ),
        ];

        // The words are there in other forms than they were typed in: the whole passage, then.
        string? MarkWhole(SearchHit hit) =>
            hit.Text.Length > PartLength ? Mark(tokenizer, phrases, new Part(hit.Text, false, false)) : null;
    }

    /// <summary>The words around the best place of a part, marked; null when none of the phrases is there.</summary>
    private static string? Mark(PassageTokenizer tokenizer, IReadOnlyList<Phrase> phrases, Part part)
    {
        var text = Encoding.UTF8.GetBytes(TextQuery.Segment(part.Text));
        var tokens = tokenizer.Tokenize(text);
        var places = Places(tokens, phrases);
        if (places.Count == 0)
        {
            return null;
        }

        var (first, last) = Window(tokens.Count, places);
        var from = first == 0 ? 0 : tokens[first].Start;
        var to = last == tokens.Count - 1 ? text.Length : tokens[last].End;
        var result = new StringBuilder(part.IsCutBefore || first > 0 ? Ellipsis : "");
        foreach (var (start, end, _) in places)
        {
            if (start >= first && end <= last && tokens[start].Start >= from)
            {
                Append(from, tokens[start].Start);
                result.Append(Open);
                Append(tokens[start].Start, tokens[end].End);
                result.Append(Close);
                from = tokens[end].End;
            }
        }

        Append(from, to);
        result.Append(part.IsCutAfter || last < tokens.Count - 1 ? Ellipsis : "");
        return result.Replace(TextQuery.Separator.ToString(), "").ToString();

        void Append(int start, int end) => result.Append(Encoding.UTF8.GetString(text.AsSpan(start, end - start)));
    }

    /// <summary>Where phrases stand, in order, none within another.</summary>
    private static List<(int First, int Last, int Phrase)> Places(
        IReadOnlyList<Token> tokens,
        IReadOnlyList<Phrase> phrases
    )
    {
        var places = new List<(int First, int Last, int Phrase)>();
        for (var i = 0; i < tokens.Count; i++)
        {
            for (var phrase = 0; phrase < phrases.Count; phrase++)
            {
                if (phrases[phrase].StandsAt(tokens, i))
                {
                    var last = i + phrases[phrase].Length - 1;
                    places.Add((i, last, phrase));
                    i = last;
                    break;
                }
            }
        }

        return places;
    }

    /// <summary>The tokens to show: those that hold most different phrases, most of them, and some on either side.</summary>
    private static (int First, int Last) Window(int tokens, List<(int First, int Last, int Phrase)> places)
    {
        if (tokens <= TokensShown)
        {
            return (0, tokens - 1);
        }

        var best = (Score: 0, First: 0, Last: 0);
        for (var i = 0; i < places.Count; i++)
        {
            var inside = places.Skip(i).TakeWhile(place => place.Last < places[i].First + TokensShown).ToList();
            var score =
                inside.Select(place => place.Phrase).Distinct().Count() * TokensShown + Math.Min(inside.Count, 9);
            if (inside.Count > 0 && score > best.Score)
            {
                best = (score, places[i].First, inside[^1].Last);
            }
        }

        var spare = Math.Max(0, TokensShown - (best.Last - best.First + 1));
        var first = Math.Clamp(best.First - spare / 2, 0, tokens - TokensShown);
        return (first, first + TokensShown - 1);
    }

    /// <summary>The part of a text that holds most of the query's words by their first letters.</summary>
    private static Part PartOf(string text, TextQuery query)
    {
        if (text.Length <= PartLength)
        {
            return new Part(text, false, false);
        }

        var best = (Start: 0, Words: 0);
        foreach (var term in query.Terms)
        {
            for (
                var at = Find(text, term, 0);
                at >= 0 && best.Words < query.Terms.Count;
                at = Find(text, term, at + PartLength)
            )
            {
                var start = Math.Max(0, at - Before);
                var part = text.AsSpan(start, Math.Min(PartLength, text.Length - start));
                var words = 0;
                foreach (var other in query.Terms)
                {
                    words += part.Contains(Beginning(other), StringComparison.OrdinalIgnoreCase) ? 1 : 0;
                }

                best = words > best.Words ? (start, words) : best;
            }
        }

        // Between words, so that no half of one is shown.
        var from = best.Start == 0 ? 0 : text.IndexOf(' ', best.Start) + 1;
        var to = Math.Min(text.Length, from + PartLength);
        if (to < text.Length && text.LastIndexOf(' ', to, PartLength / 2) is > 0 and var space)
        {
            to = space;
        }

        return new Part(text[from..to], from > 0, to < text.Length);
    }

    private static int Find(string text, QueryTerm term, int from)
    {
        var at =
            from < text.Length ? text.AsSpan(from).IndexOf(Beginning(term), StringComparison.OrdinalIgnoreCase) : -1;
        return at < 0 ? -1 : from + at;
    }

    /// <summary>What other forms of a word share with it, most of the time.</summary>
    private static ReadOnlySpan<char> Beginning(QueryTerm term) => term.Text.AsSpan(0, Math.Min(term.Text.Length, 5));

    private readonly record struct Part(string Text, bool IsCutBefore, bool IsCutAfter);

    /// <summary>A term of the query as the index has it.</summary>
    private sealed record Phrase(string[] Stems, bool IsPrefix)
    {
        public int Length => Stems.Length;

        public static Phrase Of(QueryTerm term, PassageTokenizer tokenizer) =>
            new(
                [
                    .. tokenizer
                        .Tokenize(Encoding.UTF8.GetBytes(TextQuery.Segment(term.Text)))
                        .Select(token => token.Stem),
                ],
                term.IsPrefix
            );

        public bool StandsAt(IReadOnlyList<Token> tokens, int at)
        {
            if (Length == 0 || at + Length > tokens.Count)
            {
                return false;
            }

            for (var i = 0; i < Length; i++)
            {
                var isLike =
                    IsPrefix && i == Length - 1
                        ? tokens[at + i].Stem.StartsWith(Stems[i], StringComparison.Ordinal)
                        : tokens[at + i].Stem == Stems[i];
                if (!isLike)
                {
                    return false;
                }
            }

            return true;
        }
    }
}
