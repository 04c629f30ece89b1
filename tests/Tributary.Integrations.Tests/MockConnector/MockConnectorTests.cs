using System.Text.Json;
using Tributary.Integrations.MockConnector;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;
using Tributary.Testing.Readers;

namespace Tributary.Integrations.Tests.MockConnector;

public class MockConnectorTests
{
    private const string Step = """
        {"documents": [{"id": "%ID%", "sections": [{"text": "t"}], "source": "web", "semantic_identifier": "n", "metadata": {}}],
         "checkpoint": {"has_more": %MORE%, "last_document_id": "%ID%"}, "failures": []}
        """;

    [Fact]
    public async Task Documents_are_as_scripted()
    {
        await using var server = await ScriptServer.StartAsync();
        server.Script = """
            [{"documents": [{
                "id": "d1", "title": "Title", "semantic_identifier": "Name", "source": "slack", "later": {"field": 1},
                "sections": [{"type": "text", "text": "one", "heading": "H"}, {"image_file_id": "i"}, {"text": "two", "link": "https://example.com/2"}],
                "metadata": {"tag": "a", "tags": ["b", "c"], "number": 3},
                "doc_updated_at": "2024-05-06T07:08:09", "primary_owners": [{"first_name": "Ann", "last_name": "Lee"}, null],
                "secondary_owners": [{"email": "bo@example.com"}],
                "external_access": {"is_public": false, "external_user_emails": ["bo@example.com"], "external_user_group_ids": ["g"]}
              }, null],
              "failures": [{"failed_entity": {"entity_id": "e1", "missed_time_range": ["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"]}, "failure_message": "Away."}],
              "checkpoint": {"has_more": false, "last_document_id": null}}]
            """;
        using var harness = Harness(server);

        var run = await harness.ReadAsync();

        var document = run.Found.ShouldHaveSingleItem();
        document.Title.ShouldBe("Title");
        document.SourceType.ShouldBe("slack");
        document.Link.ShouldBe("https://example.com/2");
        document.Sections.ShouldBe([new Section("one", null, "H"), new Section("two", "https://example.com/2")]);
        document.Metadata["tags"].ShouldBe(MetadataValue.FromList(["b", "c"]));
        document.Metadata["number"].ShouldBe("3");
        document.UpdatedAt.ShouldBe(new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.Zero));
        document.PrimaryOwners.ShouldBe([new Owner("Ann Lee")]);
        document.SecondaryOwners.ShouldBe([new Owner(null, "bo@example.com")]);
        document.Access!.Users.ShouldBe(["bo@example.com"]);
        run.Failed.ShouldHaveSingleItem()
            .ShouldBe(new ReadItem.Failed("e1", null, "Away. (missed: 2024-01-01T00:00:00Z to 2024-01-02T00:00:00Z)"));
        run.Items.Select(item => item.GetType().Name).ShouldBe(["Found", "Failed", "Checkpoint"]);
    }

    [Fact]
    public async Task Each_step_is_announced_with_the_checkpoint_that_it_is_called_with()
    {
        await using var server = await ScriptServer.StartAsync();
        server.Script = Script(("a", true), ("b", false));
        using var harness = Harness(server);

        await harness.ReadAsync();
        await harness.ReadAsync();

        server
            .Checkpoints.ToArray()
            .ShouldBe(
                [
                    """{"has_more":true,"last_document_id":null}""",
                    """{"has_more":true,"last_document_id":"a"}""",
                    """{"has_more":true,"last_document_id":null}""",
                    """{"has_more":true,"last_document_id":"a"}""",
                ],
                customMessage: "a run after a good end begins anew"
            );
    }

    [Fact]
    public async Task A_run_that_was_cut_off_hands_its_last_checkpoint_back()
    {
        await using var server = await ScriptServer.StartAsync();
        server.Script = Script(("a", true), ("b", false));
        using var harness = Harness(server);

        await harness.ReadAsync(crashAfter: 2);
        await harness.ReadAsync();

        server.Checkpoints.ElementAt(1).ShouldBe("""{"has_more":true,"last_document_id":"a"}""");
    }

    [Fact]
    public async Task A_scripted_crash_comes_after_the_announcement_and_before_any_document()
    {
        await using var server = await ScriptServer.StartAsync();
        server.Script = Script(("a", true), ("b", false))
            .Replace("\"failures\": []}]", "\"failures\": [], \"unhandled_exception\": \"Boom\"}]");
        using var harness = Harness(server);

        var crash = await Should.ThrowAsync<SourceException>(() => harness.ReadAsync());

        crash.Message.ShouldBe("Boom");
        server.Checkpoints.Count.ShouldBe(2);
        harness.Documents.Keys.ShouldBe(["a"]);
    }

    [Theory]
    [InlineData("[]", "0 steps")]
    [InlineData("""[{"documents": [], "failures": [], "checkpoint": {"has_more": true}}]""", "1 steps")]
    [InlineData("""[{"documents": [], "failures": []}]""", "no checkpoint")]
    [InlineData("""[{"documents": [{"sections": []}], "failures": [], "checkpoint": {"has_more": false}}]""", "no id")]
    public async Task A_script_that_does_not_end_is_told(string script, string why)
    {
        await using var server = await ScriptServer.StartAsync();
        server.Script = script;
        using var harness = Harness(server);

        var fault = await Should.ThrowAsync<SourceException>(() => harness.ReadAsync());

        fault.Kind.ShouldBe(FailureKind.Source);
        fault.Message.ShouldContain(why);
    }

    [Fact]
    public async Task Live_ids_in_the_script_decide_what_a_listing_says()
    {
        await using var server = await ScriptServer.StartAsync();
        server.Script = """
            [{"documents": [{"id": "a", "sections": [], "source": "web", "semantic_identifier": "n", "metadata": {}}], "failures": [],
              "checkpoint": {"has_more": false, "last_document_id": null}, "live_ids": ["b", "c"]}]
            """;
        using var harness = Harness(server);

        (await harness.ListAsync()).ShouldBe(["b", "c"]);
    }

    [Fact]
    public async Task Without_a_host_it_is_accepted_with_any_members_and_never_runs()
    {
        var integration = new MockConnectorIntegration();
        using var sample = JsonDocument.Parse("""{"base_url": "https://example.com", "mintlify_cleanup": false}""");
        var problems = new List<SettingsProblem>();
        var config = SettingsReader.Read<MockConnectorConfig>(
            sample.RootElement,
            integration.Manifest.AcceptsAnySettings ? UnknownMembers.Ignored : UnknownMembers.Refused,
            problems
        );

        problems.ShouldBeEmpty();
        integration.HasRuns(config!).ShouldBeFalse();
        using var harness = new ReaderHarness(integration, config!);
        await harness.CheckAsync();
        (await harness.ReadAsync()).Items.ShouldBeEmpty();
        await Should.ThrowAsync<SourceException>(() => harness.ListAsync());
    }

    [Theory]
    [InlineData("""{"mock_server_host": "mock"}""", "mock_server_port")]
    [InlineData("""{"mock_server_host": "http://mock", "mock_server_port": 80}""", "mock_server_host")]
    [InlineData("""{"mock_server_host": "mock", "mock_server_port": 0}""", "mock_server_port")]
    public void A_host_without_a_port_or_with_more_than_a_name_is_a_mistake(string json, string member)
    {
        var problems = new List<SettingsProblem>();
        using var config = JsonDocument.Parse(json);
        SettingsReader.Read<MockConnectorConfig>(config.RootElement, UnknownMembers.Ignored, problems);

        problems.ShouldHaveSingleItem().Path.ShouldBe([member]);
    }

    [Fact]
    public async Task A_check_tells_the_operator_how_to_allow_a_private_network()
    {
        await using var server = await ScriptServer.StartAsync();
        using var harness = Harness(server);
        harness.Config = new MockConnectorConfig { MockServerHost = "127.0.0.1", MockServerPort = 1 };

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());

        refusal.Message.ShouldContain("AllowedNetworks");
        refusal.Member.ShouldBe("config.mock_server_host");
    }

    private static ReaderHarness Harness(ScriptServer server) => new(new MockConnectorIntegration(), server.Config);

    private static string Script(params (string Id, bool HasMore)[] steps) =>
        $"[{string.Join(',', steps.Select(step => Step.Replace("%ID%", step.Id).Replace("%MORE%", step.HasMore ? "true" : "false")))}]";
}
