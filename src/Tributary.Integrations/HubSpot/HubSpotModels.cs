using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tributary.Integrations.HubSpot;

internal sealed record AccountDetails(
    [property: JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)] long? PortalId = null,
    string? UiDomain = null
);

internal sealed record ObjectsAnswer(IReadOnlyList<CrmRecord> Results, ForwardPaging? Paging = null)
{
    [JsonIgnore]
    public string? Next => Paging?.Next?.After;
}

internal sealed record ForwardPaging(NextPage? Next = null);

internal sealed record NextPage(string? After = null);

internal sealed record CrmRecord(
    [property: JsonConverter(typeof(TextOrNumber))] string Id,
    DateTimeOffset UpdatedAt,
    IReadOnlyDictionary<string, JsonElement>? Properties = null,
    DateTimeOffset? CreatedAt = null,
    string? Url = null
)
{
    /// <summary>A property with a value; null when it has none, or the token may not see it.</summary>
    public string? this[string name] =>
        (Properties?.GetValueOrDefault(name) ?? default) switch
        {
            { ValueKind: JsonValueKind.String } text => text.GetString()!.Trim() is { Length: > 0 } value
                ? value
                : null,
            { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } value =>
                value.GetRawText(),
            _ => null,
        };
}

internal sealed record SearchBody(
    IReadOnlyList<FilterGroup> FilterGroups,
    IReadOnlyList<string> Sorts,
    IReadOnlyList<string> Properties,
    int Limit
);

internal sealed record FindBody(string Query, IReadOnlyList<string> Properties, int Limit);

internal sealed record FilterGroup(IReadOnlyList<Filter> Filters);

internal sealed record Filter(string PropertyName, string Operator, string Value);

internal sealed record BatchBody(
    IReadOnlyList<BatchInput> Inputs,
    IReadOnlyList<string> Properties,
    IReadOnlyList<string> PropertiesWithHistory
);

internal sealed record BatchInput([property: JsonConverter(typeof(TextOrNumber))] string Id);

internal sealed record BatchAnswer(IReadOnlyList<CrmRecord> Results);

internal sealed record AssociationsBody(IReadOnlyList<AssociationsInput> Inputs);

internal sealed record AssociationsInput(
    string Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? After = null
);

internal sealed record AssociationsAnswer(
    IReadOnlyList<Associated> Results,
    IReadOnlyList<AssociationError>? Errors = null
);

internal sealed record Associated(BatchInput From, IReadOnlyList<AssociatedTo> To, ForwardPaging? Paging = null);

/// <summary>Its id is a number, and a text in the description.</summary>
internal sealed record AssociatedTo(
    [property: JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)] long ToObjectId
);

internal sealed record AssociationError(
    string? Category = null,
    string? Message = null,
    IReadOnlyDictionary<string, JsonElement>? Context = null
);

internal sealed record OwnersAnswer(IReadOnlyList<CrmOwner> Results, ForwardPaging? Paging = null);

internal sealed record CrmOwner(
    [property: JsonConverter(typeof(TextOrNumber))] string Id,
    string? Email = null,
    string? FirstName = null,
    string? LastName = null
);

internal sealed record PipelinesAnswer(IReadOnlyList<Pipeline> Results);

internal sealed record Pipeline(
    [property: JsonConverter(typeof(TextOrNumber))] string Id,
    string? Label = null,
    IReadOnlyList<Pipeline>? Stages = null
);

internal sealed record Refusal(
    string? Message = null,
    string? Category = null,
    IReadOnlyList<RefusalDetail>? Errors = null
);

internal sealed record RefusalDetail(IReadOnlyDictionary<string, JsonElement>? Context = null);

/// <summary>Texts of an error's context, which has lists of them, or one alone.</summary>
internal static class ErrorContext
{
    public static IEnumerable<string> TextsOf(this IReadOnlyDictionary<string, JsonElement>? context, string name) =>
        (context?.GetValueOrDefault(name) ?? default) switch
        {
            { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().Select(item => item.ToString()),
            { ValueKind: JsonValueKind.String or JsonValueKind.Number } one => [one.ToString()],
            _ => [],
        };
}

/// <summary>Ids are texts; some gateways write them as numbers.</summary>
internal sealed class TextOrNumber : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number
            ? reader.GetInt64().ToString(CultureInfo.InvariantCulture)
            : reader.GetString();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(AccountDetails))]
[JsonSerializable(typeof(ObjectsAnswer))]
[JsonSerializable(typeof(SearchBody))]
[JsonSerializable(typeof(FindBody))]
[JsonSerializable(typeof(BatchBody))]
[JsonSerializable(typeof(BatchAnswer))]
[JsonSerializable(typeof(AssociationsBody))]
[JsonSerializable(typeof(AssociationsAnswer))]
[JsonSerializable(typeof(OwnersAnswer))]
[JsonSerializable(typeof(PipelinesAnswer))]
[JsonSerializable(typeof(Refusal))]
internal sealed partial class HubSpotJson : JsonSerializerContext;
