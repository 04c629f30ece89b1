using System.Globalization;
using System.Net;
using Tributary.Integrations.Atlassian;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Confluence;

/// <summary>A wiki that is open for reading: its searches, the zone in which it reads dates, and what of it is in scope.</summary>
internal sealed class ConfluenceApi
{
    private const int MostPages = 500;
    private const string Pages = "type in (page, blogpost)";

    private readonly ReaderContext _context;
    private readonly Uri _root;
    private readonly TimeZoneInfo? _zone;

    private ConfluenceApi(ReaderContext context, ConfluenceConfig config, Uri root, string? zone)
    {
        _context = context;
        _root = root;
        _zone = config.TimezoneOffset is not 0 and var hours
            ? TimeZoneInfo.CreateCustomTimeZone("site", TimeSpan.FromMinutes(Math.Round(hours * 60)), null, null)
            : AtlassianTime.ZoneOf(zone);
        Config = config;
        Scope =
            config.Space.Trim() is { Length: > 0 } space ? $"space = {AtlassianTime.Quoted(space)}"
            : config.PageId.Trim() is { Length: > 0 } page
                ? config.IndexRecursively ? $"(id = {page} or ancestor = {page})"
                    : $"id = {page}"
            : string.IsNullOrWhiteSpace(config.CqlQuery) ? ""
            : $"({config.CqlQuery.Trim()})";
    }

    public ConfluenceConfig Config { get; }

    /// <summary>What is read, as CQL; empty for all.</summary>
    public string Scope { get; }

    /// <summary>Whether the wiki reads a minute as we write it.</summary>
    public bool IsZoneKnown => _zone is not null;

    /// <summary>Where the API is: the wiki itself, or a gateway.</summary>
    public Uri Root => _root;

    /// <exception cref="SourceException">The site, the account or the scope is not what it should be.</exception>
    public static async Task<ConfluenceApi> OpenAsync(
        ReaderContext context,
        ConfluenceConfig config,
        ConfluenceCredentials credentials,
        CancellationToken cancellationToken
    )
    {
        var gateway = ApiAddress.Parse(config.ApiBaseUrl);
        var siteId =
            credentials.CloudId is { Length: > 0 } known ? known.Trim()
            : credentials.IsOAuth
                ? await AtlassianCloud.ConsentedSiteIdAsync(context, gateway, config.Wiki, cancellationToken)
            : config is { ScopedToken: true, IsCloud: true }
                ? await AtlassianCloud.SiteIdAsync(context, config.Wiki, cancellationToken)
            : null;
        var root = siteId is null ? config.Wiki : gateway.At($"ex/confluence/{siteId}/wiki");
        var user = await UserAsync(context, root, config, cancellationToken);
        var api = new ConfluenceApi(context, config, root, user.TimeZone);
        await api.ProbeAsync(cancellationToken);
        return api;
    }

    /// <summary>Pages and blog posts of the scope that changed since a minute, oldest change first.</summary>
    public IAsyncEnumerable<Page<ContentPage>> PagesAsync(
        DateTimeOffset? since,
        string expand,
        CancellationToken cancellationToken
    ) => SearchAsync(And(Pages, Scope, Since(since)) + " order by lastmodified asc", expand, 250, cancellationToken);

    /// <summary>Comments and attachments that changed since a minute, oldest change first: their pages do not count as changed.</summary>
    public IAsyncEnumerable<Page<ContentPage>> ChangesAsync(
        DateTimeOffset? since,
        CancellationToken cancellationToken
    ) =>
        SearchAsync(
            And(Belongings, Config.Space.Length > 0 ? Scope : "", Since(since)) + " order by lastmodified asc",
            "version,container",
            100,
            cancellationToken
        );

    /// <summary>When a comment or attachment changed last; null when there is none.</summary>
    public async Task<DateTimeOffset?> NewestChangeAsync(CancellationToken cancellationToken)
    {
        var cql = And(Belongings, Config.Space.Length > 0 ? Scope : "") + " order by lastmodified desc";
        var page = await SearchAsync(cql, "version", 1, cancellationToken).FirstAsync(cancellationToken);
        return page.Body.Results is [var newest, ..] ? newest.ChangedAt : null;
    }

    /// <summary>Pages and blog posts of the scope that have some words, best first.</summary>
    public IAsyncEnumerable<Page<ContentPage>> FindAsync(
        string words,
        int limit,
        CancellationToken cancellationToken
    ) =>
        SearchWords.Of(words) is { Length: > 0 } plain
            ? SearchAsync(
                And(Pages, Scope, $"text ~ {AtlassianTime.Quoted(plain)}"),
                "version",
                limit,
                cancellationToken
            )
            : AsyncEnumerable.Empty<Page<ContentPage>>();

    /// <summary>Those pages of a list that are in scope.</summary>
    public Task<IReadOnlyList<Content>> PagesOfAsync(
        IReadOnlyCollection<string> ids,
        string expand,
        CancellationToken cancellationToken
    ) => AllAsync(And(Pages, $"id in ({string.Join(", ", ids)})", Scope), expand, cancellationToken);

    /// <summary>All comments, or all attachments, of some pages at once.</summary>
    public Task<IReadOnlyList<Content>> BelongingsOfAsync(
        string type,
        IReadOnlyCollection<string> ids,
        string expand,
        CancellationToken cancellationToken
    ) =>
        AllAsync(
            $"type = {type} and container in ({string.Join(", ", ids)}) order by created asc",
            expand,
            cancellationToken
        );

    /// <summary>Where an attachment's bytes are; in the cloud the answer leads on to a signed address, which gets no credentials.</summary>
    public Uri? FileOf(string pageId, Content attachment)
    {
        if (Config.IsCloud)
        {
            return _root.At($"rest/api/content/{pageId}/child/attachment/{attachment.Id}/download");
        }

        // The path begins below the wiki's own folder.
        return
            attachment.Links?.Download is { Length: > 1 } path
            && path[0] == '/'
            && Uri.TryCreate(Config.Wiki.AbsoluteUri.TrimEnd('/') + path, UriKind.Absolute, out var address)
            ? address
            : null;
    }

    private string Belongings => Config.IncludeAttachments ? "type in (comment, attachment)" : "type = comment";

    private static string And(params IEnumerable<string> clauses) =>
        string.Join(" and ", clauses.Where(clause => clause.Length > 0));

    private string Since(DateTimeOffset? time) =>
        time is { } known
            ? $"lastmodified >= {AtlassianTime.Quoted(AtlassianTime.Written(known, _zone ?? TimeZoneInfo.Utc))}"
            : "";

    private async Task<IReadOnlyList<Content>> AllAsync(string cql, string expand, CancellationToken cancellationToken)
    {
        var all = new List<Content>();
        await foreach (var page in SearchAsync(cql, expand, 100, cancellationToken).Take(MostPages))
        {
            all.AddRange(page.Body.Results);
        }

        return [.. all.DistinctBy(content => content.Id)];
    }

    /// <summary>
    /// A search. Of a next-link only its cursor is taken: behind the gateway the link leads to the site itself. Data Center
    /// has offsets, which shift when something vanishes: each page begins a little before the end of the one before.
    /// </summary>
    private IAsyncEnumerable<Page<ContentPage>> SearchAsync(
        string cql,
        string expand,
        int limit,
        CancellationToken cancellationToken
    ) =>
        _context.Http.PagesByCursorAsync(
            next =>
                _root.At(
                    $"rest/api/content/search",
                    ("cql", cql),
                    ("expand", expand.Length > 0 ? expand : null),
                    ("limit", limit),
                    (Config.IsCloud ? "cursor" : "start", next)
                ),
            ConfluenceJson.Default.ContentPage,
            page =>
                Config.IsCloud ? CursorOf(page.Links?.Next)
                : page.Links?.Next is not null && page.Results.Count is > 0 and var count
                    ? ((page.Start ?? 0) + count - (count / 4)).ToString(CultureInfo.InvariantCulture)
                : null,
            null,
            cancellationToken
        );

    /// <summary>The cursor of a next-link; null when there is no link.</summary>
    public static string? CursorOf(string? link) =>
        link is null
            ? null
            : link.Split('?', 2)
                .ElementAtOrDefault(1)
                ?.Split('&')
                .Where(pair => pair.StartsWith("cursor=", StringComparison.Ordinal))
                .Select(pair => Uri.UnescapeDataString(pair["cursor=".Length..]))
                .FirstOrDefault(cursor => cursor.Length > 0)
                ?? throw new SourceException(
                    FailureKind.Source,
                    "Confluence continues a search without saying where: its next-link has no cursor. Is this a Data Center? Turn is_cloud off then."
                );

    private static async Task<User> UserAsync(
        ReaderContext context,
        Uri root,
        ConfluenceConfig config,
        CancellationToken cancellationToken
    )
    {
        User user;
        try
        {
            user = await context.Http.GetJsonAsync(
                root.At($"rest/api/user/current"),
                ConfluenceJson.Default.User,
                cancellationToken
            );
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.Unauthorized)
        {
            throw Refused(config);
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.NotFound)
        {
            throw new SourceException(
                FailureKind.Configuration,
                $"There is no Confluence at {root.AbsoluteUri}. In the cloud the address ends with /wiki; a Data Center needs its context path, and is_cloud turned off.",
                exception
            )
            {
                Member = "config.wiki_base",
            };
        }

        return user.Type == "anonymous" ? throw Refused(config) : user;
    }

    private static SourceException Refused(ConfluenceConfig config) =>
        new(
            FailureKind.Credentials,
            config.IsCloud
                ? "Confluence does not take confluence_username with confluence_access_token. Make a new API token at https://id.atlassian.com/manage-profile/security/api-tokens; one with scopes needs scoped_token. For a Data Center turn is_cloud off."
                : "Confluence does not take confluence_access_token: a Data Center needs a personal access token that has not expired."
        )
        {
            Status = HttpStatusCode.Unauthorized,
            Member = "credentials.confluence_access_token",
        };

    /// <summary>An unknown space, page or field is told here, in words that name it.</summary>
    private async Task ProbeAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            _root.At($"rest/api/content/search", ("cql", And(Pages, Scope)), ("limit", 1))
        );
        using var response = await _context.Http.SendAnyAsync(request, cancellationToken);
        if (response.StatusCode is HttpStatusCode.BadRequest)
        {
            var problem = await response.ReadJsonAsync(ConfluenceJson.Default.Problem, cancellationToken);
            throw Unknown($"Confluence refuses the search: {problem.Message}");
        }

        if (!response.IsSuccessStatusCode)
        {
            throw SourceHttp.FailureOf(request, response);
        }

        var page = await response.ReadJsonAsync(ConfluenceJson.Default.ContentPage, cancellationToken);
        if (page.Results.Count == 0 && Config.PageId.Length > 0)
        {
            throw Unknown("Confluence finds no page.");
        }
    }

    private SourceException Unknown(string what) =>
        new(
            FailureKind.Configuration,
            Config.Space.Length > 0 ? $"{what} Is '{Config.Space}' the key of a space, and may this account see it?"
                : Config.PageId.Length > 0 ? $"{what} Is {Config.PageId} the id of a page, and may this account see it?"
                : $"{what} Correct cql_query; try it in Confluence's advanced search with this account."
        )
        {
            Member =
                Config.Space.Length > 0 ? "config.space"
                : Config.PageId.Length > 0 ? "config.page_id"
                : "config.cql_query",
        };
}
