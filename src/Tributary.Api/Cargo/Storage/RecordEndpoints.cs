using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Api.Http;
using Tributary.Engine.Models;

namespace Tributary.Api.Cargo.Storage;

/// <summary>The rows of models.</summary>
internal static class RecordEndpoints
{
    private const string Root = "/v1/storage/records";

    public static void Map(DialectRoutes routes)
    {
        routes.Map("GET", Root + "/get", GetAsync, "One record").Asks<RecordQuery>().Answers<RecordEnvelope>();
        routes
            .Map("POST", Root + "/list", ListAsync, "Records in an order")
            .Takes<ListRecordsBody>()
            .Answers<RecordsEnvelope>();
        routes
            .Map("POST", Root + "/create", CreateAsync, "Adds a record")
            .Takes<CreateRecordBody>()
            .Answers<WrittenRecordEnvelope>();
        routes
            .Map("POST", Root + "/createBulk", CreateBulkAsync, "Adds records, all or none")
            .Takes<CreateRecordsBody>()
            .Answers<WrittenRecordsEnvelope>();
        routes
            .Map("PUT", Root + "/update", UpdateAsync, "Changes members of a record")
            .Takes<UpdateRecordBody>()
            .Answers<WrittenRecordEnvelope>();
        routes
            .Map("PUT", Root + "/updateBulk", UpdateBulkAsync, "Changes members of records, all or none")
            .Takes<UpdateRecordsBody>()
            .Answers<WrittenRecordsEnvelope>();
        routes
            .Map("DELETE", Root + "/remove", RemoveAsync, "Removes a record")
            .Takes<RemoveRecordBody>()
            .AnswersNothing();
        routes
            .Map("DELETE", Root + "/removeBulk", RemoveBulkAsync, "Removes records")
            .Takes<RemoveRecordsBody>()
            .AnswersNothing();
    }

    private static async Task GetAsync(Exchange exchange)
    {
        var query = exchange.Query<RecordQuery>();
        if (!Guid.TryParse(query.ModelUuid, out var model))
        {
            throw new RequestException(404, $"Model '{query.ModelUuid}' does not exist.", "modelNotFound");
        }

        var (record, isRefreshing) = await exchange
            .Get<IRecordService>()
            .GetAsync(exchange.Caller, model, query.Id, exchange.Aborted);
        await exchange.WriteAsync(
            new RecordEnvelope(RecordAnswer.Of(record), isRefreshing),
            StorageJson.Wire.RecordEnvelope
        );
    }

    private static async Task ListAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<ListRecordsBody>();
        var (records, isRefreshing) = await exchange
            .Get<IRecordService>()
            .ListAsync(
                exchange.Caller,
                body.ModelUuid,
                body.Sort?.ColumnSlug switch
                {
                    null or SortColumn.Id => RecordOrder.Id,
                    SortColumn.Title => RecordOrder.Title,
                    _ => RecordOrder.EmittedAt,
                },
                body.Sort?.Kind == SortKind.Desc,
                body.Limit,
                body.Offset,
                exchange.Aborted
            );
        await exchange.WriteAsync(
            new RecordsEnvelope([.. records.Select(RecordAnswer.Of)], isRefreshing),
            StorageJson.Wire.RecordsEnvelope
        );
    }

    private static async Task CreateAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<CreateRecordBody>();
        var written = await CreateAsync(exchange, body.ModelUuid, [body.Data]);
        await WriteOneAsync(exchange, written);
    }

    private static async Task CreateBulkAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<CreateRecordsBody>();
        await WriteAllAsync(
            exchange,
            await CreateAsync(exchange, body.ModelUuid, [.. body.Records.Select(record => record.Data)])
        );
    }

    private static async Task UpdateAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<UpdateRecordBody>();
        var written = await exchange
            .Get<IRecordService>()
            .UpdateAsync(exchange.Caller, body.ModelUuid, [(body.Id, body.Data)], exchange.Aborted);
        await WriteOneAsync(exchange, written);
    }

    private static async Task UpdateBulkAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<UpdateRecordsBody>();
        var changes = body.Records.Select(record => (record.Id, record.Data)).ToList();
        await WriteAllAsync(
            exchange,
            await exchange.Get<IRecordService>().UpdateAsync(exchange.Caller, body.ModelUuid, changes, exchange.Aborted)
        );
    }

    private static async Task RemoveAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<RemoveRecordBody>();
        var removed = await exchange
            .Get<IRecordService>()
            .RemoveAsync(exchange.Caller, body.ModelUuid, [body.Id], exchange.Aborted);
        if (removed == 0)
        {
            throw new RequestException(404, $"The model has no record '{body.Id}'.", "recordNotFound");
        }

        await exchange.DoneAsync();
    }

    private static async Task RemoveBulkAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<RemoveRecordsBody>();
        await exchange.Get<IRecordService>().RemoveAsync(exchange.Caller, body.ModelUuid, body.Ids, exchange.Aborted);
        await exchange.DoneAsync();
    }

    private static Task<IReadOnlyList<StoredRecord>> CreateAsync(
        Exchange exchange,
        Guid model,
        IReadOnlyList<JsonElement> records
    ) => exchange.Get<IRecordService>().CreateAsync(exchange.Caller, model, records, exchange.Aborted);

    private static Task WriteOneAsync(Exchange exchange, IReadOnlyList<StoredRecord> records) =>
        exchange.WriteAsync(
            new WrittenRecordEnvelope(RecordAnswer.Of(records[0])),
            StorageJson.Wire.WrittenRecordEnvelope
        );

    private static Task WriteAllAsync(Exchange exchange, IReadOnlyList<StoredRecord> records) =>
        exchange.WriteAsync(
            new WrittenRecordsEnvelope([.. records.Select(RecordAnswer.Of)]),
            StorageJson.Wire.WrittenRecordsEnvelope
        );
}

/// <summary>Which record.</summary>
internal sealed record RecordQuery
{
    [JsonPropertyName("modelUuid"), Description("The model.")]
    public required string ModelUuid { get; init; }

    [Description("The record's _id.")]
    public required string Id { get; init; }
}

/// <summary>Which records.</summary>
internal sealed record ListRecordsBody
{
    [JsonPropertyName("modelUuid"), Description("The model.")]
    public required Guid ModelUuid { get; init; }

    [JsonPropertyName("fromIngest"), Description("What was pushed is in the table at once: it changes nothing.")]
    public bool FromIngest { get; init; }

    [Description("At most this many."), Range(1, 100)]
    public int Limit { get; init; } = 100;

    [Description("Leaves out the first."), Range(0, int.MaxValue)]
    public int Offset { get; init; }

    [Description("The order; by _id when not sent.")]
    public SortBody? Sort { get; init; }
}

/// <summary>An order.</summary>
internal sealed record SortBody
{
    [Description("asc or desc.")]
    public required SortKind Kind { get; init; }

    [JsonPropertyName("columnSlug"), Description("_id, _title or _emitted_at.")]
    public required SortColumn ColumnSlug { get; init; }
}

internal enum SortKind
{
    Asc,
    Desc,
}

internal enum SortColumn
{
    [JsonStringEnumMemberName("_id")]
    Id,

    [JsonStringEnumMemberName("_title")]
    Title,

    [JsonStringEnumMemberName("_emitted_at")]
    EmittedAt,
}

/// <summary>A record to add.</summary>
internal sealed record CreateRecordBody
{
    [JsonPropertyName("modelUuid"), Description("The model.")]
    public required Guid ModelUuid { get; init; }

    [Description("Its columns; _id or the model's id column names it.")]
    public required JsonElement Data { get; init; }
}

/// <summary>Records to add.</summary>
internal sealed record CreateRecordsBody
{
    [JsonPropertyName("modelUuid"), Description("The model.")]
    public required Guid ModelUuid { get; init; }

    [Description("At most a thousand.")]
    public required IReadOnlyList<RecordData> Records { get; init; }
}

/// <summary>A record's columns.</summary>
internal sealed record RecordData
{
    [Description("Its columns.")]
    public required JsonElement Data { get; init; }
}

/// <summary>A record to change.</summary>
internal sealed record UpdateRecordBody
{
    [JsonPropertyName("modelUuid"), Description("The model.")]
    public required Guid ModelUuid { get; init; }

    [Description("The record's _id.")]
    public required string Id { get; init; }

    [Description("The columns that change.")]
    public required JsonElement Data { get; init; }
}

/// <summary>Records to change.</summary>
internal sealed record UpdateRecordsBody
{
    [JsonPropertyName("modelUuid"), Description("The model.")]
    public required Guid ModelUuid { get; init; }

    [Description("At most a thousand.")]
    public required IReadOnlyList<RecordChange> Records { get; init; }
}

/// <summary>What changes of a record.</summary>
internal sealed record RecordChange
{
    [Description("The record's _id.")]
    public required string Id { get; init; }

    [Description("The columns that change.")]
    public required JsonElement Data { get; init; }
}

/// <summary>A record to remove.</summary>
internal sealed record RemoveRecordBody
{
    [JsonPropertyName("modelUuid"), Description("The model.")]
    public required Guid ModelUuid { get; init; }

    [Description("The record's _id.")]
    public required string Id { get; init; }
}

/// <summary>Records to remove.</summary>
internal sealed record RemoveRecordsBody
{
    [JsonPropertyName("modelUuid"), Description("The model.")]
    public required Guid ModelUuid { get; init; }

    [Description("The records' _ids.")]
    public required IReadOnlyList<string> Ids { get; init; }
}

/// <summary>A record with the columns that every one has.</summary>
internal static class RecordAnswer
{
    public static Dictionary<string, JsonElement> Of(StoredRecord record)
    {
        var result = new Dictionary<string, JsonElement>(StringComparer.Ordinal)
        {
            ["_id"] = Text(record.Id),
            ["_title"] = Text(record.Title),
            ["_emitted_at"] = JsonSerializer.SerializeToElement(record.EmittedAt, StorageJson.Wire.DateTimeOffset),
        };
        foreach (var member in record.Data.EnumerateObject())
        {
            result.TryAdd(member.Name, member.Value);
        }

        return result;
    }

    private static JsonElement Text(string value) => JsonSerializer.SerializeToElement(value, StorageJson.Wire.String);
}

internal sealed record RecordEnvelope(Dictionary<string, JsonElement> Record, bool IsRefreshing);

internal sealed record RecordsEnvelope(IReadOnlyList<Dictionary<string, JsonElement>> Records, bool IsRefreshing);

internal sealed record WrittenRecordEnvelope(Dictionary<string, JsonElement> Record);

internal sealed record WrittenRecordsEnvelope(IReadOnlyList<Dictionary<string, JsonElement>> Records);
