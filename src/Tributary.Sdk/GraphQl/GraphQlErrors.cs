using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Tributary.Sdk.GraphQl;

internal sealed record GraphQlRequest(string Query, JsonObject Variables);

internal sealed record GraphQlAnswer(JsonElement Data, IReadOnlyList<GraphQlError>? Errors);

internal sealed record GraphQlError(string? Message, JsonElement Extensions);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(GraphQlRequest))]
[JsonSerializable(typeof(GraphQlAnswer))]
internal sealed partial class GraphQlJson : JsonSerializerContext;

/// <summary>What errors in an answer mean for the one who has to mend them, by the codes that are usual.</summary>
internal static class GraphQlErrors
{
    private static readonly string[] CodeNames = ["code", "type", "errorType"];

    public static SourceException ExceptionOf(
        Uri address,
        IReadOnlyList<GraphQlError> errors,
        HttpResponseMessage response
    )
    {
        var codes = errors.SelectMany(Codes).Select(code => code.ToUpperInvariant()).ToList();
        var (kind, advice) =
            codes.Any(code => code.Contains("RATE") || code.Contains("THROTTLE") || code.Contains("TOO_MANY"))
                ? (FailureKind.Transient, "the source is busy; the next run tries again")
            : codes.Any(code => code.Contains("AUTH") || code.Contains("FORBIDDEN") || code is "ACCESS_DENIED")
                ? (FailureKind.Credentials, "the credentials are wrong, expired or lack a right; give new ones")
            : codes.Any(code => code.Contains("INTERNAL") || code.Contains("UNAVAILABLE") || code.Contains("TIMEOUT"))
                ? (FailureKind.Transient, "the source has a fault of its own; the next run tries again")
            : (FailureKind.Source, "the source does not take this query");
        var text = string.Join("; ", errors.Take(3).Select(error => error.Message ?? "no message"));
        return new SourceException(
            kind,
            $"{address.GetLeftPart(UriPartial.Path)} answered with an error, {text}: {advice}."
        )
        {
            Status = response.IsSuccessStatusCode ? null : response.StatusCode,
        };
    }

    private static IEnumerable<string> Codes(GraphQlError error) =>
        error.Extensions.ValueKind != JsonValueKind.Object
            ? []
            : CodeNames
                .Select(name => error.Extensions.TryGetProperty(name, out var code) ? code : default)
                .Where(code => code.ValueKind == JsonValueKind.String)
                .Select(code => code.GetString()!);
}
