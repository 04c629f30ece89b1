using System.Text.Json.Serialization;

namespace Tributary.Integrations.Google;

internal sealed record GoogleErrorAnswer(GoogleError? Error);

internal sealed record GoogleError(string? Message, string? Status, IReadOnlyList<GoogleErrorDetail>? Errors);

internal sealed record GoogleErrorDetail(string? Reason);

internal sealed record DirectoryUsers(IReadOnlyList<DirectoryUser>? Users, string? NextPageToken);

internal sealed record DirectoryUser(string? PrimaryEmail, bool Suspended, bool Archived);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectRequiredConstructorParameters = false,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(GoogleErrorAnswer))]
[JsonSerializable(typeof(DirectoryUsers))]
internal sealed partial class GoogleJson : JsonSerializerContext;
