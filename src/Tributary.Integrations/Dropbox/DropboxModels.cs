using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tributary.Integrations.Dropbox;

internal sealed record CurrentAccount(string? AccountId, AccountName? Name, string? Email, RootInfo? RootInfo);

internal sealed record AccountName(string? DisplayName);

internal sealed record RootInfo(string? RootNamespaceId, string? HomeNamespaceId);

internal sealed record AccountsArgument(IReadOnlyList<string> AccountIds);

internal sealed record ListArgument(string Path, bool Recursive, int Limit, bool IncludeHasExplicitSharedMembers);

internal sealed record CursorArgument(string Cursor);

internal sealed record PathArgument(string Path);

internal sealed record SearchArgument(string Query, SearchOptions Options);

internal sealed record SearchOptions(string Path, int MaxResults);

internal sealed record SearchAnswer(IReadOnlyList<SearchMatch>? Matches);

internal sealed record SearchMatch(SearchMatched? Metadata);

internal sealed record SearchMatched(Entry? Metadata);

internal sealed record ExportArgument(
    string Path,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ExportFormat
);

internal sealed record LinksArgument(string Path, bool DirectOnly);

internal sealed record FileMembersArgument(string File, int Limit);

internal sealed record FolderMembersArgument(string SharedFolderId, int Limit);

internal sealed record EntriesAnswer(
    [property: JsonRequired] IReadOnlyList<Entry> Entries,
    string? Cursor,
    bool HasMore
);

internal sealed record Entry(
    [property: JsonPropertyName(".tag")] string Tag,
    string? Name,
    string? Id,
    string? PathLower,
    string? PathDisplay,
    string? Rev,
    long? Size,
    DateTimeOffset? ServerModified,
    bool? IsDownloadable,
    ExportInfo? ExportInfo,
    SharingInfo? SharingInfo,
    bool? HasExplicitSharedMembers
)
{
    private const string PaperSuffix = ".paper";

    public bool IsExported => IsDownloadable == false;

    /// <summary>Moved and renamed files keep their revision.</summary>
    public string Version => $"{Rev ?? $"{ServerModified:O} {Size}"} {PathDisplay}";

    /// <summary>Markdown where it is offered, else whatever Dropbox thinks best.</summary>
    public string? ExportFormat => ExportInfo?.ExportOptions?.Contains("markdown") == true ? "markdown" : null;

    /// <summary>Whether this is a file that can be read. The same for reads and listings.</summary>
    public bool IsReadable(bool includePaper) =>
        Tag == "file"
        && !string.IsNullOrEmpty(Id)
        && (!IsExported || ExportInfo?.ExportAs is not null)
        && (includePaper || Name?.EndsWith(PaperSuffix, StringComparison.OrdinalIgnoreCase) != true);
}

internal sealed record ExportInfo(string? ExportAs, IReadOnlyList<string>? ExportOptions);

internal sealed record SharingInfo(string? ParentSharedFolderId, string? ModifiedBy);

internal sealed record ExportAnswer(ExportedFile? ExportMetadata);

internal sealed record ExportedFile(string? Name);

internal sealed record LinksAnswer(IReadOnlyList<SharedLink>? Links);

internal sealed record SharedLink(string? Url);

internal sealed record MembersAnswer(
    IReadOnlyList<UserMember>? Users,
    IReadOnlyList<GroupMember>? Groups,
    IReadOnlyList<InvitedMember>? Invitees,
    string? Cursor
);

internal sealed record UserMember(Member? User, AccessType? AccessType);

internal sealed record Member(string? Email);

internal sealed record GroupMember(Group? Group, AccessType? AccessType);

internal sealed record Group(string? GroupId);

internal sealed record InvitedMember(Invitee? Invitee);

internal sealed record Invitee(string? Email);

internal sealed record AccessType([property: JsonPropertyName(".tag")] string? Tag)
{
    /// <summary>Those who only pass through a folder do not see its files.</summary>
    public bool MayRead => Tag is not ("no_access" or "traverse");
}

/// <summary>What Dropbox says when it refuses. The summary ends with random dots.</summary>
internal sealed record Refusal(string? ErrorSummary, JsonElement Error)
{
    public string? RequiredScope =>
        Error.ValueKind == JsonValueKind.Object
        && Error.TryGetProperty("required_scope", out var scope)
        && scope.ValueKind == JsonValueKind.String
            ? scope.GetString()
            : null;

    public bool Is(string beginning) => ErrorSummary?.StartsWith(beginning, StringComparison.Ordinal) == true;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(CurrentAccount))]
[JsonSerializable(typeof(IReadOnlyList<CurrentAccount>))]
[JsonSerializable(typeof(AccountsArgument))]
[JsonSerializable(typeof(ListArgument))]
[JsonSerializable(typeof(CursorArgument))]
[JsonSerializable(typeof(PathArgument))]
[JsonSerializable(typeof(SearchArgument))]
[JsonSerializable(typeof(SearchAnswer))]
[JsonSerializable(typeof(ExportArgument))]
[JsonSerializable(typeof(LinksArgument))]
[JsonSerializable(typeof(FileMembersArgument))]
[JsonSerializable(typeof(FolderMembersArgument))]
[JsonSerializable(typeof(EntriesAnswer))]
[JsonSerializable(typeof(Entry))]
[JsonSerializable(typeof(ExportAnswer))]
[JsonSerializable(typeof(LinksAnswer))]
[JsonSerializable(typeof(MembersAnswer))]
[JsonSerializable(typeof(Refusal))]
internal sealed partial class DropboxJson : JsonSerializerContext;
