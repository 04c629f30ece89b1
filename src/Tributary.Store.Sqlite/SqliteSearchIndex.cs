using System.Text;
using System.Text.Json;
using Tributary.Engine.Connectors;
using Tributary.Engine.Ingestion;
using Tributary.Engine.Search;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="ISearchIndex"/>
internal sealed class SqliteSearchIndex(SqliteDatabase database) : ISearchIndex
{
    /// <summary>A title's words weigh twice as much as the text's.</summary>
    private const string Weights = "passage_rank(2.0, 1.0)";

    /// <summary>
    /// Without filters the best passages are cut off before anything is looked up for them: SQLite joins every match with
    /// its passage and document otherwise, and sorts afterwards. A document is then found by its first passage, in an
    /// index that holds all that is asked for: passages themselves are large, and lie far from one another.
    /// </summary>
    private const string Plain = $"""
        SELECT f.rank, f.rowid, d.id, d.updated_at, d.boost FROM (
            SELECT rowid, rank FROM chunk_index
            WHERE chunk_index MATCH ? AND rank MATCH '{Weights}' AND rowid BETWEEN ? AND ? ORDER BY rank LIMIT ?) f
        CROSS JOIN documents d INDEXED BY documents_by_passage ON d.first_chunk =
            (SELECT max(first_chunk) FROM documents WHERE first_chunk <= f.rowid)
        WHERE d.hidden = 0 ORDER BY f.rank
        """;

    /// <summary>Documents that only connectors hold that are being deleted are gone already.</summary>
    private const string HeldByOthers = """
        AND (d.holder_count > 1 OR NOT EXISTS (SELECT 1 FROM holders h
            WHERE h.document_id = d.id AND h.connector_id IN (SELECT value FROM json_each(?))))
        """;

    public ValueTask<IReadOnlyList<FoundPassage>> FindAsync(
        long workspaceId,
        TextQuery query,
        SearchRequest request,
        RankPosition? after,
        int limit,
        CancellationToken cancellationToken
    ) =>
        database.ReadAsync<IReadOnlyList<FoundPassage>>(
            session =>
            {
                var (first, last) = Numbers.Range(workspaceId);
                var filters = new Filters(request);
                var deleting = FindDeleting(session, workspaceId);
                session.FullText.Rank.HasPrefixes = query.Terms.Concat(query.Excluded).Any(term => term.IsPrefix);
                var isPlain = filters.Sql.Length == 0 && deleting is null && after is null;
                var statement = session
                    .Prepare(isPlain ? Plain : Filtered(filters, deleting))
                    .Add(FtsQuery.Write(query))
                    .Add(first)
                    .Add(last);
                if (isPlain)
                {
                    statement.Add((long)limit);
                }

                filters.Bind(statement);
                if (deleting is not null)
                {
                    statement.Add(deleting);
                }

                var result = new List<FoundPassage>(limit);
                var isPast = after is null;
                while (result.Count < limit && statement.Step())
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var position = new RankPosition(statement.Real(0), statement.Int64(1));
                    if (isPast || position.Rank > after!.Value.Rank)
                    {
                        result.Add(
                            new FoundPassage(position, statement.Int64(2), statement.Time(3), statement.Int32(4))
                        );
                    }
                    else
                    {
                        // Passages of equal rank come in an order of the index's own, the same each time.
                        isPast = position == after.Value;
                    }
                }

                statement.Reset();
                return result;
            },
            cancellationToken
        );

    public ValueTask<IReadOnlyList<SearchHit>> LoadAsync(
        TextQuery query,
        IReadOnlyList<(FoundPassage Passage, double Score)> passages,
        CancellationToken cancellationToken
    ) =>
        database.ReadAsync<IReadOnlyList<SearchHit>>(
            session =>
            {
                var hits = new List<SearchHit>(passages.Count);
                foreach (var (passage, score) in passages)
                {
                    if (Load(session, passage, score) is { } hit)
                    {
                        hits.Add(hit);
                    }
                }

                return Highlighter.Mark(session.FullText.Tokenizer, query, hits);
            },
            cancellationToken
        );

    private static string Filtered(Filters filters, string? deleting) =>
        $"""
            SELECT f.rank, f.rowid, d.id, d.updated_at, d.boost FROM chunk_index f
            CROSS JOIN chunks c ON c.id = f.rowid CROSS JOIN documents d ON d.id = c.document_id
            WHERE f.chunk_index MATCH ? AND f.rank MATCH '{Weights}' AND f.rowid BETWEEN ? AND ?
              AND d.hidden = 0 {filters.Sql} {(deleting is null ? "" : HeldByOthers)}
            ORDER BY f.rank
            """;

    /// <summary>Connectors that are being deleted, as JSON; null when there is none, as it is most of the time.</summary>
    private static string? FindDeleting(SqliteSession session, long workspaceId)
    {
        var ids = session
            .Prepare(
                $"SELECT id FROM connectors WHERE workspace_id = ? AND status = {(int)ConnectorStatus.Deleting} ORDER BY id"
            )
            .Add(workspaceId)
            .ToList(static row => row.Int64(0));
        return ids.Count == 0 ? null : $"[{string.Join(',', ids)}]";
    }

    private static SearchHit? Load(SqliteSession session, FoundPassage passage, double score) =>
        session
            .Prepare(
                """
                SELECT d.external_id, c.id - d.first_chunk, d.title, c.text, c.heading, ifnull(c.link, d.link), d.source_type,
                    d.metadata, d.owners, d.updated_at, d.boost
                FROM chunks c JOIN documents d ON d.id = c.document_id WHERE c.id = ?
                """
            )
            .Add(passage.Position.PassageId)
            .First(row =>
            {
                var text = row.Text(3)!;
                var (primary, secondary) = DocumentJson.ReadOwners(row.Text(8));
                return new SearchHit
                {
                    DocumentId = row.Text(0)!,
                    ChunkIndex = row.Int32(1),
                    Title = row.Text(2)!,
                    Text = text,
                    Blurb = Blurb(text),
                    Highlights = [],
                    Link = row.Text(5),
                    SourceType = row.Text(6)!,
                    Score = score,
                    Metadata = DocumentJson.ReadMetadata(row.Text(7)),
                    PrimaryOwners = primary,
                    SecondaryOwners = secondary,
                    UpdatedAt = row.Time(9),
                    Boost = row.Int32(10),
                };
            });

    /// <summary>The first 200 characters or so, cut between words.</summary>
    private static string Blurb(string text)
    {
        const int Length = 200;
        if (text.Length <= Length)
        {
            return text;
        }

        var cut = text.LastIndexOf(' ', Length);
        cut = cut < Length / 2 ? Length : cut;
        return char.IsHighSurrogate(text[cut - 1]) ? text[..(cut - 1)] : text[..cut];
    }

    /// <summary>The filters of a request as SQL over documents d; their values are bound in the same order.</summary>
    private sealed class Filters
    {
        private readonly StringBuilder _sql = new();
        private readonly List<Action<Statement>> _values = [];

        public Filters(SearchRequest request)
        {
            Add("AND d.source_type IN (SELECT value FROM json_each(?))", request.SourceTypes);
            Add(
                """
                AND EXISTS (SELECT 1 FROM holders h
                    WHERE h.document_id = d.id AND h.connector_id IN (SELECT value FROM json_each(?)))
                """,
                request.ConnectorIds
            );
            Add(
                """
                AND EXISTS (SELECT 1 FROM collection_connectors m JOIN holders h ON h.connector_id = m.connector_id
                    WHERE h.document_id = d.id AND m.collection_id IN (SELECT value FROM json_each(?)))
                """,
                request.CollectionIds
            );
            Add(
                """
                AND EXISTS (SELECT 1 FROM json_each(d.owners, '$.search') o
                    WHERE o.value IN (SELECT value FROM json_each(?)))
                """,
                [.. request.Owners.Select(owner => owner.ToLowerInvariant())]
            );
            Add(
                """
                AND NOT EXISTS (SELECT 1 FROM json_each(?) w WHERE NOT EXISTS (SELECT 1 FROM json_each(d.metadata) m
                    WHERE m.key = w.key AND (m.atom = w.value
                        OR (m.type = 'array' AND EXISTS (SELECT 1 FROM json_each(m.value) v WHERE v.value = w.value)))))
                """,
                request.Metadata
            );
            if (request.UpdatedAfter is { } after)
            {
                _sql.AppendLine("AND d.updated_at >= ?");
                _values.Add(statement => statement.Add(after));
            }

            if (request.UpdatedBefore is { } before)
            {
                _sql.AppendLine("AND d.updated_at < ?");
                _values.Add(statement => statement.Add(before));
            }
        }

        public string Sql => _sql.ToString();

        public void Bind(Statement statement) => _values.ForEach(bind => bind(statement));

        /// <summary>Values go in as one JSON text: the statement is the same however many there are, and prepared once.</summary>
        private void Add<T>(string sql, IReadOnlyCollection<T> values)
        {
            if (values.Count > 0)
            {
                _sql.AppendLine(sql);
                var json = JsonSerializer.Serialize<object>(values);
                _values.Add(statement => statement.Add(json));
            }
        }
    }
}
