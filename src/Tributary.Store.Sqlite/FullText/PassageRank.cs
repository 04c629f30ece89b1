using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using SQLitePCL;

namespace Tributary.Store.Sqlite.FullText;

/// <summary>
/// The function <c>passage_rank</c> of a connection: BM25 exactly as FTS5's own <c>bm25</c> (k1 = 1.2, b = 0.75, a weight
/// a column, better ones more negative), but for <see cref="TermStatistics"/>, which spare it counting every word of every
/// query anew.
/// </summary>
internal sealed unsafe class PassageRank : IDisposable
{
    private const double K1 = 1.2;
    private const double B = 0.75;
    private readonly TermStatistics _statistics;
    private GCHandle _self;

    public PassageRank(Fts5Api.Entry* api, TermStatistics statistics)
    {
        _statistics = statistics;
        _self = GCHandle.Alloc(this);
        fixed (byte* name = "passage_rank\0"u8)
        {
            Fts5Api.Check(api->CreateFunction(api, name, GCHandle.ToIntPtr(_self), &Rank, null));
        }
    }

    /// <summary>Whether the query at hand has words that stand for others that begin with them: they are counted anew.</summary>
    public bool HasPrefixes { get; set; }

    /// <summary>To be called when the connection is closed.</summary>
    public void Dispose() => _self.Free();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Rank(Fts5Api.Extension* api, nint row, nint answer, int weightCount, nint* weights)
    {
        var query = (Query*)api->GetAuxiliary(row, 0);
        if (query is null)
        {
            var rank = (PassageRank)GCHandle.FromIntPtr(api->UserData(row)).Target!;
            query = rank.Begin(api, row, weightCount, weights);
            if (query is null || api->SetAuxiliary(row, query, &Forget) != raw.SQLITE_OK)
            {
                Fts5Api.Refuse(answer, raw.SQLITE_NOMEM);
                return;
            }
        }

        int length;
        if (api->ColumnSize(row, -1, &length) != raw.SQLITE_OK)
        {
            Fts5Api.Refuse(answer, raw.SQLITE_CORRUPT);
            return;
        }

        var norm = K1 * (1 - B + B * length / query->AverageLength);
        var score = 0.0;
        var rarity = (double*)(query + 1);
        for (var phrase = 0; phrase < query->Phrases; phrase++)
        {
            Fts5Api.PhraseIterator position;
            int column;
            int offset;
            var frequency = 0.0;
            if (api->PhraseFirst(row, phrase, &position, &column, &offset) == raw.SQLITE_OK)
            {
                for (; column >= 0; api->PhraseNext(row, &position, &column, &offset))
                {
                    frequency += column == 0 ? query->TitleWeight : query->TextWeight;
                }
            }

            score += rarity[phrase] * (frequency * (K1 + 1.0) / (frequency + norm));
        }

        Fts5Api.Answer(answer, -score);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Forget(void* query) => NativeMemory.Free(query);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CountRow(Fts5Api.Extension* api, nint row, void* count)
    {
        ++*(long*)count;
        return raw.SQLITE_OK;
    }

    /// <summary>What is the same for every row of a query; null when FTS5 cannot tell.</summary>
    private Query* Begin(Fts5Api.Extension* api, nint row, int weightCount, nint* weights)
    {
        var phrases = api->PhraseCount(row);
        long passages;
        long tokens;
        if (api->RowCount(row, &passages) != raw.SQLITE_OK || api->ColumnTotalSize(row, -1, &tokens) != raw.SQLITE_OK)
        {
            return null;
        }

        var query = (Query*)NativeMemory.Alloc((nuint)(sizeof(Query) + phrases * sizeof(double)));
        query->Phrases = phrases;
        query->AverageLength = (double)tokens / passages;
        query->TitleWeight = weightCount > 0 ? Fts5Api.Value(weights[0]) : 1;
        query->TextWeight = weightCount > 1 ? Fts5Api.Value(weights[1]) : 1;
        var rarity = (double*)(query + 1);
        for (var phrase = 0; phrase < phrases; phrase++)
        {
            var hits = Hits(api, row, phrase, passages);

            // A word that stands in more than half of all passages tells nothing, but is still better than none.
            var idf = Math.Log((passages - hits + 0.5) / (hits + 0.5));
            rarity[phrase] = idf <= 0 ? 1e-6 : idf;
        }

        return query;
    }

    private double Hits(Fts5Api.Extension* api, nint row, int phrase, long passages)
    {
        var name = HasPrefixes || api->Version < 3 ? null : NameOf(api, row, phrase);
        if (name is not null && _statistics.Find(name, passages) is { } share)
        {
            return share * passages;
        }

        long hits = 0;
        api->QueryPhrase(row, phrase, &hits, &CountRow);
        if (name is not null)
        {
            _statistics.Note(name, (double)hits / passages, passages);
        }

        return hits;
    }

    private static string? NameOf(Fts5Api.Extension* api, nint row, int phrase)
    {
        var name = new StringBuilder();
        var size = api->PhraseSize(row, phrase);
        for (var i = 0; i < size; i++)
        {
            byte* token;
            int length;
            if (api->QueryToken(row, phrase, i, &token, &length) != raw.SQLITE_OK)
            {
                return null;
            }

            name.Append(Encoding.UTF8.GetString(token, length)).Append(' ');
        }

        return name.ToString();
    }

    /// <summary>Followed by the rarity of each phrase.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Query
    {
        public double AverageLength;
        public double TitleWeight;
        public double TextWeight;
        public long Phrases;
    }
}
