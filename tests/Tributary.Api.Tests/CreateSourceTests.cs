using System.Net;
using System.Text.Json;

namespace Tributary.Api.Tests;

public class CreateSourceTests
{
    // The sample of the published page, placeholders included.
    private const string PublishedSample = """
        {
          "name": "<string>",
          "type": "ingestion_api",
          "config": {
            "base_url": "<string>",
            "web_connector_type": "recursive",
            "mintlify_cleanup": false,
            "scroll_before_scraping": true
          },
          "credential": { "credentials": { "slack_bot_token": "<string>" } },
          "refresh_freq": 123,
          "prune_freq": 123
        }
        """;

    private const string Web =
        """{"name":"Docs","type":"web","config":{"base_url":"https://docs.example.com"},"credential":{"credentials":{}}}""";

    [Fact]
    public async Task The_published_sample_works_verbatim_and_answers_with_four_members()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = (await api.SendAsync("POST", "/v1/sources/create", PublishedSample)).ShouldBeFine();

        answer
            .Json.EnumerateObject()
            .Select(member => member.Name)
            .ShouldBe(["connector_id", "credential_id", "status", "message"]);
        answer.Json.GetProperty("connector_id").ValueKind.ShouldBe(JsonValueKind.Number);
        answer.Json.GetProperty("credential_id").ValueKind.ShouldBe(JsonValueKind.Number);
        answer.Json.GetProperty("status").GetString().ShouldBe("success");
    }

    [Fact]
    public async Task A_source_that_is_read_says_that_indexing_is_scheduled()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = (await api.SendAsync("POST", "/v1/sources/create", Web)).ShouldBeFine();

        answer.Json.GetProperty("message").GetString().ShouldBe("Connector created and indexing scheduled");
    }

    [Fact]
    public async Task Every_mistake_is_named_at_once_also_those_inside_the_config()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await api.SendAsync(
            "POST",
            "/v1/sources/create",
            """{"type":"web","config":{"web_connector_type":"sideways","colour":"red"},"credential":{},"refresh_freq":"often","prune_freq":-1}"""
        );

        answer
            .Should(HttpStatusCode.UnprocessableEntity)
            .Mistakes.ShouldBe(
                [
                    "body.name:missing",
                    "body.credential.credentials:missing",
                    "body.refresh_freq:int_parsing",
                    "body.prune_freq:greater_than_equal",
                    "body.config.base_url:missing",
                    "body.config.web_connector_type:enum",
                    "body.config.colour:extra_forbidden",
                ],
                ignoreOrder: true
            );
    }

    [Fact]
    public async Task An_unknown_type_is_a_mistake_that_lists_the_legal_ones()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await api.SendAsync("POST", "/v1/sources/create", Web.Replace("\"web\"", "\"webb\""));

        answer.Should(HttpStatusCode.UnprocessableEntity).Mistakes.ShouldBe(["body.type:enum"]);
        var message = answer.Json.GetProperty("detail")[0].GetProperty("msg").GetString()!;
        foreach (var type in api.Engine.Catalog.KnownTypes)
        {
            message.ShouldContain($"'{type}'");
        }
    }

    [Fact]
    public async Task A_known_type_that_this_version_cannot_read_is_refused_by_name()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await api.SendAsync("POST", "/v1/sources/create", Web.Replace("\"web\"", "\"slack\""));

        answer.Should(HttpStatusCode.BadRequest);
        answer.Detail!.ShouldContain("'slack'");
        answer.Detail!.ShouldContain("cannot be read by this version");
    }

    [Fact]
    public async Task What_the_engine_finds_wrong_is_located_where_the_request_has_it()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await api.SendAsync(
            "POST",
            "/v1/sources/create",
            """{"name":"Code","type":"github","config":{},"credential":{"credentials":{}}}"""
        );

        answer
            .Should(HttpStatusCode.UnprocessableEntity)
            .Mistakes.ShouldBe([
                "body.config.repo_owner:missing",
                "body.credential.credentials.github_access_token:missing",
            ]);
    }

    [Fact]
    public async Task A_source_that_refuses_leaves_nothing_behind()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await api.SendAsync(
            "POST",
            "/v1/sources/create",
            Web.Replace("docs.example.com", "refused.example.com")
        );

        answer.Should(HttpStatusCode.BadRequest);
        answer.Detail.ShouldBe("Connector validation error: the site refused.");
        api.Engine.Connectors.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_same_name_twice_is_refused()
    {
        await using var api = await ApiServer.StartAsync();
        (await api.SendAsync("POST", "/v1/sources/create", Web)).ShouldBeFine();

        var answer = await api.SendAsync("POST", "/v1/sources/create", Web);

        answer.Should(HttpStatusCode.BadRequest);
        answer.Detail.ShouldBe("Connector by this name already exists, duplicate naming not allowed.");
    }

    [Theory]
    [InlineData("0", HttpStatusCode.OK)]
    [InlineData("\"60\"", HttpStatusCode.OK)]
    [InlineData("null", HttpStatusCode.OK)]
    [InlineData("315576000", HttpStatusCode.OK)]
    [InlineData("-1", HttpStatusCode.UnprocessableEntity)]
    [InlineData("315576001", HttpStatusCode.UnprocessableEntity)]
    [InlineData("9223372036854775807", HttpStatusCode.UnprocessableEntity)]
    [InlineData("1e400", HttpStatusCode.UnprocessableEntity)]
    [InlineData("1.5", HttpStatusCode.UnprocessableEntity)]
    [InlineData("[]", HttpStatusCode.UnprocessableEntity)]
    public async Task A_frequency_is_a_number_of_seconds_up_to_ten_years(string value, HttpStatusCode status)
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await api.SendAsync(
            "POST",
            "/v1/sources/create",
            Web.Replace("\"name\"", $"\"refresh_freq\":{value},\"prune_freq\":{value},\"name\"")
        );

        answer.Should(status);
    }

    [Fact]
    public async Task Readers_may_not_create()
    {
        await using var api = await ApiServer.StartAsync();

        (await api.SendAsync("POST", "/v1/sources/create", Web, "reader-token")).Should(HttpStatusCode.Forbidden);
    }
}
