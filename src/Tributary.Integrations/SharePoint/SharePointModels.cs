using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Integrations.MicrosoftGraph;

namespace Tributary.Integrations.SharePoint;

internal sealed record SharePointSite(
    string Id,
    string? WebUrl,
    string? DisplayName,
    string? Name,
    bool? IsPersonalSite
)
{
    /// <summary>People's own sites, and containers of apps such as Loop.</summary>
    public bool IsLeftOut =>
        IsPersonalSite == true
        || WebUrl is null
        || WebUrl.Contains("/personal/", StringComparison.OrdinalIgnoreCase)
        || WebUrl.Contains("/contentstorage/", StringComparison.OrdinalIgnoreCase);

    public string Title => DisplayName ?? Name ?? WebUrl ?? Id;
}

internal sealed record SharePointDrive(string Id, string? Name, string? WebUrl, string? DriveType);

internal sealed record FileFacet(string? MimeType);

internal sealed record UniqueIds(string? ListItemUniqueId);

internal sealed record ItemParent(string? Path, string? DriveId);

internal sealed record Identity(
    string? DisplayName,
    string? Email,
    string? UserPrincipalName,
    string? Id,
    string? LoginName
);

internal sealed record IdentitySet(Identity? User, Identity? Group, Identity? SiteUser, Identity? SiteGroup);

internal sealed record DriveItem(
    string Id,
    string? Name,
    string? WebUrl,
    long? Size,
    FileFacet? File,
    JsonElement? Folder,
    JsonElement? Package,
    JsonElement? Deleted,
    JsonElement? Malware,
    DateTimeOffset? CreatedDateTime,
    DateTimeOffset? LastModifiedDateTime,
    IdentitySet? CreatedBy,
    IdentitySet? LastModifiedBy,
    ItemParent? ParentReference,
    UniqueIds? SharepointIds
)
{
    private const int IdLength = 34;

    public bool IsDeleted => Deleted is not null;

    public bool IsReadable =>
        File is not null
        && Folder is null
        && Package is null
        && Malware is null
        && Size is not 0
        && !(Name ?? "").EndsWith(".aspx", StringComparison.OrdinalIgnoreCase);

    /// <summary>The file's unique id, which is also in the item's own: tombstones have nothing else.</summary>
    public string DocumentId =>
        Guid.TryParse(SharepointIds?.ListItemUniqueId, out var given) ? given.ToString("D")
        : Embedded() is { } found ? found.ToString("D")
        : Id;

    /// <summary>"01", then in base32 four bytes of the drive and sixteen of the id.</summary>
    private Guid? Embedded()
    {
        if (Id.Length != IdLength || !Id.StartsWith("01", StringComparison.Ordinal))
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[20];
        Span<byte> eight = stackalloc byte[8];
        for (var group = 0; group < 4; group++)
        {
            ulong value = 0;
            foreach (var character in Id.AsSpan(2 + (group * 8), 8))
            {
                var digit = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(character, StringComparison.Ordinal);
                if (digit < 0)
                {
                    return null;
                }

                value = (value << 5) | (uint)digit;
            }

            BinaryPrimitives.WriteUInt64BigEndian(eight, value);
            eight[3..].CopyTo(bytes[(group * 5)..]);
        }

        return new Guid(bytes[4..]);
    }
}

internal sealed record SharingLink(string? Scope);

internal sealed record ItemPermission(
    IdentitySet? GrantedToV2,
    IReadOnlyList<IdentitySet>? GrantedToIdentitiesV2,
    SharingLink? Link
);

internal sealed record Publishing(string? Level);

internal sealed record WebText(string? Key, string? Value);

internal sealed record WebContent(IReadOnlyList<WebText>? SearchablePlainTexts);

internal sealed record WebData(string? Title, string? Description, WebContent? ServerProcessedContent);

internal sealed record WebPart(string? InnerHtml, WebData? Data);

internal sealed record PageColumn(IReadOnlyList<WebPart>? Webparts);

internal sealed record PageSection(IReadOnlyList<PageColumn>? Columns, IReadOnlyList<WebPart>? Webparts);

internal sealed record PageCanvas(IReadOnlyList<PageSection>? HorizontalSections, PageSection? VerticalSection)
{
    public IEnumerable<WebPart> Parts =>
        (HorizontalSections ?? [])
            .SelectMany(section => section.Columns ?? [])
            .SelectMany(column => column.Webparts ?? [])
            .Concat(VerticalSection?.Webparts ?? []);
}

internal sealed record SitePage(
    string Id,
    string? Name,
    string? Title,
    string? Description,
    string? WebUrl,
    DateTimeOffset? CreatedDateTime,
    DateTimeOffset? LastModifiedDateTime,
    IdentitySet? CreatedBy,
    IdentitySet? LastModifiedBy,
    Publishing? PublishingState,
    PageCanvas? CanvasLayout
)
{
    public bool IsPublished => PublishingState?.Level is null or "published";

    public string DocumentId => Id.ToLowerInvariant();
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SharePointSite))]
[JsonSerializable(typeof(DriveItem))]
[JsonSerializable(typeof(SitePage))]
[JsonSerializable(typeof(GraphCollection<SharePointSite>))]
[JsonSerializable(typeof(GraphCollection<SharePointDrive>))]
[JsonSerializable(typeof(GraphCollection<DriveItem>))]
[JsonSerializable(typeof(GraphCollection<ItemPermission>))]
[JsonSerializable(typeof(GraphCollection<SitePage>))]
internal sealed partial class SharePointJson : JsonSerializerContext;
