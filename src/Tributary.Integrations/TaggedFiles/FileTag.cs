using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tributary.Sdk.Documents;

namespace Tributary.Integrations.TaggedFiles;

/// <summary>What people say about a file, beside or in it.</summary>
internal sealed record FileTag
{
    public static readonly FileTag None = new();

    public string? DocumentId { get; private init; }

    public string? Title { get; private init; }

    public string? Link { get; private init; }

    public IReadOnlyList<Owner> PrimaryOwners { get; private init; } = [];

    public IReadOnlyList<Owner> SecondaryOwners { get; private init; } = [];

    public DateTimeOffset? UpdatedAt { get; private init; }

    public string? SourceType { get; private init; }

    public string? MimeType { get; private init; }

    public string? Password { get; private init; }

    public ImmutableSortedDictionary<string, MetadataValue> Tags { get; private init; } =
        ImmutableSortedDictionary<string, MetadataValue>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>Differs when what is said differs; empty when nothing is said.</summary>
    public string Mark { get; private init; } = "";

    /// <summary>From an object of a metadata file or line.</summary>
    public static FileTag Of(JsonElement entry)
    {
        var tags = None.Tags.ToBuilder();
        var tag = None with
        {
            Mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(entry.GetRawText())))[..16],
        };
        foreach (var member in entry.EnumerateObject())
        {
            var text = member.Value.ValueKind == JsonValueKind.Null ? "" : member.Value.ToString().Trim();
            if (text.Length == 0)
            {
                continue;
            }

            switch (member.Name)
            {
                case "filename":
                    break;
                case "document_id":
                    tag = tag with { DocumentId = text };
                    break;
                case "title":
                    tag = tag with { Title = text };
                    break;
                case "file_display_name":
                    tag = tag with { Title = tag.Title ?? text };
                    break;
                case "link":
                    tag = tag with { Link = text };
                    break;
                case "primary_owners":
                    tag = tag with { PrimaryOwners = Owners(member.Value) };
                    break;
                case "secondary_owners":
                    tag = tag with { SecondaryOwners = Owners(member.Value) };
                    break;
                case "doc_updated_at":
                    tag = tag with { UpdatedAt = Time(text) ?? tag.UpdatedAt };
                    break;
                case "time_updated":
                    tag = tag with { UpdatedAt = tag.UpdatedAt ?? Time(text) };
                    break;
                case "connector_type":
                    tag = tag with { SourceType = text };
                    break;
                case "mime_type":
                    tag = tag with { MimeType = text };
                    break;
                case "pdf_password":
                    tag = tag with { Password = text };
                    break;
                default:
                    tags[member.Name] = Value(member.Value);
                    break;
            }
        }

        return tag with
        {
            Tags = tags.ToImmutable(),
        };
    }

    /// <summary>This one where it says something, else the other.</summary>
    public FileTag Over(FileTag other) =>
        other with
        {
            DocumentId = DocumentId ?? other.DocumentId,
            Title = Title ?? other.Title,
            Link = Link ?? other.Link,
            PrimaryOwners = PrimaryOwners.Count > 0 ? PrimaryOwners : other.PrimaryOwners,
            SecondaryOwners = SecondaryOwners.Count > 0 ? SecondaryOwners : other.SecondaryOwners,
            UpdatedAt = UpdatedAt ?? other.UpdatedAt,
            SourceType = SourceType ?? other.SourceType,
            MimeType = MimeType ?? other.MimeType,
            Password = Password ?? other.Password,
            Tags = other.Tags.SetItems(Tags),
        };

    private static List<Owner> Owners(JsonElement value) =>
        [
            .. Texts(value)
                .Where(text => text.Length > 0)
                .Select(text => text.Contains('@', StringComparison.Ordinal) ? new Owner(null, text) : new Owner(text)),
        ];

    private static MetadataValue Value(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? MetadataValue.FromList(Texts(value)) : Text(value);

    private static IEnumerable<string> Texts(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(Text) : [Text(value)];

    private static string Text(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => value.ToString().Trim(),
        };

    // A time without a zone is UTC; one that is none is passed over, as the rest of the entry is still worth having.
    private static DateTimeOffset? Time(string text) =>
        DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time
        )
            ? time
            : null;
}
