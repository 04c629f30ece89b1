using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Tributary.Api.Http;
using Tributary.Engine;
using Tributary.Engine.Connectors;
using Tributary.Engine.Ingestion;

namespace Tributary.Api.Clarm.Push;

/// <summary>Onyx's push endpoints: one document a call, stored and searchable when the call returns.</summary>
internal static class IngestionEndpoints
{
    private const int ListBatch = 500;

    public static void Map(DialectRoutes routes)
    {
        routes
            .Map("POST", "/onyx-api/ingestion", PushAsync, "Stores one document; the same id replaces")
            .Takes<IngestionBody>()
            .Answers<IngestionAnswer>();
        routes
            .Map("GET", "/onyx-api/ingestion", ListPushedAsync, "Everything that was pushed")
            .Answers<IReadOnlyList<PushedDocumentAnswer>>();
        routes
            .Map("DELETE", "/onyx-api/ingestion/{document_id}", DeleteAsync, "Deletes a pushed document")
            .AnswersNothing(200);
        routes
            .Map("GET", "/onyx-api/connector-docs/{cc_pair_id}", ListOfPairAsync, "A source's documents")
            .Answers<IReadOnlyList<PushedDocumentAnswer>>();
    }

    private static async Task PushAsync(Exchange exchange)
    {
        var json = await JsonBody.ReadAsync(exchange.Http, allowNul: true);
        var body = Exchange.Body<IngestionBody>(json);
        var reader = new DocumentReader(exchange.Get<TimeProvider>().GetUtcNow(), strict: true);
        if (reader.Read(body.Document, "body", "document") is not { } document)
        {
            throw new RequestException(reader.Problems);
        }

        if (body.CcPairId is { } id)
        {
            await DemandPairAsync(exchange, id);
        }

        var pushed = await exchange
            .Get<IPushService>()
            .PushAsync(exchange.Caller, body.CcPairId, [document], exchange.Aborted);
        await exchange.WriteAsync(
            new IngestionAnswer(pushed[0].DocumentId, pushed[0].AlreadyExisted),
            ClarmJson.Wire.IngestionAnswer
        );
    }

    private static async Task DemandPairAsync(Exchange exchange, long id)
    {
        try
        {
            await exchange.Get<IConnectorService>().GetAsync(exchange.Caller, id, exchange.Aborted);
        }
        catch (EngineException refusal) when (refusal.Kind == RefusalKind.NotFound)
        {
            throw new RequestException(400, "Connector-Credential Pair specified does not exist");
        }
    }

    private static Task ListPushedAsync(Exchange exchange) => WriteListAsync(exchange, connectorId: null);

    private static async Task ListOfPairAsync(Exchange exchange)
    {
        var id = exchange.PathId("cc_pair_id");
        await exchange.Get<IConnectorService>().GetAsync(exchange.Caller, id, exchange.Aborted);
        await WriteListAsync(exchange, id);
    }

    private static Task WriteListAsync(Exchange exchange, long? connectorId) =>
        exchange.WriteAsync(
            ListAsync(exchange, connectorId, exchange.Aborted),
            ClarmJson.Wire.IAsyncEnumerablePushedDocumentAnswer
        );

    private static async IAsyncEnumerable<PushedDocumentAnswer> ListAsync(
        Exchange exchange,
        long? connectorId,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var service = exchange.Get<IPushService>();
        IReadOnlyList<DocumentSummary> batch = [];
        do
        {
            var after = batch.Count == 0 ? 0 : batch[^1].Key;
            batch = await service.ListAsync(exchange.Caller, connectorId, after, ListBatch, cancellationToken);
            foreach (var document in batch)
            {
                yield return new PushedDocumentAnswer(document.Id, document.Title, document.Link);
            }
        } while (batch.Count > 0);
    }

    /// <summary>Deletes by the id as it came, else with the slashes that a path cannot hold, else by its URL-safe form: clients send any.</summary>
    private static async Task DeleteAsync(Exchange exchange)
    {
        var service = exchange.Get<IPushService>();
        var sent = exchange.PathText("document_id");
        var decoded = sent.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        string[] forms = [.. new[] { sent, decoded, DocumentReader.UrlSafe(decoded) }.Distinct()];
        foreach (var (index, id) in forms.Index())
        {
            try
            {
                await service.DeleteAsync(exchange.Caller, id, exchange.Aborted);
                break;
            }
            catch (EngineException refusal) when (refusal.Kind == RefusalKind.NotFound && index < forms.Length - 1)
            {
                // It may be known by the next form.
            }
        }

        await exchange.WriteNullAsync();
    }
}

/// <summary>A pushed document.</summary>
internal sealed record IngestionBody
{
    [Description("The document.")]
    public required JsonElement Document { get; init; }

    [Description("The source that it goes to; the built-in one of pushed documents when left out.")]
    public long? CcPairId { get; init; }
}

/// <summary>What became of a pushed document.</summary>
internal sealed record IngestionAnswer(string DocumentId, bool AlreadyExisted);

/// <summary>A document in a list.</summary>
internal sealed record PushedDocumentAnswer(string DocumentId, string SemanticId, string? Link);
