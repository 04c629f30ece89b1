using Tributary.Engine.Runs;
using Tributary.Sdk.Reading;

namespace Tributary.Engine.Tests.Runs;

/// <summary>What a reader says last of a document is what stays.</summary>
public class ReadOrderTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(3_000)]
    public async Task A_document_that_was_deleted_and_is_there_again_stays(int between)
    {
        await using var engine = await EngineHarness.StartAsync();
        engine.Source.Items["a"] = "Text";
        var connector = await engine.CreateAsync();
        await engine.FireAsync(connector);

        engine.Source.Script =
        [
            new ReadItem.Deleted("a"),
            .. Enumerable.Range(0, between).Select(i => new ReadItem.Unchanged($"other-{i}")),
            new ReadItem.Found(engine.Source.Document("a", "Text")),
        ];
        await engine.RunAsync(connector, RunKind.Refresh);

        (await engine.IdsAsync(connector)).ShouldBe(["a"]);
        (await engine.SearchAsync("text")).ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_document_that_was_deleted_and_restored_as_it_was_stays()
    {
        await using var engine = await EngineHarness.StartAsync();
        engine.Source.Items["a"] = "Text";
        var connector = await engine.CreateAsync();
        await engine.FireAsync(connector);

        engine.Source.Script = [new ReadItem.Deleted("a"), new ReadItem.Unchanged("a")];
        await engine.RunAsync(connector, RunKind.Refresh);

        (await engine.IdsAsync(connector)).ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_document_that_changes_there_and_back_within_a_read_ends_as_it_was_said_last()
    {
        await using var engine = await EngineHarness.StartAsync();
        engine.Source.Items["a"] = "rivers";
        var connector = await engine.CreateAsync();
        await engine.FireAsync(connector);

        engine.Source.Script =
        [
            new ReadItem.Found(engine.Source.Document("a", "mountains")),
            new ReadItem.Found(engine.Source.Document("a", "rivers")),
        ];
        await engine.RunAsync(connector, RunKind.Refresh);

        (await engine.SearchAsync("rivers")).ShouldBe(["a"]);
        (await engine.SearchAsync("mountains")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_document_that_was_found_and_then_deleted_is_gone()
    {
        await using var engine = await EngineHarness.StartAsync();
        var connector = await engine.CreateAsync();
        engine.Source.Script = [new ReadItem.Found(engine.Source.Document("a", "Text")), new ReadItem.Deleted("a")];
        await engine.FireAsync(connector);

        (await engine.IdsAsync(connector)).ShouldBeEmpty();
        (await engine.LookAsync(connector)).Connector.DocumentCount.ShouldBe(0);
    }
}
