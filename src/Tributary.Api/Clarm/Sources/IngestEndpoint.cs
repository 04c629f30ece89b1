using System.ComponentModel;
using System.Text.Json;
using Tributary.Api.Clarm.Files;
using Tributary.Api.Http;
using Tributary.Engine;
using Tributary.Engine.Collections;
using Tributary.Engine.Connectors;
using Tributary.Sdk.Settings;

namespace Tributary.Api.Clarm.Sources;

/// <summary>POST /v1/sources/ingest: creates sources, reads them to their end, and answers then.</summary>
internal static class IngestEndpoint
{
    private const string Part = "sources_json";

    public static void Map(DialectRoutes routes) =>
        routes
            .Map(
                "POST",
                "/v1/sources/ingest",
                AnswerAsync,
                "Creates sources of pages and files, and answers when all is indexed"
            )
            .Takes<IngestForm>("multipart/form-data")
            .Answers<IngestAnswer>();

    private static async Task AnswerAsync(Exchange exchange)
    {
        var form = await Uploads.ReceiveAsync(exchange, Part);
        IngestPlan plan;
        Collection? collection;
        try
        {
            plan = Plan(exchange, form);
            collection = await FindCollectionAsync(exchange, plan.Body);
        }
        catch
        {
            await Uploads.DiscardAsync(exchange, form.Files);
            throw;
        }

        var results = new List<IngestResult>();
        foreach (var source in plan.Sources)
        {
            // A caller who has gone away gets what was begun, and nothing more.
            if (exchange.Aborted.IsCancellationRequested)
            {
                await Uploads.DiscardAsync(exchange, source.Files);
                continue;
            }

            results.Add(await new IngestSource(exchange, source).RunAsync());
        }

        var answer = IngestAnswer.Of(results);
        try
        {
            var filled = await FillAsync(exchange, collection, plan.Body, results);
            answer = answer with { CollectionId = filled?.Id };
        }
        catch (EngineException refusal)
        {
            // The sources are there; only their collection was deleted or renamed while they were read.
            answer = answer with
            {
                Success = false,
                Message = $"{answer.Message}; the collection could not be filled: {refusal.Message}",
            };
        }

        await exchange.WriteAsync(answer, ClarmJson.Wire.IngestAnswer);
    }

    private static IngestPlan Plan(Exchange exchange, Form form)
    {
        if (!form.Texts.TryGetValue(Part, out var text))
        {
            throw RequestException.Of(["body", Part], "missing", "Field required");
        }

        var json = Parse(text);
        var catalog = exchange.Get<IIntegrationCatalog>();
        var problems = new List<SettingsProblem>();
        var sources = json switch
        {
            { ValueKind: JsonValueKind.Array } => json,
            { ValueKind: JsonValueKind.Object } when json.TryGetProperty("sources", out var list) => list,
            _ => json,
        };
        IReadOnlyList<(JsonElement Json, object[] Path)> items =
        [
            .. sources.ValueKind == JsonValueKind.Array
                ? sources
                    .EnumerateArray()
                    .Select(
                        (item, index) =>
                            (item, json.ValueKind == JsonValueKind.Array ? new object[] { index } : ["sources", index])
                    )
                : [(sources, Array.Empty<object>())],
        ];
        var bodies = new List<(IngestSourceBody Body, JsonElement Json)>();
        foreach (var (item, path) in items)
        {
            var found = new List<SettingsProblem>();
            var body = SettingsReader.Read<IngestSourceBody>(item, UnknownMembers.Ignored, found);
            found.AddRange(SourceTypes.Check(item, catalog));
            problems.AddRange(found.Select(problem => problem.Under(path)));
            if (body is not null)
            {
                bodies.Add((body, item));
            }
        }

        var target =
            json.ValueKind == JsonValueKind.Object
                ? SettingsReader.Read<IngestBody>(json, UnknownMembers.Ignored, problems)
                : new IngestBody();
        if (problems.Count > 0)
        {
            throw new RequestException([.. problems.Select(problem => problem.Under("body", Part))]);
        }

        foreach (var (body, _) in bodies)
        {
            SourceTypes.DemandReadable(body.Type, catalog);
        }

        return new IngestPlan(target!, IngestClaims.Assign(bodies, form.Files));
    }

    private static JsonElement Parse(byte[] text)
    {
        try
        {
            return JsonBody.Parse(text, ["body", Part]);
        }
        catch (RequestException refusal)
        {
            // The position says where in the part; the path names the part alone.
            throw new RequestException([
                .. refusal.Problems.Select(problem =>
                    problem with
                    {
                        Path = ["body", Part],
                        Message = $"{problem.Message} (at position {problem.Path[^1]})",
                    }
                ),
            ]);
        }
    }

    private static async Task<Collection?> FindCollectionAsync(Exchange exchange, IngestBody body)
    {
        var collections = exchange.Get<ICollectionService>();
        return body switch
        {
            { CollectionId: { } id } => await collections.GetAsync(exchange.Caller, id, exchange.Aborted),
            { CollectionName: { } name } => await collections.FindByNameAsync(exchange.Caller, name, exchange.Aborted),
            _ => null,
        };
    }

    private static async Task<Collection?> FillAsync(
        Exchange exchange,
        Collection? collection,
        IngestBody body,
        List<IngestResult> results
    )
    {
        List<long> created = [.. results.Select(result => result.ConnectorId).OfType<long>()];
        if (created.Count == 0)
        {
            return collection;
        }

        var collections = exchange.Get<ICollectionService>();
        if (collection is not null)
        {
            // Read once more: others may have changed it in the meantime.
            var current = await collections.GetAsync(exchange.Caller, collection.Id, CancellationToken.None);
            return await collections.UpdateAsync(
                exchange.Caller,
                collection.Id,
                name: null,
                [.. current.Connectors.Select(connector => connector.Id).Union(created)],
                CancellationToken.None
            );
        }

        return body.CollectionName is { } name
            ? await collections.CreateAsync(exchange.Caller, name, created, CancellationToken.None)
            : null;
    }

    private sealed record IngestPlan(IngestBody Body, IReadOnlyList<PlannedSource> Sources);
}

/// <summary>The form; read part by part, this type only describes it.</summary>
internal sealed record IngestForm
{
    [Description(
        "JSON: {collection_name?, collection_id?, sources: [{name, type, config, credential?}]}, or the array, or one source."
    )]
    public required string SourcesJson { get; init; }

    [Description("Files for sources of type file.")]
    public IReadOnlyList<byte[]>? Files { get; init; }
}
