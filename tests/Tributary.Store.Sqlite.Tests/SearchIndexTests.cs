using Tributary.Engine.Search;

namespace Tributary.Store.Sqlite.Tests;

public class SearchIndexTests
{
    [Fact]
    public async Task However_many_values_a_filter_has_the_statement_is_prepared_once()
    {
        using var store = new StoreFixture();
        var index = new SqliteSearchIndex(store.Database);
        for (var count = 1; count <= 20; count++)
        {
            var request = new SearchRequest
            {
                Query = "lakes",
                SourceTypes = [.. Enumerable.Range(0, count).Select(i => $"type{i}")],
                ConnectorIds = [.. Enumerable.Range(0, count)],
                CollectionIds = [.. Enumerable.Range(0, count)],
                Owners = [.. Enumerable.Range(0, count).Select(i => $"owner{i}")],
                Metadata = Enumerable.Range(0, count).ToDictionary(i => $"name{i}", i => $"value{i}"),
            };
            await index.FindAsync(1, TextQuery.Parse("lakes"), request, null, 10, default);
        }

        (
            await store.Database.ReadAsync(session => session.Prepared.Count(sql => sql.Contains("chunk_index")))
        ).ShouldBe(1);
    }

    [Fact]
    public async Task A_text_with_a_nul_in_it_comes_back_whole()
    {
        using var store = new StoreFixture();
        var text = await store.Database.ReadAsync(session =>
            session.Prepare("SELECT ?").Add("before\0after").First(row => row.Text(0))
        );
        text.ShouldBe("before\0after");
    }

    [Theory]
    [InlineData("\"")]
    [InlineData("a\"b NEAR(c, 2) AND")]
    [InlineData("col:x ^y {z} +w -v")]
    [InlineData("\u200B\uFE0F a\u0301 \uD800 \0 *")]
    [InlineData("-\"not this\" 'OR' NOT")]
    [InlineData("图书馆* -图")]
    public async Task Whatever_people_type_is_a_legal_query(string typed)
    {
        using var store = new StoreFixture();
        var query = TextQuery.Parse(typed);
        if (query.Terms.Count > 0)
        {
            var index = new SqliteSearchIndex(store.Database);
            (await index.FindAsync(1, query, new SearchRequest { Query = typed }, null, 10, default)).ShouldBeEmpty();
            await index.FindAsync(1, query.Loosened(), new SearchRequest { Query = typed }, null, 10, default);
        }
    }
}
