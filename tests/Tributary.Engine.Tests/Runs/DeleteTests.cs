using System.Text;
using System.Text.Json;
using Tributary.Engine.Connectors;
using Tributary.Engine.Files;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;

namespace Tributary.Engine.Tests.Runs;

public class DeleteTests
{
    [Fact]
    public async Task Deleting_and_queueing_the_deletion_are_one_step()
    {
        await using var engine = await EngineHarness.StartAsync();
        var connector = await engine.CreateAsync();

        // As if the process had ended between the two.
        engine.Faults.FailNext("EnqueueAsync", new IOException("The process ends."));
        try
        {
            await engine.Connectors.DeleteAsync(engine.Caller, connector.Id, default);
        }
        catch (IOException)
        {
            // The caller's connection ends with the process.
        }

        await engine.FireAsync(connector);
        await Should.ThrowAsync<EngineException>(() => engine.LookAsync(connector));
    }

    [Fact]
    public async Task A_second_request_to_delete_is_answered_with_the_deletion_that_is_under_way()
    {
        await using var engine = await EngineHarness.StartAsync();
        var connector = await engine.CreateAsync();
        var first = await engine.Connectors.DeleteAsync(engine.Caller, connector.Id, default);
        var second = await engine.Connectors.DeleteAsync(engine.Caller, connector.Id, default);
        await engine.FireAsync(connector);

        second.Id.ShouldBe(first.Id);
        (await engine.Runs.GetAsync(engine.Caller, first.Id, default)).State.ShouldBe(RunState.Succeeded);
    }

    [Fact]
    public async Task A_deletion_that_failed_is_tried_again_by_itself()
    {
        await using var engine = await EngineHarness.StartAsync();
        engine.Source.Items["a"] = "Text";
        var connector = await engine.CreateAsync(refreshFreq: 60);
        await engine.FireAsync(connector);
        await engine.Connectors.DeleteAsync(engine.Caller, connector.Id, default);
        engine.Faults.FailNext("ReleaseDocumentsAsync", new IOException("The disk is full."));
        await engine.FireAsync(connector);
        (await engine.LookAsync(connector)).LastRun!.State.ShouldBe(RunState.Failed);

        var next = await engine.Get<IRunStore>().FindNextDueAsync(connector.Id, default);
        next.ShouldNotBeNull().ShouldBe(engine.Time.GetUtcNow() + TimeSpan.FromMinutes(1));
        (await engine.Get<IRunStore>().ListDueAsync(default)).ShouldBe([new DueConnector(connector.Id, next!.Value)]);
        engine.Time.Advance(TimeSpan.FromMinutes(1));
        await engine.FireAsync(connector);

        await Should.ThrowAsync<EngineException>(() => engine.LookAsync(connector));
    }

    [Fact]
    public async Task Uploads_go_with_the_last_connector_that_reads_them()
    {
        await using var engine = await EngineHarness.StartAsync();
        var files = engine.Get<IFileVault>();
        var shared = await SaveAsync("shared.txt");
        var own = await SaveAsync("own.txt");
        var foreign = await SaveAsync("foreign.txt");
        var first = await CreateAsync("First", shared, own);
        var second = await CreateAsync("Second", shared);

        await engine.Connectors.DeleteAsync(engine.Caller, first.Id, default);
        await engine.FireAsync(first);
        (await IdsAsync()).ShouldBe([.. new[] { shared, foreign }.Order(StringComparer.Ordinal)]);
        BytesOf(own).ShouldBeFalse();
        BytesOf(shared).ShouldBeTrue();

        await engine.Connectors.DeleteAsync(engine.Caller, second.Id, default);
        await engine.FireAsync(second);
        (await IdsAsync()).ShouldBe([foreign]);
        BytesOf(shared).ShouldBeFalse();

        async Task<string> SaveAsync(string name)
        {
            using var content = new MemoryStream(Encoding.UTF8.GetBytes(name));
            return (await files.SaveAsync(engine.Caller, name, null, content, default)).Id;
        }

        async Task<List<string>> IdsAsync() =>
            [.. (await files.ListAsync(engine.Caller, "", 10, default)).Select(file => file.Id)];

        bool BytesOf(string id) => File.Exists(Path.Combine(engine.Folder, "files", "1", id));

        Task<Connector> CreateAsync(string name, params string[] uploads) =>
            engine.Connectors.CreateAsync(
                engine.Caller,
                new ConnectorDraft
                {
                    Name = name,
                    IntegrationSlug = ScriptedSource.SlugName,
                    Config = JsonSerializer.SerializeToElement(new { uploads }),
                    Credentials = JsonSerializer.SerializeToElement(new { }),
                },
                default
            );
    }
}
