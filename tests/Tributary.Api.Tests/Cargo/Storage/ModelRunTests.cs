using System.Net;
using System.Text.Json;

namespace Tributary.Api.Tests.Cargo.Storage;

public class ModelRunTests
{
    private const string Runs = "/v1/storage/runs";
    private const string Nothing = "11111111-1111-4111-8111-111111111111";

    [Fact]
    public async Task A_run_is_started_listed_and_cancelled()
    {
        await using var server = await StorageServer.StartAsync();
        var uuid = await server.MakeAsync("slow");
        using var gate = new Gate(server.Extractor);

        var run = (await server.SendAsync("POST", Runs, new { modelUuid = uuid }))
            .ShouldBeFine()
            .Json.GetProperty("run");
        run.EnumerateObject()
            .Select(member => member.Name)
            .ShouldBe(
                [
                    "uuid",
                    "workspaceUuid",
                    "modelUuid",
                    "status",
                    "temporalWorkflowId",
                    "errorMessage",
                    "s3Filenames",
                    "finishedAt",
                    "createdAt",
                    "updatedAt",
                ],
                ignoreOrder: true
            );
        run.GetProperty("modelUuid").GetString().ShouldBe(uuid);
        await gate.Reached;
        (await ListAsync("?statuses[]=running")).Count.ShouldBe(1);
        (await server.SendAsync("POST", Runs, new { modelUuid = uuid })).ShouldRefuse(409, "alreadyRunning");
        var records = await server.SendAsync("POST", "/v1/storage/records/list", new { modelUuid = uuid });
        records.ShouldBeFine().Json.GetProperty("isRefreshing").GetBoolean().ShouldBeTrue();

        var cancel = $"{Runs}/{run.GetProperty("uuid").GetString()}/cancel";
        (await server.SendAsync("POST", cancel)).Status.ShouldBe(HttpStatusCode.NoContent);
        gate.Open();

        (await server.WaitAsync(uuid)).GetProperty("lastRun").GetProperty("status").GetString().ShouldBe("cancelled");
        (await server.SendAsync("POST", cancel)).ShouldRefuse(409, "runAlreadyFinished");
        (await server.SendAsync("POST", $"{Runs}/{Nothing}/cancel")).ShouldRefuse(404, "runNotFound");
        (await ListAsync($"?modelUuid={uuid}&statuses=cancelled&statuses[1]=error&limit=5&offset=0")).Count.ShouldBe(1);
        (await ListAsync("?statuses%5B%5D=success")).ShouldBeEmpty();
        (await ListAsync("?offset=1")).ShouldBeEmpty();
        (await ListAsync($"?modelUuid={Nothing}")).ShouldBeEmpty();
        (await server.SendAsync("GET", $"{Runs}/list?statuses[]=odd")).ShouldRefuse(400, "invalidPayload");

        async Task<List<JsonElement>> ListAsync(string query) =>
            [
                .. (await server.SendAsync("GET", $"{Runs}/list{query}"))
                    .ShouldBeFine()
                    .Json.GetProperty("runs")
                    .EnumerateArray(),
            ];
    }

    [Fact]
    public async Task What_was_read_just_now_is_up_to_date_unless_forced_or_reset()
    {
        await using var server = await StorageServer.StartAsync();
        var uuid = await server.MakeAsync("slow");
        (await server.SendAsync("POST", Runs, new { modelUuid = uuid })).ShouldBeFine();
        await server.WaitAsync(uuid);

        (await server.SendAsync("POST", Runs, new { modelUuid = uuid })).ShouldRefuse(409, "upToDate");
        (await server.SendAsync("POST", Runs, new { modelUuid = uuid, isForce = true })).ShouldBeFine();
        await server.WaitAsync(uuid);
        (await server.SendAsync("POST", Runs, new { modelUuid = uuid, isReset = true })).ShouldBeFine();
        (await server.WaitAsync(uuid)).GetProperty("lastRun").GetProperty("status").GetString().ShouldBe("success");
    }

    [Fact]
    public async Task What_cannot_be_run_is_refused_by_name()
    {
        await using var server = await StorageServer.StartAsync();
        var hook = await server.MakeAsync("hook");
        var own = await server.MakeAsync("object", dataset: server.Own);
        var slow = await server.MakeAsync("slow");

        (await server.SendAsync("POST", Runs, new { modelUuid = hook })).ShouldRefuse(400, "modelNotCompatible");
        (await server.SendAsync("POST", Runs, new { modelUuid = own })).ShouldRefuse(400, "modelNotCompatible");
        (await server.SendAsync("POST", Runs, new { modelUuid = Nothing })).ShouldRefuse(404, "modelNotFound");
        (await server.SendAsync("POST", Runs, new { modelUuid = 5 })).ShouldRefuse(400, "invalidPayload");
        await PauseAsync(server);
        (await server.SendAsync("POST", Runs, new { modelUuid = slow })).ShouldRefuse(409, "modelIsPaused");
        server.Extractor.IsGone = true;
        (await server.SendAsync("POST", Runs, new { modelUuid = slow })).ShouldRefuse(404, "integrationNotFound");
    }

    [Fact]
    public async Task A_failed_run_says_why()
    {
        await using var server = await StorageServer.StartAsync();
        var uuid = await server.MakeAsync("slow");
        server.Extractor.BeforePage = (_, _, _) =>
            throw new Sdk.SourceException(Sdk.FailureKind.Credentials, "The key was refused.");

        await server.SendAsync("POST", Runs, new { modelUuid = uuid });

        var run = (await server.WaitAsync(uuid)).GetProperty("lastRun");
        run.GetProperty("status").GetString().ShouldBe("error");
        run.GetProperty("errorMessage").GetString().ShouldBe("The key was refused.");
    }

    [Fact]
    public async Task The_runs_of_a_documents_model_are_its_connectors()
    {
        await using var server = await StorageServer.StartAsync(isCustom: false);
        var uuid = await server.MakeAsync("documents", schedule: new { type = "cron", cron = "@every 6h" });
        var model = await server.WaitAsync(uuid);

        var runs = (await server.SendAsync("GET", $"{Runs}/list?modelUuid={uuid}")).ShouldBeFine().Json;

        runs.GetProperty("runs")[0]
            .GetProperty("uuid")
            .GetString()
            .ShouldBe(model.GetProperty("lastRun").GetProperty("uuid").GetString());
        var sources = (await server.SendAsync("GET", "/v1/sources")).ShouldBeFine().Json;
        sources.GetProperty("items")[0].GetProperty("refresh_freq").GetInt64().ShouldBe(21_600);
    }

    private static async Task PauseAsync(StorageServer server)
    {
        var sources = (await server.SendAsync("GET", "/v1/sources")).ShouldBeFine().Json;
        var id = sources.GetProperty("items")[0].GetProperty("id").GetInt64();
        (await server.SendAsync("POST", $"/v1/sources/{id}/pause")).ShouldBeFine();
    }
}
