using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Api.Cargo.Connection;
using Tributary.Api.Http;
using Tributary.Engine.Models;

namespace Tributary.Api.Cargo.Storage;

/// <summary>Columns of models, and those that people add.</summary>
internal static class ColumnEndpoints
{
    private const string Root = "/v1/storage/columns";

    public static void Map(DialectRoutes routes)
    {
        routes
            .Map("GET", Root + "/list", ListAsync, "The slugs of a model's columns")
            .Asks<ModelQuery>()
            .Answers<ColumnsAnswer>();
        routes
            .Map("GET", Root + "/existsBySlug", ExistsAsync, "Whether a model has a column")
            .Asks<ColumnSlugQuery>()
            .Answers<ExistsAnswer>();
        routes
            .Map("POST", Root + "/autocomplete", ListValuesAsync, "Distinct values of a column")
            .Takes<ValuesBody>()
            .Answers<ValuesAnswer>();
        routes
            .Map("PUT", Root + "/reorder", MoveAsync, "Moves an added column")
            .Takes<MoveColumnBody>()
            .AnswersNothing();
        routes.Map("POST", Root, AddAsync, "Adds a column").Takes<ColumnBody>().AnswersNothing();
        routes.Map("PUT", Root, UpdateAsync, "Replaces an added column").Takes<ColumnBody>().AnswersNothing();
        routes.Map("DELETE", Root, RemoveAsync, "Removes an added column").Takes<RemoveColumnBody>().AnswersNothing();
    }

    private static async Task AddAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<ColumnBody>();
        await exchange.Get<IColumnService>().AddAsync(exchange.Caller, body.ModelUuid, body.Column, exchange.Aborted);
        await exchange.DoneAsync();
    }

    private static async Task UpdateAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<ColumnBody>();
        await exchange
            .Get<IColumnService>()
            .UpdateAsync(exchange.Caller, body.ModelUuid, body.Column, exchange.Aborted);
        await exchange.DoneAsync();
    }

    private static async Task RemoveAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<RemoveColumnBody>();
        await exchange
            .Get<IColumnService>()
            .RemoveAsync(exchange.Caller, body.ModelUuid, body.ColumnSlug, exchange.Aborted);
        await exchange.DoneAsync();
    }

    private static async Task MoveAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<MoveColumnBody>();
        await exchange
            .Get<IColumnService>()
            .MoveAsync(exchange.Caller, body.ModelUuid, body.ColumnSlug, body.ToIndex, exchange.Aborted);
        await exchange.DoneAsync();
    }

    private static async Task ListAsync(Exchange exchange)
    {
        var query = exchange.Query<ModelQuery>();
        var model = Guid.TryParse(query.ModelUuid, out var uuid) ? uuid : Guid.Empty;
        var columns = await exchange.Get<IColumnService>().ListAsync(exchange.Caller, model, exchange.Aborted);
        await exchange.WriteAsync(new ColumnsAnswer(columns), StorageJson.Wire.ColumnsAnswer);
    }

    private static async Task ExistsAsync(Exchange exchange)
    {
        var query = exchange.Query<ColumnSlugQuery>();
        var model = Guid.TryParse(query.ModelUuid, out var uuid) ? uuid : Guid.Empty;
        var exists = await exchange
            .Get<IColumnService>()
            .ExistsAsync(exchange.Caller, model, query.Slug, exchange.Aborted);
        await exchange.WriteAsync(new ExistsAnswer(exists), StorageJson.Wire.ExistsAnswer);
    }

    private static async Task ListValuesAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<ValuesBody>();
        var values = await exchange
            .Get<IColumnService>()
            .ListValuesAsync(exchange.Caller, body.ModelUuid, SlugOf(body.Column), body.Query, exchange.Aborted);
        await exchange.WriteAsync(
            new ValuesAnswer([.. values.Select(value => new ValueAnswer(value, value))]),
            StorageJson.Wire.ValuesAnswer
        );
    }

    /// <summary>A column is named by its slug, or sent whole.</summary>
    private static string SlugOf(JsonElement column) =>
        column.ValueKind == JsonValueKind.String ? column.GetString()!
        : column.ValueKind == JsonValueKind.Object
        && column.TryGetProperty("slug", out var slug)
        && slug.ValueKind == JsonValueKind.String
            ? slug.GetString()!
        : throw RequestException.Of(["body", "column"], "value_error", "Input should be a column or its slug");
}

/// <summary>A column to add or to replace.</summary>
internal sealed record ColumnBody
{
    [JsonPropertyName("modelUuid"), Description("The model.")]
    public required Guid ModelUuid { get; init; }

    [Description("The column: slug, type, label, kind (custom, computed, metric or lookup) and what its kind needs.")]
    public required JsonElement Column { get; init; }
}

/// <summary>A column to remove.</summary>
internal sealed record RemoveColumnBody
{
    [JsonPropertyName("modelUuid"), Description("The model.")]
    public required Guid ModelUuid { get; init; }

    [JsonPropertyName("columnSlug"), Description("The added column.")]
    public required string ColumnSlug { get; init; }
}

/// <summary>A column to move.</summary>
internal sealed record MoveColumnBody
{
    [JsonPropertyName("modelUuid"), Description("The model.")]
    public required Guid ModelUuid { get; init; }

    [JsonPropertyName("columnSlug"), Description("The added column.")]
    public required string ColumnSlug { get; init; }

    [JsonPropertyName("toIndex"), Description("Its place among the added columns, from 0.")]
    public required int ToIndex { get; init; }
}

/// <summary>A column whose values are looked for.</summary>
internal sealed record ValuesBody
{
    [JsonPropertyName("modelUuid"), Description("The model.")]
    public required Guid ModelUuid { get; init; }

    [Description("The column, or its slug.")]
    public required JsonElement Column { get; init; }

    [Description("What the values contain.")]
    public string? Query { get; init; }
}

/// <summary>Which model.</summary>
internal sealed record ModelQuery
{
    [JsonPropertyName("modelUuid"), Description("The model.")]
    public required string ModelUuid { get; init; }
}

/// <summary>Which column.</summary>
internal sealed record ColumnSlugQuery
{
    [JsonPropertyName("modelUuid"), Description("The model.")]
    public required string ModelUuid { get; init; }

    [Description("The column.")]
    public required string Slug { get; init; }
}

internal sealed record ColumnsAnswer(IReadOnlyList<string> Columns);

internal sealed record ValuesAnswer(IReadOnlyList<ValueAnswer> Results);

internal sealed record ValueAnswer(string Value, string Label);
