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
