using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tributary.Integrations.Google;

internal sealed record GoogleErrorAnswer(GoogleError? Error);

internal sealed record GoogleError(string? Message, string? Status, IReadOnlyList<GoogleErrorDetail>? Errors);

internal sealed record GoogleErrorDetail(string? Reason);

internal sealed record DirectoryUsers(IReadOnlyList<DirectoryUser>? Users, string? NextPageToken);

internal sealed record DirectoryUser(string? PrimaryEmail, bool? Suspended, bool? Archived);

/// <summary>Google writes large numbers as texts; gateways that rewrite answers make numbers of them again.</summary>
internal sealed class TextOrNumberConverter : JsonConverter<string?>
{
    /// <inheritdoc />
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType switch
        {
            JsonTokenType.Null => null,
            JsonTokenType.Number when reader.TryGetInt64(out var number) => number.ToString(
                CultureInfo.InvariantCulture
            ),
            _ => reader.GetString(),
        };

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectRequiredConstructorParameters = false,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(GoogleErrorAnswer))]
[JsonSerializable(typeof(DirectoryUsers))]
internal sealed partial class GoogleJson : JsonSerializerContext;
