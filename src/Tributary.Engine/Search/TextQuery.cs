using System.Text;

namespace Tributary.Engine.Search;

/// <summary>What people typed, taken apart: words, "phrases", prefix*, -without.</summary>
/// <param name="Terms">What should be found.</param>
/// <param name="Excluded">What must not be there.</param>
/// <param name="MatchAny">Whether one of the terms is enough.</param>
public sealed record TextQuery(IReadOnlyList<QueryTerm> Terms, IReadOnlyList<QueryTerm> Excluded, bool MatchAny)
{
    private const int MaxTerms = 32;

    /// <summary>Words so common that a search for any of several words goes better without them.</summary>
    private static readonly HashSet<string> Fillers = new(StringComparer.OrdinalIgnoreCase)
    {
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "can",
        "do",
        "does",
        "for",
        "from",
        "has",
        "have",
        "how",
        "i",
        "in",
        "is",
        "it",
        "its",
        "my",
        "not",
        "of",
        "on",
        "or",
        "our",
        "should",
        "so",
        "than",
        "that",
        "the",
        "their",
        "there",
        "this",
        "to",
        "was",
        "we",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "you",
        "your",
    };

    /// <summary>Takes a query apart. Whatever people type is a legal query; one without any word has no terms.</summary>
    public static TextQuery Parse(string query)
    {
        var terms = new List<QueryTerm>();
        var excluded = new List<QueryTerm>();
        var position = 0;
        while (position < query.Length && terms.Count + excluded.Count < MaxTerms)
        {
            if (char.IsWhiteSpace(query[position]))
            {
                position++;
                continue;
            }

            var isExcluded =
                query[position] == '-'
                && position + 1 < query.Length
                && IsTermStart(query[position + 1])
                && IsBoundary(query, position);
            if (isExcluded)
            {
                position++;
            }

            var isPhrase = query[position] == '"';
            int end;
            if (isPhrase)
            {
                end = query.IndexOf('"', position + 1);
                end = end < 0 ? query.Length : end;
            }
            else
            {
                end = position;
                while (end < query.Length && !char.IsWhiteSpace(query[end]) && query[end] != '"')
                {
                    end++;
                }
            }

            var text = query[(isPhrase ? position + 1 : position)..end];
            position = isPhrase ? end + 1 : end;
            var isPrefix = !isPhrase && text.Length > 1 && text[^1] == '*';
            if (text.Any(char.IsLetterOrDigit))
            {
                (isExcluded ? excluded : terms).Add(new QueryTerm(isPrefix ? text[..^1] : text, isPhrase, isPrefix));
            }
        }

        return new TextQuery(terms, excluded, MatchAny: false);
    }

    /// <summary>The same query, satisfied by any of its words; fillers are dropped unless nothing else is left.</summary>
    public TextQuery Loosened()
    {
        var telling = Terms
            .Where(term => term.IsPhrase || !Fillers.Contains(term.Text.Trim('?', '.', ',', '!', ';', ':')))
            .ToList();
        return this with { Terms = telling.Count > 0 ? telling : Terms, MatchAny = true };
    }

    /// <summary>A text with separators between ideographs, so that each is a word of its own to the index.</summary>
    /// <remarks>The separator is ZERO WIDTH SPACE: it is no letter to the tokenizer, and is taken out of what people see.</remarks>
    public static string Segment(string text)
    {
        var first = IndexOfIdeograph(text);
        if (first < 0)
        {
            return text;
        }

        var result = new StringBuilder(text.Length + 16).Append(text, 0, first);
        for (var i = first; i < text.Length; i++)
        {
            if (IsIdeograph(text[i]))
            {
                result.Append(Separator).Append(text[i]).Append(Separator);
            }
            else
            {
                result.Append(text[i]);
            }
        }

        return result.ToString();
    }

    /// <summary>What <see cref="Segment"/> puts between ideographs.</summary>
    public const char Separator = '\u200B';

    private static int IndexOfIdeograph(string text)
    {
        // Most texts have none, which is found out at the speed of memory.
        var start = text.AsSpan().IndexOfAnyInRange('\u2E80', '\uFFFF');
        for (var i = start; i >= 0 && i < text.Length; i++)
        {
            if (IsIdeograph(text[i]))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Han, kana and Thai: scripts that are written without spaces.</summary>
    private static bool IsIdeograph(char c) =>
        c
            is (>= '\u3040' and <= '\u30FF')
                or (>= '\u3400' and <= '\u4DBF')
                or (>= '\u4E00' and <= '\u9FFF')
                or (>= '\uF900' and <= '\uFAFF');

    private static bool IsTermStart(char c) => char.IsLetterOrDigit(c) || c == '"';

    private static bool IsBoundary(string query, int position) =>
        position == 0 || char.IsWhiteSpace(query[position - 1]);
}

/// <summary>A word or phrase of a query.</summary>
/// <param name="Text">As typed.</param>
/// <param name="IsPhrase">Its words stand next to one another.</param>
/// <param name="IsPrefix">Words that begin with it.</param>
public sealed record QueryTerm(string Text, bool IsPhrase, bool IsPrefix);
