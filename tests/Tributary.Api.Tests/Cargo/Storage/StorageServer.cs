using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Engine.Tests.Models;
using Tributary.Testing;

namespace Tributary.Api.Tests.Cargo.Storage;

/// <summary>The API on the real engine, with one connector whose extractors a test decides.</summary>
internal sealed class StorageServer : IAsyncDisposable
{
    private const string Admin = "admin-token";
    private readonly TemporaryFolder _folder;

    private StorageServer(TemporaryFolder folder, ApiServer api, ScriptedExtractor extractor) =>
        (_folder, Api, Extractor) = (folder, api, extractor);

    public ApiServer Api { get; }

    public ScriptedExtractor Extractor { get; }

    public string Connector { get; private set; } = "";

    /// <summary>The connector's dataset.</summary>
    public string Dataset { get; private set; } = "";

    /// <summary>The workspace's own.</summary>
    public string Own { get; private set; } = "";

    public static async Task<StorageServer> StartAsync(bool isCustom = true)
    {
        var folder = new TemporaryFolder();
        var extractor = new ScriptedExtractor();
        var server = new StorageServer(
            folder,
            await ApiServer.StartOnEngineAsync(folder, add: extractor.AddTo),
            extractor
        );
        var made = await server.SendAsync(
            "POST",
            "/v1/connection/connectors",
            new
            {
                name = "Things",
                slug = "my-things",
                integrationSlug = "web",
                config = new { base_url = "https://a.example" },
            }
        );
        made.ShouldBeFine();
        server.Connector = made.Json.GetProperty("connector").GetProperty("uuid").GetString()!;
        server.Dataset = made.Json.GetProperty("dataset").GetProperty("uuid").GetString()!;
        var datasets = (await server.SendAsync("GET", "/v1/storage/datasets/list")).ShouldBeFine().Json;
        server.Own = datasets.GetProperty("datasets")[0].GetProperty("uuid").GetString()!;
        if (isCustom)
        {
            extractor.Offered = new()
            {
                ["things"] = ScriptedDirectory.Extractor(),
                ["slow"] = ScriptedDirectory.Extractor(minInterval: 3600, autoFetch: false),
                ["hook"] = ScriptedDirectory.Extractor(isFetch: false, preview: "none"),
            };
            for (var i = 0; i < 12; i++)
            {
                extractor.Items.Add(
                    new
                    {
                        key = $"k{i:D2}",
                        name = $"n{11 - i:D2}",
                        body = $"body{i:D2}",
                        size = i,
                    }
                );
            }
        }

        return server;
    }

    public Task<Answer> SendAsync(string method, string path, object? body = null, string token = Admin) =>
        Api.SendAsync(method, path, body is null ? null : JsonSerializer.Serialize(body), token);

    /// <summary>Makes a model and gives its uuid.</summary>
    public async Task<string> MakeAsync(
        string extractor = "things",
        string? slug = null,
        string? dataset = null,
        object? schedule = null
    ) =>
        (await CreateAsync(extractor, slug, dataset, schedule))
            .ShouldBeFine()
            .Json.GetProperty("model")
            .GetProperty("uuid")
            .GetString()!;

    public Task<Answer> CreateAsync(
        string extractor = "things",
        string? slug = null,
        string? dataset = null,
        object? schedule = null,
        object? config = null
    ) =>
        SendAsync(
            "POST",
            "/v1/storage/models",
            new
            {
                slug = slug ?? extractor,
                name = "A model",
                datasetUuid = dataset ?? Dataset,
                extractorSlug = extractor,
                config = config ?? new { },
                schedule,
            }
        );

    public async Task<JsonElement> ModelAsync(string uuid) =>
        (await SendAsync("GET", $"/v1/storage/models/{uuid}")).ShouldBeFine().Json.GetProperty("model");

    /// <summary>Waits until the model's last run has ended, and gives the model.</summary>
    public async Task<JsonElement> WaitAsync(string uuid)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var model = await ModelAsync(uuid);
            var run = model.GetProperty("lastRun");
            if (
                run.ValueKind == JsonValueKind.Object
                && run.GetProperty("status").GetString() is not ("pending" or "running" or "cancelling")
            )
            {
                return model;
            }

            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public T Get<T>()
        where T : notnull => Api.Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        _folder.Dispose();
    }
}

internal static class StorageAnswers
{
    /// <summary>The reason of a refusal, which has the right status and says why in words.</summary>
    public static void ShouldRefuse(this Answer answer, int status, string reason)
    {
        answer.Should((HttpStatusCode)status);
        answer.Json.GetProperty("reason").GetString().ShouldBe(reason, answer.Text);
        answer.Json.GetProperty("errorMessage").GetString().ShouldNotBeNullOrEmpty();
    }
}
