using System.Text;
using Tributary.Engine.Connectors;
using Tributary.Engine.Ingestion;
using Tributary.Engine.Search;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="ISearchIndex"/>
internal sealed class SqliteSearchIndex(SqliteDatabase database) : ISearchIndex
{
    /// <summary>A title's words weigh twice as much as the text's.</summary>
    private const string Weights = "bm25(2.0, 1.0)";

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
                // FTS5 hands its rows over in the order of their rank; the joins only look at as many as the limit needs.
                var (first, last) = Numbers.Range(workspaceId);
                var filters = new Filters(request);
                var statement = session
                    .Prepare(
                        $"""
                        SELECT f.rank, f.rowid, d.id, d.updated_at, d.boost FROM chunk_index f
                        CROSS JOIN chunks c ON c.id = f.rowid CROSS JOIN documents d ON d.id = c.document_id
                        WHERE f.chunk_index MATCH ? AND f.rank MATCH '{Weights}' AND f.rowid BETWEEN ? AND ?
                          AND d.hidden = 0 {filters.Sql}
                          AND (d.holder_count > 1 OR NOT EXISTS (
                            SELECT 1 FROM connectors x JOIN holders h ON h.connector_id = x.id AND h.document_id = d.id
                            WHERE x.workspace_id = ? AND x.status = {(int)ConnectorStatus.Deleting}))
                        ORDER BY f.rank
                        """
                    )
                    .Add(FtsQuery.Write(query))
                    .Add(first)
                    .Add(last);
                filters.Bind(statement);
                statement.Add(workspaceId);
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

                return Highlighter.Mark(session, FtsQuery.Write(query), hits);
            },
            cancellationToken
        );

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
            if (request.SourceTypes.Count > 0)
            {
                Add($"AND d.source_type IN ({Marks(request.SourceTypes.Count)})", request.SourceTypes);
            }

            if (request.ConnectorIds.Count > 0)
            {
                Add(
                    $"AND EXISTS (SELECT 1 FROM holders h WHERE h.document_id = d.id AND h.connector_id IN ({Marks(request.ConnectorIds.Count)}))",
                    request.ConnectorIds
                );
            }

            if (request.CollectionIds.Count > 0)
            {
                Add(
                    $"""
                    AND EXISTS (SELECT 1 FROM collection_connectors m JOIN holders h ON h.connector_id = m.connector_id
                        WHERE h.document_id = d.id AND m.collection_id IN ({Marks(request.CollectionIds.Count)}))
                    """,
                    request.CollectionIds
                );
            }

            if (request.Owners.Count > 0)
            {
                Add(
                    $"""
                    AND EXISTS (SELECT 1 FROM json_each(d.owners, '$.search') o
                        WHERE o.value IN ({Marks(request.Owners.Count)}))
                    """,
                    [.. request.Owners.Select(owner => owner.ToLowerInvariant())]
                );
            }

            foreach (var (name, value) in request.Metadata)
            {
                _sql.AppendLine(
                    """
                    AND EXISTS (SELECT 1 FROM json_each(d.metadata) m
                        WHERE m.key = ? AND (m.atom = ? OR (m.type = 'array' AND EXISTS (SELECT 1 FROM json_each(m.value) v WHERE v.value = ?))))
                    """
                );
                _values.Add(statement => statement.Add(name).Add(value).Add(value));
            }

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

        private void Add(string sql, IReadOnlyList<string> values)
        {
            _sql.AppendLine(sql);
            _values.AddRange(values.Select(value => (Action<Statement>)(statement => statement.Add(value))));
        }

        private void Add(string sql, IReadOnlyList<long> values)
        {
            _sql.AppendLine(sql);
            _values.AddRange(values.Select(value => (Action<Statement>)(statement => statement.Add(value))));
        }

        private static string Marks(int count) => string.Join(", ", Enumerable.Repeat("?", count));
    }
}
