using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Tributary.Integrations.Atlassian;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Jira;

/// <summary>A site that is open for reading: its requests, the account's time zone, and what of it is in scope.</summary>
internal sealed class JiraApi
{
    private const int BulkSize = 100;
    private const int MostIds = 5_000;
    private const int MostCommentPages = 100;

    private readonly ReaderContext _context;
    private readonly Uri _root;
    private readonly bool _isCloud;
    private readonly TimeZoneInfo? _zone;

    private JiraApi(ReaderContext context, JiraConfig config, Uri root, bool isCloud, string? zone)
    {
        _context = context;
        _root = root;
        _isCloud = isCloud;
        _zone = AtlassianTime.ZoneOf(zone);
        Config = config;
        Scope =
            config.ProjectKey is { Length: > 0 } key ? $"project = {AtlassianTime.Quoted(key.Trim())}"
            : string.IsNullOrWhiteSpace(config.JqlQuery) ? ""
            : $"({config.JqlQuery.Trim()})";
    }

    public JiraConfig Config { get; }

    /// <summary>What is read, as JQL; empty for all.</summary>
    public string Scope { get; }

    /// <summary>Ids of the custom fields that are wanted, with their names.</summary>
    public IReadOnlyDictionary<string, string> CustomFields { get; private set; } = new Dictionary<string, string>();

    /// <summary>Whether Jira reads a minute as we write it.</summary>
    public bool IsZoneKnown => _zone is not null;

    /// <exception cref="SourceException">The site, the account or the scope is not what it should be.</exception>
    public static async Task<JiraApi> OpenAsync(
        ReaderContext context,
        JiraConfig config,
        JiraCredentials credentials,
        CancellationToken cancellationToken
    )
    {
        var gateway = ApiAddress.Parse(config.ApiBaseUrl);
        var siteId =
            credentials.CloudId is { Length: > 0 } known ? known.Trim()
            : credentials.IsOAuth
                ? await AtlassianCloud.ConsentedSiteIdAsync(context, gateway, config.Site, cancellationToken)
            : config.ScopedToken && !credentials.IsDataCenter
                ? await AtlassianCloud.SiteIdAsync(context, config.Site, cancellationToken)
            : null;
        var root =
            siteId is not null ? gateway.At($"ex/jira/{siteId}/rest/api/3")
            : credentials.IsDataCenter ? config.Site.At($"rest/api/2")
            : config.Site.At($"rest/api/3");
        var self = await MyselfAsync(context, root, credentials, cancellationToken);
        var api = new JiraApi(context, config, root, !credentials.IsDataCenter, self.TimeZone);
        await api.FindCustomFieldsAsync(cancellationToken);
        await api.ProbeAsync(cancellationToken);
        return api;
    }

    /// <summary>Issues of the scope that changed since a minute, oldest change first.</summary>
    public IAsyncEnumerable<Page<SearchAnswer>> SearchAsync(
        DateTimeOffset? since,
        IReadOnlyList<string> fields,
        CancellationToken cancellationToken
    )
    {
        var from = since is { } time ? AtlassianTime.Written(time, _zone ?? TimeZoneInfo.Utc) : "1970-01-01 00:00";
        var jql = Jql($"updated >= {AtlassianTime.Quoted(from)}") + " ORDER BY updated ASC, id ASC";
        return _isCloud
            ? _context.Http.PagesByCursorAsync(
                token => Post("search/jql", new SearchBody(jql, fields, MostIds, token)),
                JiraJson.Default.SearchAnswer,
                answer => answer.IsLast == true ? null : answer.NextPageToken,
                null,
                cancellationToken
            )
            // Offsets shift when an issue vanishes: each page begins a little before the end of the one before.
            : _context.Http.PagesByCursorAsync(
                start => Post("search", new SearchBody(jql, fields, 1_000, null, NumberOf(start))),
                JiraJson.Default.SearchAnswer,
                answer =>
                    answer.Issues.Count is > 0 and var count && answer.StartAt + count < answer.Total
                        ? (answer.StartAt + count - (count / 4))?.ToString(CultureInfo.InvariantCulture)
                        : null,
                null,
                cancellationToken
            );
    }

    /// <summary>Whole issues by their ids; those that are gone are left out. Data Center gives one at a time.</summary>
    public async IAsyncEnumerable<(string Id, Issue? Issue, SourceException? Failure)> FetchAsync(
        IReadOnlyList<string> ids,
        IReadOnlyList<string> fields,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        foreach (var batch in ids.Chunk(_isCloud ? BulkSize : 1))
        {
            var fetched = SplittingFetch.FetchAsync<Issue>(
                batch,
                (some, token) => _isCloud ? BulkAsync(some, fields, token) : OneAsync(some[0], fields, token),
                cancellationToken
            );
            await foreach (var item in fetched)
            {
                yield return item;
            }
        }
    }

    /// <summary>Issues of the scope that have some words, newest first.</summary>
    public async Task<IReadOnlyList<Issue>> FindAsync(string words, int limit, CancellationToken cancellationToken)
    {
        if (SearchWords.Of(words) is not { Length: > 0 } plain)
        {
            return [];
        }

        var jql = Jql($"text ~ {AtlassianTime.Quoted(plain)}") + " ORDER BY updated DESC";
        using var request = Post(
            _isCloud ? "search/jql" : "search",
            new SearchBody(jql, ["summary", "updated"], limit)
        );
        using var response = await _context.Http.SendCheckedAsync(request, cancellationToken);
        return (await response.ReadJsonAsync(JiraJson.Default.SearchAnswer, cancellationToken)).Issues;
    }

    /// <summary>One issue by its id or key; null when there is none.</summary>
    public async Task<Issue?> FindIssueAsync(
        string idOrKey,
        IReadOnlyList<string> fields,
        CancellationToken cancellationToken
    ) =>
        (
            _isCloud
                ? await BulkAsync([idOrKey], fields, cancellationToken)
                : await OneAsync(idOrKey, fields, cancellationToken)
        ).Values.FirstOrDefault();

    /// <summary>All comments of an issue, of which its own answer has some.</summary>
    public async Task<IReadOnlyList<JiraComment>> CommentsAsync(Issue issue, CancellationToken cancellationToken)
    {
        var first = issue.Fields?.Comment;
        if (first?.Items is not { } items || (first.Total ?? 0) <= items.Count)
        {
            return first?.Items ?? [];
        }

        var pages = _context.Http.PagesByOffsetAsync(
            start =>
                _root.At($"issue/{issue.Id}/comment", ("startAt", start), ("maxResults", 100), ("orderBy", "created")),
            JiraJson.Default.CommentPage,
            page => page.Items?.Count ?? 0,
            page => page.Total,
            null,
            cancellationToken
        );
        var all = new List<JiraComment>();
        await foreach (var page in pages.Take(MostCommentPages))
        {
            all.AddRange(page.Body.Items ?? []);
        }

        return all;
    }

    /// <summary>Where an attachment's bytes are; the answer leads on to a signed address, which gets no credentials.</summary>
    public Uri ContentOf(JiraAttachment attachment) =>
        _isCloud
            ? _root.At($"attachment/content/{attachment.Id}")
            : Config.Site.At($"secure/attachment/{attachment.Id}/{attachment.Filename ?? "file"}");

    /// <summary>An address of the API.</summary>
    public Uri At(FormattableString path, params ReadOnlySpan<(string Name, object? Value)> query) =>
        _root.At(path, query);

    private static int NumberOf(string? start) =>
        int.TryParse(start, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static async Task<JiraUser> MyselfAsync(
        ReaderContext context,
        Uri root,
        JiraCredentials credentials,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, root.At($"myself"));
        using var response = await context.Http.SendAnyAsync(request, cancellationToken);
        var login = response.Headers.TryGetValues("X-Seraph-LoginReason", out var reasons)
            ? string.Join(' ', reasons)
            : "";
        if (
            response.StatusCode == HttpStatusCode.Unauthorized
            || login.Contains("AUTHENTICATED_FAILED")
            || login.Contains("AUTHENTICATION_DENIED")
        )
        {
            throw new SourceException(
                FailureKind.Credentials,
                credentials.IsDataCenter
                    ? "Jira does not take jira_api_token: a Data Center needs a personal access token that has not expired. For the cloud give jira_user_email, too."
                    : "Jira does not take jira_user_email with jira_api_token. Make a new API token at https://id.atlassian.com/manage-profile/security/api-tokens; one with scopes (read:jira-work, read:jira-user) needs scoped_token."
            )
            {
                Status = HttpStatusCode.Unauthorized,
                Member = "credentials.jira_api_token",
            };
        }

        if (response.StatusCode is HttpStatusCode.NotFound)
        {
            throw new SourceException(
                FailureKind.Configuration,
                $"There is no Jira at {root.GetLeftPart(UriPartial.Path)}. Give the address that issues have in the browser, up to '/browse'."
            )
            {
                Member = "config.jira_base_url",
            };
        }

        if (!response.IsSuccessStatusCode)
        {
            throw SourceHttp.FailureOf(request, response);
        }

        return await response.ReadJsonAsync(JiraJson.Default.JiraUser, cancellationToken);
    }

    private async Task FindCustomFieldsAsync(CancellationToken cancellationToken)
    {
        if (Config.CustomFields.Count == 0)
        {
            return;
        }

        var all = await _context.Http.GetJsonAsync(
            _root.At($"field"),
            JiraJson.Default.ListFieldFacts,
            cancellationToken
        );
        var found = new Dictionary<string, string>();
        foreach (var wanted in Config.CustomFields.Select(name => name.Trim()))
        {
            var field =
                all.Find(field => field.Id == wanted)
                ?? all.Find(field => string.Equals(field.Name, wanted, StringComparison.OrdinalIgnoreCase))
                ?? throw new SourceException(
                    FailureKind.Configuration,
                    $"Jira has no field '{wanted}' that this account can see. Correct custom_fields: a field's name, or its id like customfield_10010."
                )
                {
                    Member = "config.custom_fields",
                };
            found[field.Id] = field.Name ?? field.Id;
        }

        CustomFields = found;
    }

    /// <summary>An unknown project answers 400 here, in words that name it; a listing would say nothing better.</summary>
    private async Task ProbeAsync(CancellationToken cancellationToken)
    {
        var jql = Jql("updated >= \"1970-01-01 00:00\"");
        using var request = Post(_isCloud ? "search/jql" : "search", new SearchBody(jql, ["id"], 1));
        using var response = await _context.Http.SendAnyAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            await response.ReadJsonAsync(JiraJson.Default.SearchAnswer, cancellationToken);
            return;
        }

        if (response.StatusCode is not HttpStatusCode.BadRequest)
        {
            throw SourceHttp.FailureOf(request, response);
        }

        var problem = await response.ReadJsonAsync(JiraJson.Default.Problem, cancellationToken);
        throw new SourceException(
            FailureKind.Configuration,
            $"Jira refuses the search: {string.Join(' ', problem.ErrorMessages ?? [])} "
                + (
                    Config.ProjectKey is { Length: > 0 } key
                        ? $"Is '{key}' the key of a project, and may this account browse it?"
                        : "Correct jql_query; try it in Jira's own search with this account."
                )
        )
        {
            Status = HttpStatusCode.BadRequest,
            Member = Config.ProjectKey is { Length: > 0 } ? "config.project_key" : "config.jql_query",
        };
    }

    private string Jql(string clause) => Scope.Length > 0 ? $"{Scope} AND {clause}" : clause;

    private async Task<IReadOnlyDictionary<string, Issue>> BulkAsync(
        IReadOnlyList<string> ids,
        IReadOnlyList<string> fields,
        CancellationToken cancellationToken
    )
    {
        var answer = await _context.Http.PostJsonAsync(
            _root.At($"issue/bulkfetch"),
            new BulkBody(ids, fields),
            JiraJson.Default.BulkBody,
            JiraJson.Default.BulkAnswer,
            onlyReads: true,
            cancellationToken
        );
        var items = new Dictionary<string, Issue>(StringComparer.Ordinal);
        foreach (var error in (answer.IssueErrors ?? []).Where(error => error.Id is not null))
        {
            items[error.Id!] = new Issue(error.Id!, null, null)
            {
                Error = error.ErrorMessage ?? "Jira cannot read it.",
            };
        }

        foreach (var issue in answer.Issues)
        {
            items[issue.Id] = issue;
        }

        return items;
    }

    private async Task<IReadOnlyDictionary<string, Issue>> OneAsync(
        string id,
        IReadOnlyList<string> fields,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var issue = await _context.Http.GetJsonAsync(
                _root.At($"issue/{id}", ("fields", string.Join(',', fields))),
                JiraJson.Default.Issue,
                cancellationToken
            );
            return new Dictionary<string, Issue> { [id] = issue };
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            return new Dictionary<string, Issue>();
        }
    }

    private HttpRequestMessage Post(string path, SearchBody body) =>
        SourceHttp.PostOf(new Uri(_root.AbsoluteUri + "/" + path), body, JiraJson.Default.SearchBody, onlyReads: true);
}
