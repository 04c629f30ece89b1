using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tributary.Integrations.GoogleDrive;

internal sealed record DriveFileList
{
    public required IReadOnlyList<DriveFile> Files { get; init; }

    public string? NextPageToken { get; init; }

    public bool IncompleteSearch { get; init; }
}

internal sealed record DriveFile
{
    private const string Google = "application/vnd.google-apps.";

    public required string Id { get; init; }

    public string? Name { get; init; }

    public string? MimeType { get; init; }

    public DateTimeOffset? ModifiedTime { get; init; }

    public DateTimeOffset? CreatedTime { get; init; }

    public string? Size { get; init; }

    public string? Md5Checksum { get; init; }

    public string? WebViewLink { get; init; }

    public IReadOnlyList<string>? Parents { get; init; }

    public string? DriveId { get; init; }

    public IReadOnlyList<DriveUser>? Owners { get; init; }

    public DriveUser? LastModifyingUser { get; init; }

    public DriveShortcut? ShortcutDetails { get; init; }

    public IReadOnlyList<string>? PermissionIds { get; init; }

    public IReadOnlyList<DrivePermission>? Permissions { get; init; }

    public bool Trashed { get; init; }

    /// <summary>Its folder; absent for what others shared with the user.</summary>
    [JsonIgnore]
    public string? Parent => Parents is [var parent, ..] ? parent : null;

    [JsonIgnore]
    public bool IsFolder => MimeType == Google + "folder";

    [JsonIgnore]
    public bool IsShortcut => MimeType == Google + "shortcut";

    [JsonIgnore]
    public bool IsDocument => MimeType == Google + "document";

    [JsonIgnore]
    public bool IsSpreadsheet => MimeType == Google + "spreadsheet";

    [JsonIgnore]
    public bool IsPresentation => MimeType == Google + "presentation";

    /// <summary>It has content that is text or may be; Google's own types have it for three kinds only.</summary>
    [JsonIgnore]
    public bool IsReadable =>
        !Trashed
        && (
            IsDocument
            || IsSpreadsheet
            || IsPresentation
            || MimeType?.StartsWith(Google, StringComparison.Ordinal) != true
        );

    /// <summary>A mark that changes with everything that a document is made of, its readers included.</summary>
    [JsonIgnore]
    public string Version =>
        Convert.ToHexStringLower(
            SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this, DriveJson.Default.DriveFile)).AsSpan(0, 16)
        );

    public bool IsOwnedBy(string? email) =>
        email is not null
        && (Owners ?? []).Any(owner => string.Equals(owner.EmailAddress, email, StringComparison.OrdinalIgnoreCase));
}

internal sealed record DriveUser(string? EmailAddress, string? DisplayName);

internal sealed record DriveShortcut(string? TargetId, string? TargetMimeType);

internal sealed record DrivePermissionList(IReadOnlyList<DrivePermission>? Permissions, string? NextPageToken);

internal sealed record DrivePermission(
    string? Id,
    string? Type,
    string? EmailAddress,
    string? Domain,
    string? Role,
    bool? AllowFileDiscovery,
    bool Deleted
);

internal sealed record DriveChangeList
{
    public required IReadOnlyList<DriveChange> Changes { get; init; }

    public string? NextPageToken { get; init; }

    public string? NewStartPageToken { get; init; }
}

internal sealed record DriveChange(string? ChangeType, bool Removed, string? FileId, DriveFile? File);

internal sealed record DriveStart
{
    public required string StartPageToken { get; init; }
}

internal sealed record SharedDriveList
{
    public required IReadOnlyList<SharedDrive> Drives { get; init; }

    public string? NextPageToken { get; init; }
}

internal sealed record SharedDrive(string? Id, string? Name);

internal sealed record DriveAbout
{
    public required DriveUser User { get; init; }
}

internal sealed record DriveExports(IReadOnlyDictionary<string, string>? ExportLinks);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectRequiredConstructorParameters = false,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(DriveFileList))]
[JsonSerializable(typeof(DriveFile))]
[JsonSerializable(typeof(DrivePermissionList))]
[JsonSerializable(typeof(DriveChangeList))]
[JsonSerializable(typeof(DriveStart))]
[JsonSerializable(typeof(SharedDriveList))]
[JsonSerializable(typeof(SharedDrive))]
[JsonSerializable(typeof(DriveAbout))]
[JsonSerializable(typeof(DriveExports))]
[JsonSerializable(typeof(DocsDocument))]
internal sealed partial class DriveJson : JsonSerializerContext;
