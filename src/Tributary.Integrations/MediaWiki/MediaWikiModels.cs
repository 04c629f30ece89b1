using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.MediaWiki;

/// <summary>Any answer of api.php in formatversion 2; errors come in it too, with status 200.</summary>
internal sealed record WikiAnswer(
    WikiError? Error,
    WikiQuery? Query,
    WikiParse? Parse,
    WikiLogin? Login,
    Dictionary<string, JsonElement>? Continue,
    bool BatchComplete
);

internal sealed record WikiError(string Code, string? Info);

internal sealed record WikiQuery(
    IReadOnlyList<WikiPage>? Pages,
    WikiGeneral? General,
    Dictionary<string, WikiNamespace>? Namespaces,
    IReadOnlyList<WikiLogEvent>? LogEvents,
    WikiTokens? Tokens,
    IReadOnlyList<WikiHit>? Search = null
);

internal sealed record WikiHit(string Title, long PageId, DateTimeOffset? Timestamp);

internal sealed record WikiGeneral(
    string? SiteName,
    string? Generator,
    string? Lang,
    string? Case,
    string? Server,
    string? ArticlePath,
    DateTimeOffset? Time
);

internal sealed record WikiNamespace(int Id, string? Name, string? Canonical, bool Content)
{
    public const int File = 6;

    public const int Category = 14;
}

internal sealed record WikiTokens(string? LoginToken);

internal sealed record WikiLogin(string Result, JsonElement? Reason);

internal sealed record WikiPage(
    long PageId,
    int Ns,
    string? Title,
    bool Missing,
    bool Invalid,
    bool Redirect,
    long LastRevId,
    long? Length,
    string? FullUrl,
    string? PageLanguage,
    IReadOnlyList<WikiRevision>? Revisions,
    IReadOnlyList<WikiPageCategory>? Categories = null,
    string? Extract = null
)
{
    public bool IsThere => PageId > 0 && !Missing && !Invalid && FullUrl is not null;

    /// <summary>Stable over edits; the address in it is that of the day, so a moved page gets a new id.</summary>
    public string DocumentId => DocumentIdOf(PageId, FullUrl!);

    /// <summary>The revision; null when the wiki hides it.</summary>
    public string? Version =>
        LastRevId > 0 ? $"{LastRevId}"
        : LastRevision is { RevId: > 0 } last ? $"{last.RevId}"
        : null;

    /// <summary>Remembers in a pass that the page was read.</summary>
    public WorkItem WorkItem => new($"page:{PageId}");

    public WikiRevision? LastRevision => Revisions is [var last, ..] ? last : null;

    public static string DocumentIdOf(long pageId, string fullUrl) => $"MEDIAWIKI_{pageId}_{fullUrl}";

    /// <summary>One page out of its parts in two answers of the same batch.</summary>
    public WikiPage MergedWith(WikiPage later) =>
        later with
        {
            LastRevId = later.LastRevId != 0 ? later.LastRevId : LastRevId,
            Length = later.Length ?? Length,
            FullUrl = later.FullUrl ?? FullUrl,
            PageLanguage = later.PageLanguage ?? PageLanguage,
            Redirect = later.Redirect || Redirect,
            Revisions = later.Revisions ?? Revisions,
        };
}

internal sealed record WikiRevision(
    long RevId,
    DateTimeOffset? Timestamp,
    string? User,
    bool UserHidden,
    string? Content = null,
    Dictionary<string, WikiSlot>? Slots = null
)
{
    /// <summary>The source of the page: in a slot since MediaWiki 1.32. Null when it was not asked for, or is hidden.</summary>
    public string? Source => Slots?.GetValueOrDefault("main")?.Content ?? Content;
}

internal sealed record WikiSlot(string? Content);

internal sealed record WikiParse(string? Text, long RevId, IReadOnlyList<WikiCategory>? Categories);

internal sealed record WikiPageCategory(string? Title, bool Hidden);

internal sealed record WikiCategory(string? Category, bool Hidden);

internal sealed record WikiLogEvent(string? Title, long LogPage, string? Action);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(WikiAnswer))]
internal sealed partial class MediaWikiJson : JsonSerializerContext;
