using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using Tributary.Api.Http;
using Tributary.Engine.Ingestion;
using Tributary.Engine.Workspaces;
using Tributary.Sdk.Documents;

namespace Tributary.Api.Clarm.Push;

/// <summary>POST /v1/sources/{source_id}/documents: many documents in one call.</summary>
internal static class PushEndpoints
{
    private const int MaxBatch = 1_000;

    public static void Map(DialectRoutes routes) =>
        routes
            .Map(
                "POST",
                "/v1/sources/{source_id}/documents",
                AnswerAsync,
                "Stores documents into a source; the same id replaces. As one JSON object, or one document a line (application/x-ndjson)"
            )
            .Takes<PushBody>()
            .Answers<PushAnswer>();

    private static async Task AnswerAsync(Exchange exchange)
    {
        var id = exchange.PathId("source_id");
        exchange.Caller.Demand(Role.Editor);
        var answer = IsLines(exchange.Http.Request.ContentType)
            ? await new LinePush(exchange, id).ReadAsync()
            : await PushAsync(exchange, id);
        await exchange.WriteAsync(answer, ClarmJson.Wire.PushAnswer);
    }

    private static async Task<PushAnswer> PushAsync(Exchange exchange, long id)
    {
        var json = await JsonBody.ReadAsync(exchange.Http, allowNul: true);
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw RequestException.Of(["body"], "dict_type", "Input should be an object");
        }

        if (!json.TryGetProperty("documents", out var list))
        {
            throw RequestException.Of(["body", "documents"], "missing", "Field required");
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            throw RequestException.Of(["body", "documents"], "list_type", "Input should be a valid list");
        }

        if (list.GetArrayLength() > MaxBatch)
        {
            throw RequestException.Of(
                ["body", "documents"],
                "too_long",
                $"List should have at most {MaxBatch} items; send several lists, or lines as application/x-ndjson"
            );
        }

        var reader = new DocumentReader(exchange.Get<TimeProvider>().GetUtcNow(), strict: false);
        var documents = new List<Document>(list.GetArrayLength());
        var index = 0;
        foreach (var item in list.EnumerateArray())
        {
            if (reader.Read(item, "body", "documents", index++) is { } document)
            {
                documents.Add(document);
            }
        }

        if (reader.Problems.Count > 0)
        {
            throw new RequestException(reader.Problems);
        }

        var pushed = await exchange.Get<IPushService>().PushAsync(exchange.Caller, id, documents, exchange.Aborted);
        var updated = pushed.Count(document => document.AlreadyExisted);
        return new PushAnswer(
            pushed.Count,
            pushed.Count - updated,
            updated,
            pushed.Sum(document => (long)document.Chunks)
        )
        {
            Documents =
            [
                .. pushed.Select(document => new PushedAnswer(
                    document.DocumentId,
                    document.AlreadyExisted,
                    document.Chunks
                )),
            ],
        };
    }

    private static bool IsLines(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.MediaType.Value?.ToLowerInvariant()
            is "application/x-ndjson"
                or "application/ndjson"
                or "application/jsonl"
                or "application/x-jsonlines";
}

/// <summary>Documents to store.</summary>
internal sealed record PushBody
{
    [Description("The documents, as in POST /onyx-api/ingestion; metadata may be left out."), MaxLength(1_000)]
    public required IReadOnlyList<PushedDocumentBody> Documents { get; init; }
}

/// <summary>What was stored.</summary>
/// <param name="Stored">Documents stored.</param>
/// <param name="Added">Of them, new ones.</param>
/// <param name="Updated">Of them, those that were there before.</param>
/// <param name="Chunks">Passages that they have now.</param>
internal sealed record PushAnswer(long Stored, long Added, long Updated, long Chunks)
{
    /// <summary>Each, in order; null for lines, of which there may be any number.</summary>
    public IReadOnlyList<PushedAnswer>? Documents { get; init; }
}

/// <summary>What became of one document.</summary>
internal sealed record PushedAnswer(string DocumentId, bool AlreadyExisted, int Chunks);
