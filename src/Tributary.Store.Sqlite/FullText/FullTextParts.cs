using SQLitePCL;

namespace Tributary.Store.Sqlite.FullText;

/// <summary>What FTS5 is given, and asked for, on one connection.</summary>
internal sealed unsafe class FullTextParts
{
    public FullTextParts(sqlite3 connection, TermStatistics statistics)
    {
        var api = Fts5Api.Of(connection);
        Rank = new PassageRank(api, statistics);
        Tokenizer = new PassageTokenizer(api);
    }

    /// <summary>How passages are ranked.</summary>
    public PassageRank Rank { get; }

    /// <summary>How texts are taken apart.</summary>
    public PassageTokenizer Tokenizer { get; }
}
