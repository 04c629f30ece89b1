using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tributary.Api.Http;
using Tributary.Engine.Collections;
using Tributary.Engine.Connectors;

namespace Tributary.Api.Clarm.Onyx;

/// <summary>Collections as Onyx's document sets. They have no description of their own, and take effect at once.</summary>
internal static class DocumentSetEndpoints
{
    private const int Batch = 100;

    public static void Map(DialectRoutes routes)
    {
        routes
            .MapCurated("POST", "/manage/admin/document-set", CreateAsync, "Makes a document set")
            .Takes<DocumentSetBody>()
            .Answers<long>();
        routes
            .MapCurated("PATCH", "/manage/admin/document-set", ChangeAsync, "Changes a document set")
            .Takes<ChangeDocumentSetBody>()
            .AnswersNothing(200);
        routes
            .MapCurated("DELETE", "/manage/admin/document-set/{document_set_id}", DeleteAsync, "Deletes a document set")
            .AnswersNothing(200);
        routes
            .Map("GET", "/manage/document-set", ListAsync, "All document sets")
            .Answers<IReadOnlyList<DocumentSetAnswer>>();
    }

    private static async Task CreateAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<DocumentSetBody>();
        var collection = await exchange
            .Get<ICollectionService>()
            .CreateAsync(exchange.Caller, body.Name, body.CcPairIds, exchange.Aborted);
        await exchange.WriteAsync(collection.Id, ClarmJson.Wire.Int64);
    }

    private static async Task ChangeAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<ChangeDocumentSetBody>();
        await exchange
            .Get<ICollectionService>()
            .UpdateAsync(exchange.Caller, body.Id, body.Name, body.CcPairIds, exchange.Aborted);
        await exchange.WriteNullAsync();
    }

    private static async Task DeleteAsync(Exchange exchange)
    {
        await exchange
            .Get<ICollectionService>()
            .DeleteAsync(exchange.Caller, exchange.PathId("document_set_id"), exchange.Aborted);
        await exchange.WriteNullAsync();
    }

    private static async Task ListAsync(Exchange exchange)
    {
        var catalog = exchange.Get<IIntegrationCatalog>();
        var service = exchange.Get<ICollectionService>();
        var sets = new List<DocumentSetAnswer>();
        IReadOnlyList<Collection> batch = [];
        do
        {
            var after = batch.Count == 0 ? 0 : batch[^1].Id;
            batch = await service.ListAsync(exchange.Caller, after, Batch, exchange.Aborted);
            sets.AddRange(batch.Select(collection => DocumentSetAnswer.Of(collection, catalog)));
        } while (batch.Count > 0);

        await exchange.WriteAsync(sets, ClarmJson.Wire.IReadOnlyListDocumentSetAnswer);
    }
}

/// <summary>A new document set.</summary>
internal sealed record DocumentSetBody
{
    [Description("Its name; unique."), MinLength(1), MaxLength(200)]
    public required string Name { get; init; }

    [Description("Accepted, and not kept.")]
    public string? Description { get; init; }

    [Description("Its pairs."), MaxLength(10_000)]
    public required IReadOnlyList<long> CcPairIds { get; init; }
}

/// <summary>What to change of a document set.</summary>
internal sealed record ChangeDocumentSetBody
{
    [Description("Which one.")]
    public required long Id { get; init; }

    [Description("A new name."), MinLength(1), MaxLength(200)]
    public string? Name { get; init; }

    [Description("All its pairs from now on."), MaxLength(10_000)]
    public required IReadOnlyList<long> CcPairIds { get; init; }
}

/// <summary>A document set.</summary>
internal sealed record DocumentSetAnswer(long Id, string Name, IReadOnlyList<PairDescriptorAnswer> CcPairDescriptors)
{
    public string Description { get; init; } = "";
    public bool IsUpToDate { get; init; } = true;
    public bool IsPublic { get; init; } = true;
    public IReadOnlyList<Guid> Users { get; init; } = [];
    public IReadOnlyList<long> Groups { get; init; } = [];

    public static DocumentSetAnswer Of(Collection collection, IIntegrationCatalog catalog) =>
        new(
            collection.Id,
            collection.Name,
            [
                .. collection.Connectors.Select(connector => new PairDescriptorAnswer(
                    connector.Id,
                    connector.Name,
                    ConnectorSnapshot.Of(connector, catalog)
                )),
            ]
        );
}

/// <summary>A pair of a document set.</summary>
internal sealed record PairDescriptorAnswer(long Id, string Name, ConnectorSnapshot Connector)
{
    public string AccessType { get; init; } = "public";
}
