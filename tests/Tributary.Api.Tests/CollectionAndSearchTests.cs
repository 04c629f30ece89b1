using System.Net;
using System.Text.Json;
using Tributary.Engine.Search;
using Tributary.Sdk.Documents;

namespace Tributary.Api.Tests;

public class CollectionAndSearchTests
{
    [Fact]
    public async Task A_collection_is_made_listed_changed_and_deleted_and_leaves_its_sources()
    {
        await using var api = await ApiServer.StartAsync();
        var source = await SourceTests.CreateAsync(api);

        var made = (
            await api.SendAsync("POST", "/v1/collections/create", $$"""{"name":"C","sources":[{{source}}]}""")
        ).ShouldBeFine();
        var id = made.Json.GetProperty("id").GetInt64();
        made.Text.ShouldBe(
            $$$"""{"id":{{{id}}},"name":"C","sources":[{"id":{{{source}}},"name":"Docs","type":"web","configuration":{"base_url":"https://docs.example.com"}}]}"""
        );
        (await api.SendAsync("GET", "/v1/collections"))
            .ShouldBeFine()
            .Json.GetProperty("items")
            .GetArrayLength()
            .ShouldBe(1);
        var changed = await api.SendAsync("PATCH", $"/v1/collections/{id}", """{"name":"D","sources":[]}""");
        changed.ShouldBeFine().Text.ShouldBe($$"""{"id":{{id}},"name":"D","sources":[]}""");
        (await api.SendAsync("DELETE", $"/v1/collections/{id}")).ShouldBeFine();
        (await api.SendAsync("DELETE", $"/v1/collections/{id}")).Should(HttpStatusCode.NotFound);
        (await api.SendAsync("GET", $"/v1/sources/{source}")).ShouldBeFine();
    }

    [Fact]
    public async Task Ids_that_are_no_sources_are_refused()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await api.SendAsync("POST", "/v1/collections/create", """{"name":"C","sources":[77]}""");

        answer.Should(HttpStatusCode.NotFound).Detail!.ShouldContain("77");
    }

    [Fact]
    public async Task A_search_answers_with_sentences_and_citations()
    {
        await using var api = await ApiServer.StartAsync();
        api.Engine.Documents["d"] = (
            1,
            new Document
            {
                Id = "d",
                Title = "Deploying",
                Link = "https://example.com/d",
                Sections = [new("To deploy, push the button. Lunch is at noon.")],
                Metadata = new Dictionary<string, MetadataValue> { ["k"] = "v", ["l"] = new[] { "1" } },
                PrimaryOwners = [new Owner("Ada")],
            }
        );

        var answer = (await api.SendAsync("POST", "/v1/search", """{"query":"deploy"}""")).ShouldBeFine().Json;

        answer.GetProperty("answer").GetString().ShouldBe("To deploy, push the button. [1]");
        answer.GetProperty("chat_session_id").GetGuid().ShouldNotBe(Guid.Empty);
        answer.GetProperty("next_cursor").ValueKind.ShouldBe(JsonValueKind.Null);
        var citation = answer.GetProperty("citations")[0];
        citation
            .EnumerateObject()
            .Select(member => member.Name)
            .ShouldBe([
                "document_id",
                "chunk_ind",
                "semantic_identifier",
                "blurb",
                "source_type",
                "boost",
                "hidden",
                "metadata",
                "match_highlights",
                "link",
                "score",
                "is_relevant",
                "relevance_explanation",
                "updated_at",
                "primary_owners",
                "secondary_owners",
                "is_internet",
            ]);
        citation.GetProperty("metadata").GetRawText().ShouldBe("""{"k":"v","l":["1"]}""");
        citation.GetProperty("match_highlights")[0].GetString().ShouldBe("<hi>deploy</hi>");
    }

    [Fact]
    public async Task Filters_and_paging_reach_the_engine()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await api.SendAsync(
            "POST",
            "/v1/search",
            """
            {"query":"q","chat_session_id":"3c90c3cc-0d44-4b50-8888-8dd25736052a","agent_id":0,"use_agentic_search":true,
             "recency_bias_multiplier":0.5,"model":"gpt-4.1","limit":5,"cursor":"c",
             "filters":{"source_type":["web"],"source_ids":[1],"collection_ids":[2],"owners":["ada"],"metadata":{"k":"v"},
                        "updated_after":"2025-01-01","updated_before":"2025-02-01T00:00:00Z"}}
            """
        );

        answer
            .ShouldBeFine()
            .Json.GetProperty("chat_session_id")
            .GetString()
            .ShouldBe("3c90c3cc-0d44-4b50-8888-8dd25736052a");
        var request = api.Engine.Searches.Single();
        (request.Query, request.Limit, request.Cursor, request.RecencyBias).ShouldBe(("q", 5, "c", 0.5));
        request.SourceTypes.ShouldBe(["web"]);
        request.ConnectorIds.ShouldBe([1L]);
        request.CollectionIds.ShouldBe([2L]);
        request.Owners.ShouldBe(["ada"]);
        request.Metadata["k"].ShouldBe("v");
        request.UpdatedAfter.ShouldBe(new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero));
        request.UpdatedBefore.ShouldBe(new DateTimeOffset(2025, 2, 1, 0, 0, 0, TimeSpan.Zero));
    }

    [Theory]
    [InlineData("""{"query":""}""", "body.query:string_too_short")]
    [InlineData("""{"query":"  "}""", "body.query:string_pattern_mismatch")]
    [InlineData("""{"query":"q","limit":101}""", "body.limit:less_than_equal")]
    [InlineData("""{"query":"q","chat_session_id":"x"}""", "body.chat_session_id:uuid_parsing")]
    [InlineData("""{"query":"q","filters":{"metadata":{"k":[]}}}""", "body.filters.metadata.k:string_type")]
    [InlineData("""{"query":"q","recency_bias_multiplier":-1}""", "body.recency_bias_multiplier:greater_than_equal")]
    public async Task A_search_of_the_wrong_shape_is_refused(string body, string mistake)
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await api.SendAsync("POST", "/v1/search", body);

        answer.Should(HttpStatusCode.UnprocessableEntity).Mistakes[0].ShouldBe(mistake);
    }
}

public class ExtractiveAnswerTests
{
    private static SearchHit Hit(string text) =>
        new()
        {
            DocumentId = "d",
            ChunkIndex = 0,
            Title = "t",
            Text = text,
            Blurb = text,
            Highlights = [],
            SourceType = "web",
            Score = 1,
            Metadata = new Dictionary<string, MetadataValue>(),
            PrimaryOwners = [],
            SecondaryOwners = [],
        };

    [Fact]
    public void The_sentences_with_most_words_are_picked_and_read_in_rank_order()
    {
        var answer = ExtractiveAnswer.Of(
            "rotate api keys",
            [Hit("Keys open doors. Nothing here."), Hit("Rotate the API keys monthly!\nUnrelated."), Hit("Cats.")]
        );

        answer.ShouldBe("Keys open doors. [1] Rotate the API keys monthly! [2]");
    }

    [Fact]
    public void Without_a_matching_word_the_best_passage_begins_the_answer()
    {
        ExtractiveAnswer.Of("naïve", [Hit("Something else.")]).ShouldBe("Something else. [1]");
    }

    [Fact]
    public void No_hits_give_an_answer_that_says_so()
    {
        ExtractiveAnswer.Of("anything", []).ShouldBe("Nothing was found.");
    }

    [Fact]
    public void A_sentence_without_end_is_cut_between_characters()
    {
        var answer = ExtractiveAnswer.Of("x", [Hit("x" + string.Concat(Enumerable.Repeat("😀", 1_000)))]);

        answer.Length.ShouldBeLessThan(420);
        answer.ShouldEndWith("😀 … [1]");
    }

    [Fact]
    public void The_same_sentence_in_two_passages_is_given_once()
    {
        ExtractiveAnswer.Of("cat", [Hit("A cat."), Hit("A cat.")]).ShouldBe("A cat. [1]");
    }
}
