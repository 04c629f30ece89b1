using Tributary.Engine.Search;

namespace Tributary.Store.Sqlite;

/// <summary>
/// Marks the words of a query in the passages that it found. The index keeps no text, so the few passages of an answer go
/// through an index of their own in memory, with the same tokenizer: what is marked is exactly what matched.
/// </summary>
internal static class Highlighter
{
    private const int TokensAround = 24;
    private const string Open = "<hi>";
    private const string Close = "</hi>";

    public static IReadOnlyList<SearchHit> Mark(SqliteSession session, string query, IReadOnlyList<SearchHit> hits)
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
                CREATE VIRTUAL TABLE IF NOT EXISTS temp.highlights USING fts5 (title, text, tokenize = "porter unicode61 remove_diacritics 2")
                """
            );
            session.Execute("BEGIN");
            for (var i = 0; i < hits.Count; i++)
            {
                session
                    .Prepare("INSERT INTO temp.highlights (rowid, title, text) VALUES (?, ?, ?)")
                    .Add((long)i)
                    .Add(TextQuery.Segment(hits[i].Title))
                    .Add(TextQuery.Segment(hits[i].Text))
                    .Run();
            }

            var marked = new string?[hits.Count];
            var rows = session
                .Prepare(
                    $"SELECT rowid, snippet(highlights, 1, '{Open}', '{Close}', '…', {TokensAround}) FROM temp.highlights WHERE highlights MATCH ?"
                )
                .Add(query);
            while (rows.Step())
            {
                marked[rows.Int64(0)] = rows.Text(1)!
                    .Replace(TextQuery.Separator.ToString(), "", StringComparison.Ordinal);
            }

            return
            [
                .. hits.Select(
                    (hit, i) => marked[i] is { } text && text.Contains(Open) ? hit with { Highlights = [text] } : hit
                ),
            ];
        }
        finally
        {
            session.Execute("ROLLBACK");
            session.Execute("PRAGMA query_only = ON");
        }
    }
}
