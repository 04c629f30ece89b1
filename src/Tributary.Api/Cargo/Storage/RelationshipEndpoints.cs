using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Api.Http;
using Tributary.Engine.Models;

namespace Tributary.Api.Cargo.Storage;

/// <summary>How models belong together.</summary>
internal static class RelationshipEndpoints
{
    private const string Root = "/v1/storage/relationships";

    public static void Map(DialectRoutes routes)
    {
        routes.Map("GET", Root + "/list", ListAsync, "All relationships").Answers<RelationshipsEnvelope>();
        routes.Map("GET", Root + "/{uuid}", GetAsync, "One relationship").Answers<RelationshipEnvelope>();
        routes
            .Map("POST", Root, SetAsync, "Replaces a dataset's relationships")
            .Takes<RelationshipsBody>()
            .Answers<RelationshipsEnvelope>();
    }

    private static async Task ListAsync(Exchange exchange) =>
        await WriteAsync(
            exchange,
            await exchange.Get<IColumnService>().ListRelationshipsAsync(exchange.Caller, exchange.Aborted)
        );

    private static async Task GetAsync(Exchange exchange)
    {
        var uuid = exchange.PathUuid("uuid");
        var all = await exchange.Get<IColumnService>().ListRelationshipsAsync(exchange.Caller, exchange.Aborted);
        var found =
            all.FirstOrDefault(relationship => relationship.Uuid == uuid)
            ?? throw new RequestException(404, $"Relationship {uuid} does not exist.", "relationshipNotFound");
        await exchange.WriteAsync(
            new RelationshipEnvelope(RelationshipAnswer.Of(found, exchange.Caller.WorkspaceUuid)),
            StorageJson.Wire.RelationshipEnvelope
        );
    }

    private static async Task SetAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<RelationshipsBody>();
        await WriteAsync(
            exchange,
            await exchange
                .Get<IColumnService>()
                .SetRelationshipsAsync(exchange.Caller, body.DatasetUuid, body.Relationships, exchange.Aborted)
        );
    }

    private static Task WriteAsync(Exchange exchange, IReadOnlyList<Relationship> relationships) =>
        exchange.WriteAsync(
            new RelationshipsEnvelope([
                .. relationships.Select(found => RelationshipAnswer.Of(found, exchange.Caller.WorkspaceUuid)),
            ]),
            StorageJson.Wire.RelationshipsEnvelope
        );
}

/// <summary>A dataset's relationships.</summary>
internal sealed record RelationshipsBody
{
    [JsonPropertyName("datasetUuid"), Description("The dataset of the models that they lead from.")]
    public required Guid DatasetUuid { get; init; }

    [Description("All of them; those with a uuid keep it.")]
    public required IReadOnlyList<JsonElement> Relationships { get; init; }
}

/// <summary>A relationship: what was sent, and what the server adds.</summary>
internal static class RelationshipAnswer
{
    public static Dictionary<string, JsonElement> Of(Relationship relationship, Guid workspace)
    {
        var result = relationship
            .Definition.EnumerateObject()
            .ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);
        result["uuid"] = Json(relationship.Uuid);
        result["workspaceUuid"] = Json(workspace);
        result["datasetUuid"] = Json(relationship.DatasetUuid);
        result["createdAt"] = Json(relationship.CreatedAt);
        result["updatedAt"] = Json(relationship.UpdatedAt);
        return result;
    }

    private static JsonElement Json(Guid value) => JsonSerializer.SerializeToElement(value, StorageJson.Wire.Guid);

    private static JsonElement Json(DateTimeOffset value) =>
        JsonSerializer.SerializeToElement(value, StorageJson.Wire.DateTimeOffset);
}

internal sealed record RelationshipEnvelope(Dictionary<string, JsonElement> Relationship);

internal sealed record RelationshipsEnvelope(IReadOnlyList<Dictionary<string, JsonElement>> Relationships);
