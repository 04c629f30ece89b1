using System.Text;
using Tributary.Engine.Search;

namespace Tributary.Store.Sqlite;

/// <summary>Writes a query in FTS5's language. Every term is quoted, so that nothing that people type is an operator.</summary>
internal static class FtsQuery
{
    public static string Write(TextQuery query)
    {
        var result = new StringBuilder();
        var joiner = query.MatchAny ? " OR " : " AND ";
        foreach (var term in query.Terms)
        {
            if (result.Length > 0)
            {
                result.Append(joiner);
            }

            Append(result, term);
        }

        if (query.Excluded.Count == 0)
        {
            return result.ToString();
        }

        var wanted = result.ToString();
        result.Clear().Append('(').Append(wanted).Append(") NOT (");
        for (var i = 0; i < query.Excluded.Count; i++)
        {
            result.Append(i == 0 ? "" : " OR ");
            Append(result, query.Excluded[i]);
        }

        return result.Append(')').ToString();
    }

    private static void Append(StringBuilder result, QueryTerm term)
    {
        result
            .Append('"')
            .Append(TextQuery.Segment(term.Text).Replace("\"", "\"\"", StringComparison.Ordinal).Replace('\0', ' '))
            .Append('"');
        if (term.IsPrefix)
        {
            result.Append(" *");
        }
    }
}
