using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Tributary.Api.Http;
using Tributary.Engine.Collections;

namespace Tributary.Api.Clarm.Collections;

/// <summary>Collections: named groups of sources to search together.</summary>
internal static class CollectionEndpoints
{
    public static void Map(DialectRoutes routes)
    {
        routes
            .Map("POST", "/v1/collections/create", CreateAsync, "Makes a collection")
            .Takes<CreateCollectionBody>()
            .Answers<CollectionAnswer>();
        routes
            .Map("GET", "/v1/collections", ListAsync, "Collections in order of id")
            .Asks<PageQuery>()
            .Answers<Page<CollectionAnswer>>();
        routes.Map("GET", "/v1/collections/{collection_id}", GetAsync, "One collection").Answers<CollectionAnswer>();
        routes
            .Map("PATCH", "/v1/collections/{collection_id}", ChangeAsync, "Changes a collection's name or sources")
            .Takes<ChangeCollectionBody>()
            .Answers<CollectionAnswer>();
        routes
            .Map("DELETE", "/v1/collections/{collection_id}", DeleteAsync, "Deletes a collection; its sources stay")
            .AnswersNothing(200);
    }

    private static async Task CreateAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<CreateCollectionBody>();
        var collection = await exchange
            .Get<ICollectionService>()
            .CreateAsync(exchange.Caller, body.Name, body.Sources, exchange.Aborted);
        await WriteAsync(exchange, collection);
    }

    private static async Task ListAsync(Exchange exchange)
    {
        var query = exchange.Query<PageQuery>();
        var rows = await exchange
            .Get<ICollectionService>()
            .ListAsync(exchange.Caller, query.AfterId(0), query.Limit + 1, exchange.Aborted);
        await exchange.WriteAsync(
            Page.Of(rows, query.Limit, CollectionAnswer.Of, row => Page.Cursor(row.Id)),
            ClarmJson.Wire.PageCollectionAnswer
        );
    }

    private static async Task GetAsync(Exchange exchange) =>
        await WriteAsync(
            exchange,
            await exchange
                .Get<ICollectionService>()
                .GetAsync(exchange.Caller, exchange.PathId("collection_id"), exchange.Aborted)
        );

    private static async Task ChangeAsync(Exchange exchange)
    {
        var id = exchange.PathId("collection_id");
        var body = await exchange.ReadAsync<ChangeCollectionBody>();
        var collection = await exchange
            .Get<ICollectionService>()
            .UpdateAsync(exchange.Caller, id, body.Name, body.Sources, exchange.Aborted);
        await WriteAsync(exchange, collection);
    }

    private static async Task DeleteAsync(Exchange exchange)
    {
        await exchange
            .Get<ICollectionService>()
            .DeleteAsync(exchange.Caller, exchange.PathId("collection_id"), exchange.Aborted);
        await exchange.WriteNullAsync();
    }

    private static Task WriteAsync(Exchange exchange, Collection collection) =>
        exchange.WriteAsync(CollectionAnswer.Of(collection), ClarmJson.Wire.CollectionAnswer);
}

/// <summary>A new collection.</summary>
internal sealed record CreateCollectionBody
{
    [Description("Its name; unique."), MinLength(1), MaxLength(200)]
    public required string Name { get; init; }

    [Description("Ids of its sources."), MaxLength(10_000)]
    public IReadOnlyList<long> Sources { get; init; } = [];
}

/// <summary>What to change of a collection.</summary>
internal sealed record ChangeCollectionBody
{
    [Description("A new name."), MinLength(1), MaxLength(200)]
    public string? Name { get; init; }

    [Description("Ids of all its sources from now on."), MaxLength(10_000)]
    public IReadOnlyList<long>? Sources { get; init; }
}

/// <summary>A collection.</summary>
internal sealed record CollectionAnswer(long Id, string Name, IReadOnlyList<CollectionSourceAnswer> Sources)
{
    public static CollectionAnswer Of(Collection collection) =>
        new(
            collection.Id,
            collection.Name,
            [
                .. collection.Connectors.Select(connector => new CollectionSourceAnswer(
                    connector.Id,
                    connector.Name,
                    connector.IntegrationSlug,
                    connector.Config
                )),
            ]
        );
}

/// <summary>A collection's source.</summary>
internal sealed record CollectionSourceAnswer(long Id, string Name, string Type, JsonElement Configuration);
