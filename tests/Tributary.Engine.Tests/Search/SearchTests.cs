using Tributary.Engine.Collections;
using Tributary.Engine.Ingestion;
using Tributary.Engine.Search;
using Tributary.Sdk.Documents;

namespace Tributary.Engine.Tests.Search;

public class SearchTests
{
    private static Task PushAsync(EngineHarness engine, params Document[] documents) =>
        engine.Get<IPushService>().PushAsync(engine.Caller, null, documents, default);

    private static Document Document(string id, string text, string? title = null) =>
        new()
        {
            Id = id,
            Title = title ?? id,
            Sections = [new Section(text)],
        };

    [Fact]
    public async Task Words_are_found_in_other_forms_and_without_their_accents()
    {
        await using var engine = await EngineHarness.StartAsync();
        await PushAsync(engine, Document("a", "The gardener waters his rosés"), Document("b", "Nothing of the kind"));

        (await engine.SearchAsync("watering gardeners")).ShouldBe(["a"]);
        (await engine.SearchAsync("roses")).ShouldBe(["a"]);
    }

    [Fact]
    public async Task Phrases_prefixes_and_exclusions_are_understood()
    {
        await using var engine = await EngineHarness.StartAsync();
        await PushAsync(
            engine,
            Document("a", "red apple green pear"),
            Document("b", "green apple red pear"),
            Document("c", "appliance")
        );

        (await engine.SearchAsync("\"red apple\"")).ShouldBe(["a"]);
        (await engine.SearchAsync("applia*")).ShouldBe(["c"]);
        (await engine.SearchAsync("apple -\"red apple\"")).ShouldBe(["b"]);
    }

    [Theory]
    [InlineData("\"")]
    [InlineData("AND OR NOT")]
    [InlineData("title:x {y} ^z NEAR(a b)")]
    [InlineData("'; DROP TABLE documents; --")]
    [InlineData("\0 \ud800 ***")]
    [InlineData("-")]
    [InlineData("(((((")]
    public async Task Nothing_that_people_type_is_an_error(string query)
    {
        await using var engine = await EngineHarness.StartAsync();
        await PushAsync(engine, Document("a", "text"));

        await engine.SearchAsync(query);
    }

    [Fact]
    public async Task A_question_finds_the_passage_that_has_most_of_its_words()
    {
        await using var engine = await EngineHarness.StartAsync();
        await PushAsync(
            engine,
            Document("rotate", "To rotate the signing key, run the rotate command and restart."),
            Document("other", "How to do something else entirely is what this page is about.")
        );

        (await engine.SearchAsync("How do I rotate the signing key of my server?"))[0].ShouldBe("rotate");
    }

    [Fact]
    public async Task Texts_without_spaces_are_found_by_their_words()
    {
        await using var engine = await EngineHarness.StartAsync();
        await PushAsync(engine, Document("zh", "全文搜索引擎支持中文"), Document("ja", "検索エンジンの設定"));

        (await engine.SearchAsync("搜索")).ShouldBe(["zh"]);
        (await engine.SearchAsync("エンジン")).ShouldBe(["ja"]);
        var page = await engine
            .Get<ISearchService>()
            .SearchAsync(engine.Caller, new SearchRequest { Query = "搜索" }, default);
        page.Hits[0].Highlights.ShouldBe(["全文<hi>搜索</hi>引擎支持中文"]);
    }

    [Fact]
    public async Task Matches_are_marked()
    {
        await using var engine = await EngineHarness.StartAsync();
        await PushAsync(engine, Document("a", "The quick brown fox jumps over the lazy dog"));

        var page = await engine
            .Get<ISearchService>()
            .SearchAsync(engine.Caller, new SearchRequest { Query = "jumping fox" }, default);
        page.Hits[0].Highlights.ShouldBe(["The quick brown <hi>fox</hi> <hi>jumps</hi> over the lazy dog"]);
    }

    [Theory]
    [InlineData("zebra", "zebra")]
    [InlineData("zebras", "zebra")]
    [InlineData("ZÈBRA", "zebra")]
    public async Task Matches_deep_in_a_long_passage_are_marked(string query, string marked)
    {
        await using var engine = await EngineHarness.StartAsync();
        var filler = string.Join(' ', Enumerable.Repeat("grass", 150));
        await PushAsync(engine, Document("a", $"{filler} one zebra stands here {filler}"));

        var page = await engine
            .Get<ISearchService>()
            .SearchAsync(engine.Caller, new SearchRequest { Query = query }, default);

        var text = page.Hits[0].Highlights.ShouldHaveSingleItem();
        text.ShouldContain($"one <hi>{marked}</hi> stands here");
        text.ShouldStartWith("…");
    }

    [Fact]
    public async Task Every_filter_confines()
    {
        await using var engine = await EngineHarness.StartAsync();
        var time = engine.Time.GetUtcNow();
        await PushAsync(
            engine,
            Document("a", "apple") with
            {
                SourceType = "web",
                UpdatedAt = time.AddDays(-10),
                PrimaryOwners = [new Owner("Ada Lovelace", "ada@example.com")],
                Metadata = new Dictionary<string, MetadataValue> { ["team"] = "red", ["tags"] = new[] { "x", "y" } },
            },
            Document("b", "apple") with
            {
                UpdatedAt = time,
            }
        );
        engine.Source.Items["c"] = "apple";
        var connector = await engine.CreateAsync();
        await engine.FireAsync(connector);
        var collection = await engine
            .Get<ICollectionService>()
            .CreateAsync(engine.Caller, "C", [connector.Id], default);

        (await engine.SearchAsync("apple")).Order().ShouldBe(["a", "b", "c"]);
        (await engine.SearchAsync("apple", request => request with { SourceTypes = ["web"] })).ShouldBe(["a"]);
        (await engine.SearchAsync("apple", request => request with { ConnectorIds = [connector.Id] })).ShouldBe(["c"]);
        (await engine.SearchAsync("apple", request => request with { CollectionIds = [collection.Id] })).ShouldBe([
            "c",
        ]);
        (await engine.SearchAsync("apple", request => request with { Owners = ["ADA@example.com"] })).ShouldBe(["a"]);
        (
            await engine.SearchAsync(
                "apple",
                request => request with { Metadata = new Dictionary<string, string> { ["team"] = "red" } }
            )
        ).ShouldBe(["a"]);
        (
            await engine.SearchAsync(
                "apple",
                request => request with { Metadata = new Dictionary<string, string> { ["tags"] = "y" } }
            )
        ).ShouldBe(["a"]);
        (await engine.SearchAsync("apple", request => request with { UpdatedAfter = time.AddDays(-1) })).ShouldBe([
            "b",
        ]);
        (await engine.SearchAsync("apple", request => request with { UpdatedBefore = time.AddDays(-1) })).ShouldBe([
            "a",
        ]);
    }

    [Fact]
    public async Task Newer_documents_go_first_unless_age_is_not_to_count()
    {
        await using var engine = await EngineHarness.StartAsync();
        var now = engine.Time.GetUtcNow();
        await PushAsync(
            engine,
            Document("old", "apple pie") with
            {
                UpdatedAt = now.AddYears(-3),
            },
            Document("new", "apple pie recipe") with
            {
                UpdatedAt = now,
            }
        );

        (await engine.SearchAsync("apple"))[0].ShouldBe("new");
        (await engine.SearchAsync("apple", request => request with { RecencyBias = 0 }))[0].ShouldBe("old");
    }

    [Fact]
    public async Task Paging_by_cursor_meets_every_document_once()
    {
        await using var engine = await EngineHarness.StartAsync();
        for (var batch = 0; batch < 3; batch++)
        {
            await PushAsync(engine, [.. Enumerable.Range(0, 100).Select(i => Document($"d{batch}-{i}", "apple"))]);
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await engine
                .Get<ISearchService>()
                .SearchAsync(
                    engine.Caller,
                    new SearchRequest
                    {
                        Query = "apple",
                        Limit = 100,
                        Cursor = cursor,
                    },
                    default
                );
            seen.AddRange(page.Hits.Select(hit => hit.DocumentId));
            cursor = page.NextCursor;
        } while (cursor is not null);

        seen.Count.ShouldBe(300);
        seen.Distinct().Count().ShouldBe(300);
    }
}
