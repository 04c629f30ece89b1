using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Sdk.Documents;

namespace Tributary.Integrations.MockConnector;

internal sealed record MockStep(
    IReadOnlyList<MockDocument>? Documents,
    MockCheckpoint? Checkpoint,
    IReadOnlyList<MockFailure>? Failures,
    string? UnhandledException,
    IReadOnlyList<string>? LiveIds
)
{
    /// <summary>Its documents; a null among them counts as none.</summary>
    public IEnumerable<MockDocument> Scripted => (Documents ?? []).OfType<MockDocument>();
}

/// <summary>Where a run stands, as the script server sees it; also what the platform stores.</summary>
internal sealed record MockCheckpoint(
    bool HasMore,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? LastDocumentId
)
{
    /// <summary>What a run that begins at the beginning is called with.</summary>
    public static readonly MockCheckpoint Start = new(HasMore: true, LastDocumentId: null);
}

internal sealed record MockFailure(
    MockFailedDocument? FailedDocument,
    MockFailedEntity? FailedEntity,
    string? FailureMessage
)
{
    public string Reason =>
        (FailureMessage ?? "The script gives no reason.")
        + (FailedEntity?.MissedTimeRange is [var from, var to] ? $" (missed: {from} to {to})" : "");
}

internal sealed record MockFailedDocument(string? DocumentId, string? DocumentLink);

internal sealed record MockFailedEntity(string? EntityId, IReadOnlyList<string>? MissedTimeRange);

internal sealed record MockDocument(
    string? Id,
    IReadOnlyList<MockSection>? Sections,
    string? Source,
    string? SemanticIdentifier,
    string? Title,
    Dictionary<string, JsonElement>? Metadata,
    string? DocUpdatedAt,
    string? DocCreatedAt,
    IReadOnlyList<MockOwner>? PrimaryOwners,
    IReadOnlyList<MockOwner>? SecondaryOwners,
    MockAccess? ExternalAccess
)
{
    /// <summary>As scripted; no version, so that a replay with other content is always seen.</summary>
    public Document ToDocument(string id) =>
        new()
        {
            Id = id,
            Title = Title ?? SemanticIdentifier,
            Link = Sections?.FirstOrDefault(section => section?.Link is not null)?.Link,
            Sections =
            [
                .. (Sections ?? [])
                    .Where(section => section?.Text is not null)
                    .Select(section => new Section(section.Text!, section.Link, section.Heading)),
            ],
            SourceType = Source,
            UpdatedAt = Time(DocUpdatedAt),
            CreatedAt = Time(DocCreatedAt),
            PrimaryOwners = Owners(PrimaryOwners),
            SecondaryOwners = Owners(SecondaryOwners),
            Metadata = (Metadata ?? []).ToDictionary(pair => pair.Key, pair => Value(pair.Value)),
            Access = ExternalAccess is { } access
                ? new DocumentAccess(
                    access.IsPublic ?? false,
                    access.ExternalUserEmails ?? [],
                    access.ExternalUserGroupIds ?? []
                )
                : null,
        };

    private static IReadOnlyList<Owner> Owners(IReadOnlyList<MockOwner>? owners) =>
        [.. (owners ?? []).Select(owner => owner?.ToOwner()).OfType<Owner>()];

    private static MetadataValue Value(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array
            ? MetadataValue.FromList(value.EnumerateArray().Select(item => item.ToString()))
            : value.ToString();

    // A date without a zone is UTC.
    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time
        )
            ? time
            : null;
}

internal sealed record MockSection(string? Text, string? Link, string? Heading);

internal sealed record MockOwner(string? DisplayName, string? FirstName, string? LastName, string? Email)
{
    public Owner? ToOwner()
    {
        var name = DisplayName ?? string.Join(' ', new[] { FirstName, LastName }.OfType<string>());
        return name.Length > 0 || Email is not null ? new Owner(name.Length > 0 ? name : null, Email) : null;
    }
}

internal sealed record MockAccess(
    bool? IsPublic,
    IReadOnlyList<string>? ExternalUserEmails,
    IReadOnlyList<string>? ExternalUserGroupIds
);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IReadOnlyList<MockStep?>))]
[JsonSerializable(typeof(MockCheckpoint))]
internal sealed partial class MockConnectorJson : JsonSerializerContext;
