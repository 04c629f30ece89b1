using Tributary.Engine.Search;

namespace Tributary.Store.Sqlite;

/// <summary>
/// Marks the words of a query in the passages that it found. The index keeps no text, so the few passages of an answer go
/// through an index of their own in memory, with the same tokenizer: what is marked is exactly what matched. Only the part
/// of a passage goes there in which the words seem to be, since taking text apart is most of the cost of an answer.
/// </summary>
internal static class Highlighter
{
    private const int TokensAround = 24;
    private const string Open = "<hi>";
    private const string Close = "</hi>";

    /// <summary>Characters of the part that is marked, and of them before the first word.</summary>
    private const int Part = 400;
    private const int Before = 100;

    public static IReadOnlyList<SearchHit> Mark(SqliteSession session, TextQuery query, IReadOnlyList<SearchHit> hits)
    {
        if (hits.Count == 0)
        {
            return hits;
        }

        session.Execute("PRAGMA query_only = OFF");
        try
        {
            session.Execute(
                """
                CREATE VIRTUAL TABLE IF NOT EXISTS temp.highlights USING fts5 (text, tokenize = "porter unicode61 remove_diacritics 2")
                """
            );
            session.Execute("BEGIN");

            // Any of the words is worth a mark, wherever the others are.
            var anyWord = FtsQuery.Write(query with { MatchAny = true, Excluded = [] });
            var marked = MarkParts(session, anyWord, [.. hits.Select(hit => PartOf(hit.Text, query))]);
            var without = Enumerable
                .Range(0, hits.Count)
                .Where(i => marked[i] is null && hits[i].Text.Length > Part)
                .ToList();
            if (without.Count > 0)
            {
                // The words are there in other forms than they were typed in: the whole passage, then.
                session.Execute("DELETE FROM temp.highlights");
                var rest = MarkParts(session, anyWord, [.. without.Select(i => (hits[i].Text, false))]);
                without.ForEach(i => marked[i] = rest[without.IndexOf(i)]);
            }

            return [.. hits.Select((hit, i) => marked[i] is { } text ? hit with { Highlights = [text] } : hit)];
        }
        finally
        {
            session.Execute("ROLLBACK");
            session.Execute("PRAGMA query_only = ON");
        }
    }

    private static string?[] MarkParts(
        SqliteSession session,
        string query,
        IReadOnlyList<(string Text, bool IsCut)> parts
    )
    {
        for (var i = 0; i < parts.Count; i++)
        {
            session
                .Prepare("INSERT INTO temp.highlights (rowid, text) VALUES (?, ?)")
                .Add((long)i)
                .Add(TextQuery.Segment(parts[i].Text))
                .Run();
        }

        var marked = new string?[parts.Count];
        var rows = session
            .Prepare(
                $"SELECT rowid, snippet(highlights, 0, '{Open}', '{Close}', '…', {TokensAround}) FROM temp.highlights WHERE highlights MATCH ?"
            )
            .Add(query);
        while (rows.Step())
        {
            var i = (int)rows.Int64(0);
            var text = rows.Text(1)!.Replace(TextQuery.Separator.ToString(), "", StringComparison.Ordinal);
            marked[i] = parts[i].IsCut && !text.StartsWith('…') ? $"…{text}" : text;
        }

        return marked;
    }

    /// <summary>The part of a text that holds most of the query's words by their first letters.</summary>
    private static (string Text, bool IsCut) PartOf(string text, TextQuery query)
    {
        if (text.Length <= Part)
        {
            return (text, false);
        }

        var best = (Start: 0, Words: 0);
        foreach (var term in query.Terms)
        {
            for (
                var at = Find(text, term, 0);
                at >= 0 && best.Words < query.Terms.Count;
                at = Find(text, term, at + Part)
            )
            {
                var start = Math.Max(0, at - Before);
                var part = text.AsSpan(start, Math.Min(Part, text.Length - start));
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
        return (text.Substring(from, Math.Min(Part, text.Length - from)), from > 0);
    }

    private static int Find(string text, QueryTerm term, int from)
    {
        var at =
            from < text.Length ? text.AsSpan(from).IndexOf(Beginning(term), StringComparison.OrdinalIgnoreCase) : -1;
        return at < 0 ? -1 : from + at;
    }

    /// <summary>What other forms of a word share with it, most of the time.</summary>
    private static ReadOnlySpan<char> Beginning(QueryTerm term) => term.Text.AsSpan(0, Math.Min(term.Text.Length, 5));
}
