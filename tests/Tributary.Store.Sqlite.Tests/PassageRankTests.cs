using System.Globalization;
using Tributary.Store.Sqlite.FullText;

namespace Tributary.Store.Sqlite.Tests;

public class PassageRankTests
{
    private static readonly string[] Vocabulary = ["lake", "river", "deploy", "deployment", "the", "straße", "図", "a"];

    [Theory]
    [InlineData("\"lake\" AND \"river\"")]
    [InlineData("\"lake\" OR \"deploy\" OR \"nowhere\"")]
    [InlineData("\"the lake\" OR \"strasse\"")]
    [InlineData("\"dep\" * AND \"the\"")]
    [InlineData("(\"the\") NOT (\"river\")")]
    public async Task Ranks_as_the_index_itself_would(string query)
    {
        using var store = new StoreFixture();
        await FillAsync(store, 400);

        var (ours, theirs) = await RanksAsync(store, query);

        ours.Count.ShouldBeGreaterThan(10);
        ours.Keys.ShouldBe(theirs.Keys, ignoreOrder: true);
        foreach (var (row, rank) in ours)
        {
            rank.ShouldBe(theirs[row], 1e-12);
        }
    }

    [Fact]
    public async Task In_a_large_index_a_count_that_was_made_lately_is_taken()
    {
        using var store = new StoreFixture();
        await FillAsync(store, 6_000);
        var statistics = new TermStatistics();
        var (counted, taken) = await store.Database.ReadAsync(session =>
        {
            var parts = new FullTextParts(session.Connection.Handle!, statistics);
            var first = Best(session);
            statistics.Note("river ", 0.0001, 6_000);
            var second = Best(session);
            parts.Tokenizer.Dispose();
            return (first, second);
        });

        statistics.Find("river ", 6_000).ShouldBe(0.0001);
        taken.ShouldBeLessThan(counted * 2);

        static double Best(SqliteSession session) =>
            session
                .Prepare(
                    "SELECT rank FROM chunk_index WHERE chunk_index MATCH '\"river\"' AND rank MATCH 'passage_rank(2.0, 1.0)' ORDER BY rank LIMIT 1"
                )
                .First(row => row.Real(0));
    }

    [Fact]
    public void A_count_serves_only_while_the_index_is_nearly_as_large()
    {
        var statistics = new TermStatistics();
        statistics.Note("lake", 0.25, 10_000);
        statistics.Note("small", 0.25, 100);

        statistics.Find("lake", 10_000).ShouldBe(0.25);
        statistics.Find("lake", 10_100).ShouldBe(0.25);
        statistics.Find("lake", 10_200).ShouldBeNull();
        statistics.Find("river", 10_000).ShouldBeNull();
        statistics.Find("small", 100).ShouldBeNull();
    }

    [Fact]
    public async Task The_tokenizer_gives_the_index_s_words_and_where_they_stand()
    {
        using var store = new StoreFixture();
        var tokens = await store.Database.ReadAsync(session =>
            session.FullText.Tokenizer.Tokenize("Züge, deploying – 3.5 "u8).ToList()
        );
        tokens
            .Select(token => string.Create(CultureInfo.InvariantCulture, $"{token.Stem}@{token.Start}-{token.End}"))
            .ShouldBe(["zuge@0-5", "deploi@7-16", "3@21-22", "5@23-24"]);
    }

    private static Task FillAsync(StoreFixture store, int count) =>
        store.Database.WriteAsync(session =>
        {
            var random = new Random(1);
            for (var i = 1; i <= count; i++)
            {
                var words = Enumerable.Range(0, 3 + random.Next(60)).Select(_ => Vocabulary[random.Next(8)]);
                session
                    .Prepare("INSERT INTO chunk_index (rowid, title, text) VALUES (?, ?, ?)")
                    .Add((long)i)
                    .Add(Vocabulary[random.Next(8)])
                    .Add(string.Join(' ', words))
                    .Run();
            }
        });

    private static async Task<(Dictionary<long, double> Ours, Dictionary<long, double> Theirs)> RanksAsync(
        StoreFixture store,
        string query
    )
    {
        return (await AskAsync("passage_rank(2.0, 1.0)"), await AskAsync("bm25(2.0, 1.0)"));

        async Task<Dictionary<long, double>> AskAsync(string rank) =>
            await store.Database.ReadAsync(session =>
            {
                session.FullText.Rank.HasPrefixes = query.Contains('*');
                return session
                    .Prepare($"SELECT rowid, rank FROM chunk_index WHERE chunk_index MATCH ? AND rank MATCH '{rank}'")
                    .Add(query)
                    .ToList(row => (row.Int64(0), row.Real(1)))
                    .ToDictionary();
            });
    }
}
