using System.Security.Cryptography;
using System.Text;
using Tributary.Contract.Emulators;
using Tributary.Contract.GitHub;
using Tributary.Integrations.GitLab;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.GitLab;

/// <summary>
/// GitLab in a folder of a host, with a group of two projects. Items are issues of the first, every tenth from the third on
/// a merge request; those of the private place are confidential. The second project, of a sub-group, is empty.
/// </summary>
public sealed class GitLabEmulator : VendorEmulator
{
    public const string Web = "https://git.example.com/sub/example-group/deep/handbook";
    private const string Token = "glpat-good";
    private const string Project = "/api/v4/projects/{id}";
    private const long Handbook = 7_000_000_001;
    private const long Empty = 7_000_000_002;

    /// <summary>The largest page that it gives, whatever is asked for, so that a few items fill several.</summary>
    public int MaxPerPage { get; set; } = 10;

    /// <summary>Wiki pages by slug.</summary>
    public Dictionary<string, string> Wiki { get; } = [];

    /// <summary>Files by path.</summary>
    public SortedDictionary<string, GitFile> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Counts commits: the branch has moved.</summary>
    public int Commits { get; set; } = 1;

    /// <summary>The project's visibility.</summary>
    public string Visibility { get; set; } = "private";

    /// <summary>The token's scopes.</summary>
    public string[] Scopes { get; set; } = ["read_api"];

    /// <summary>Items that are closed.</summary>
    public HashSet<int> Closed { get; } = [];

    /// <summary>The wiki is for members alone, the list of members for nobody, and tokens do not tell of themselves.</summary>
    public bool IsReserved { get; set; }

    /// <summary>Branches cannot be asked for.</summary>
    public bool HidesBranches { get; set; }

    /// <summary>The list of wiki pages has no content.</summary>
    public bool ListsWikiWithoutContent { get; set; }

    /// <summary>Repository and merge requests are closed to the token's role.</summary>
    public bool IsGuest { get; set; }

    public override object Config => ConfigOf();

    public override object Credentials =>
        new GitLabCredentials { GitlabUrl = Root.AbsoluteUri, GitlabAccessToken = Token };

    public override TokenDesk Desk { get; } = new("/oauth/token") { Life = 7200 };

    public override object SignedIn =>
        new GitLabCredentials
        {
            GitlabUrl = Root.AbsoluteUri,
            GitlabAccessToken = Desk.AccessToken,
            GitlabRefreshToken = Desk.RefreshToken,
        };

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new(
                "a wrong token",
                Config,
                new GitLabCredentials { GitlabUrl = Root.AbsoluteUri, GitlabAccessToken = "glpat-bad" },
                FailureKind.Credentials
            ),
            new("an unknown project", ConfigOf() with { ProjectName = "cellar" }, null, FailureKind.Configuration),
            new(
                "an unknown group",
                ConfigOf() with
                {
                    ProjectOwner = "nobody",
                    ProjectName = "*",
                },
                null,
                FailureKind.Configuration
            ),
            new(
                "another address",
                Config,
                new GitLabCredentials { GitlabUrl = Root.AbsoluteUri + "/shop", GitlabAccessToken = Token },
                FailureKind.Configuration
            ),
        ];

    public GitLabConfig ConfigOf() => new() { ProjectOwner = "example-group/deep", ProjectName = "handbook" };

    protected override IReadOnlyList<string> Vendors => ["gitlab"];

    protected override string Prefix => "/sub";

    public static bool IsMergeRequest(CompanyItem item) => item.Id % 10 == 3;

    protected override EmulatorAnswer? Refuse(EmulatorCall call) =>
        call.Header("PRIVATE-TOKEN") == Token || Desk.IsGood(call) ? null : Error(401, "401 Unauthorized");

    protected override EmulatorAnswer NotFound() => Error(404, "404 Not Found");

    protected override void Map(EmulatorRoutes routes)
    {
        routes.Get(
            "/api/v4/personal_access_tokens/self",
            _ => IsReserved ? NotFound() : EmulatorAnswer.Json(new { id = 1, scopes = Scopes })
        );
        routes.Get("/api/v4/user", _ => EmulatorAnswer.Json(new { id = 1, username = "ada" }));
        routes.Get(
            "/api/v4/groups/{id}/projects",
            call => call["id"] is "example-group" ? Page(call, [ProjectOf(Handbook), ProjectOf(Empty)]) : NotFound()
        );
        routes.Get(
            Project,
            call => call["id"] is "example-group/deep/handbook" ? EmulatorAnswer.Json(ProjectOf(Handbook)) : NotFound()
        );
        Of(routes, "/issues", call => Page(call, ItemsOf(call, isMergeRequests: false).Select(IssueOf)));
        Of(
            routes,
            "/merge_requests",
            call =>
                IsGuest
                    ? Error(403, "403 Forbidden")
                    : Page(call, ItemsOf(call, isMergeRequests: true).Select(MergeRequestOf))
        );
        Of(
            routes,
            "/issues/{iid}",
            call =>
                Company.Find(call.Id("iid")) is { } item && !IsMergeRequest(item)
                    ? EmulatorAnswer.Json(IssueOf(item))
                    : NotFound()
        );
        Of(
            routes,
            "/merge_requests/{iid}",
            call =>
                Company.Find(call.Id("iid")) is { } item && IsMergeRequest(item)
                    ? EmulatorAnswer.Json(MergeRequestOf(item))
                    : NotFound()
        );
        Of(routes, "/issues/{iid}/notes", NotesOf);
        Of(routes, "/merge_requests/{iid}/notes", NotesOf);
        Of(routes, "/wikis", call => IsReserved ? Error(403, "403 Forbidden") : WikiOf(call));
        Of(
            routes,
            "/wikis/{slug}",
            call => Wiki.ContainsKey(call["slug"]) ? EmulatorAnswer.Json(PageOf(call["slug"], true)) : NotFound()
        );
        Of(routes, "/members/all", call => IsReserved ? Error(400, "400 Bad request") : Page(call, Members));
        Of(routes, "/repository/branches/{branch}", BranchOf);
        Of(
            routes,
            "/repository/commits",
            call =>
                call.Query("ref_name") != "main" || Files.Count == 0
                    ? NotFound()
                    : EmulatorAnswer.Json(new[] { new { id = Head(Commits) } })
        );
        Of(routes, "/repository/tree", TreeOf);
        Of(routes, "/repository/files/{path}", FileOf);
    }

    private static string Head(int commit) => GitHubEmulator.Sha($"commit {commit}");

    private void Of(EmulatorRoutes routes, string path, Func<EmulatorCall, EmulatorAnswer> answer) =>
        routes.Get(
            Project + path,
            call =>
                call["id"] == $"{Handbook}" ? answer(call)
                : call["id"] == $"{Empty}"
                    ? (path == "/wikis" ? NotFound() : EmulatorAnswer.Json(Array.Empty<object>()))
                : NotFound()
        );

    private object ProjectOf(long id) =>
        new
        {
            id,
            web_url = id == Handbook ? Web : Web + "-empty",
            path_with_namespace = "example-group/deep/" + (id == Handbook ? "handbook" : "empty"),
            default_branch = id == Handbook && Files.Count > 0 ? "main" : null,
            visibility = Visibility,
            issues_enabled = true,
            merge_requests_enabled = true,
            wiki_enabled = id == Handbook ? true : (bool?)null,
        };

    private IEnumerable<object> Members =>
        Company.People.Select(person => new
        {
            id = person.Id,
            username = person.Handle,
            name = person.Name,
            public_email = person.Id == 4 ? "" : person.Email,
            access_level = person.Id == 3 ? 10 : 30,
        });

    private IEnumerable<CompanyItem> ItemsOf(EmulatorCall call, bool isMergeRequests)
    {
        var since = DateTimeOffset.TryParse(call.Query("updated_after"), out var time) ? time : DateTimeOffset.MinValue;
        var state = call.Query("state") ?? "all";
        return Company
            .Items.Where(item => IsMergeRequest(item) == isMergeRequests && item.UpdatedAt >= since)
            .Where(item => state == "all" || StateOf(item) == state)
            .Where(item => call.Query("search") is not { } words || Company.With(words).Contains(item))
            .OrderBy(item => item.UpdatedAt);
    }

    private string StateOf(CompanyItem item) => item.IsArchived || Closed.Contains(item.Id) ? "closed" : "opened";

    private object IssueOf(CompanyItem item) =>
        new
        {
            id = 9_000_000_000 + item.Id,
            iid = item.Id,
            title = item.Title,
            description = item.Text + "\r\n<!-- a template -->[plan](/uploads/abc/plan.pdf)",
            state = StateOf(item),
            created_at = item.CreatedAt,
            updated_at = item.UpdatedAt,
            labels = new[] { "harbour" },
            author = UserOf(item.AuthorId),
            assignees = new[] { UserOf(4) },
            user_notes_count = item.Replies.Count + (item.IsBroken ? 1 : 0),
            confidential = Company.PlaceOf(item.PlaceId).IsPrivate,
            issue_type = item.Id == 1 ? "incident" : "issue",
            web_url = $"{Web}/-/work_items/{item.Id}",
        };

    private object MergeRequestOf(CompanyItem item) =>
        new
        {
            id = 9_000_000_000 + item.Id,
            iid = item.Id,
            title = item.Title,
            description = item.Text,
            state = StateOf(item),
            created_at = item.CreatedAt,
            updated_at = item.UpdatedAt,
            labels = new[] { "harbour" },
            author = UserOf(item.AuthorId),
            reviewers = new[] { UserOf(1) },
            source_branch = "idea",
            target_branch = "main",
            user_notes_count = item.Replies.Count + (item.IsBroken ? 1 : 0),
            web_url = $"{Web}/-/merge_requests/{item.Id}",
        };

    private object? UserOf(int id) =>
        Company.PersonOf(id) is { IsActive: true } person
            ? new
            {
                id,
                username = person.Handle,
                name = person.Name,
            }
            : null;

    private EmulatorAnswer NotesOf(EmulatorCall call)
    {
        if (Company.Find(call.Id("iid")) is not { } item)
        {
            return NotFound();
        }

        var system = new
        {
            id = 500_000 + item.Id,
            body = "changed the description",
            author = UserOf(1),
            system = true,
            @internal = false,
        };
        var secret = new
        {
            id = 600_000 + item.Id,
            body = "An internal note.",
            author = UserOf(1),
            system = false,
            @internal = true,
        };
        return item.IsBroken
            ? Error(500, "500 Internal Server Error")
            : Page(
                call,
                item.Replies.Select(reply =>
                        (object)
                            new
                            {
                                id = reply.Id,
                                body = reply.Text,
                                author = UserOf(reply.AuthorId),
                                system = false,
                                @internal = false,
                                created_at = reply.CreatedAt,
                                updated_at = reply.CreatedAt,
                            }
                    )
                    .Append(system)
                    .Append(secret)
            );
    }

    private EmulatorAnswer WikiOf(EmulatorCall call) =>
        EmulatorAnswer.Json(
            Wiki.Keys.Select(slug => PageOf(slug, call.Query("with_content") == "true" && !ListsWikiWithoutContent))
        );

    private object PageOf(string slug, bool withContent) =>
        EmulatorAnswer.Sparse(
            new
            {
                slug,
                title = slug.Split('/')[^1],
                format = "markdown",
                content = withContent ? Wiki[slug] : null,
                encoding = "UTF-8",
            }
        );

    private EmulatorAnswer BranchOf(EmulatorCall call) =>
        IsGuest ? Error(403, "403 Forbidden")
        : call["branch"] != "main" || HidesBranches ? NotFound()
        : EmulatorAnswer.Json(
            new { name = "main", commit = new { id = Head(Commits), committed_date = "2025-01-20T10:00:00.000+00:00" } }
        );

    private EmulatorAnswer TreeOf(EmulatorCall call) =>
        call.Query("ref") != Head(Commits)
            ? Error(404, "404 Tree Not Found")
            : Page(
                call,
                Files.Select(file =>
                    (object)
                        new
                        {
                            id = file.Value.Sha,
                            name = file.Key.Split('/')[^1],
                            type = file.Value.Mode == "160000" ? "commit" : "blob",
                            path = file.Key,
                            mode = file.Value.Mode,
                        }
                )
            );

    private EmulatorAnswer FileOf(EmulatorCall call) =>
        !Files.TryGetValue(call["path"], out var file)
            ? NotFound()
            : EmulatorAnswer.Json(
                new
                {
                    file_name = call["path"].Split('/')[^1],
                    file_path = call["path"],
                    size = file.Content.Length,
                    encoding = "base64",
                    content = Convert.ToBase64String(file.Content),
                    content_sha256 = Convert.ToHexStringLower(SHA256.HashData(file.Content)),
                    @ref = call.Query("ref"),
                    blob_id = file.Sha,
                    commit_id = Head(Commits),
                    last_commit_id = Head(1),
                    execute_filemode = false,
                }
            );

    private EmulatorAnswer Page(EmulatorCall call, IEnumerable<object> items)
    {
        var size = Math.Min(call.Number("per_page", 20), MaxPerPage);
        var page = call.Number("page", 1);
        var all = items.ToList();
        var answer = EmulatorAnswer.Json(all.Skip((page - 1) * size).Take(size));
        if (all.Count <= page * size)
        {
            return answer.With("X-Next-Page", "");
        }

        var query = call
            .Request.Query.Where(pair => pair.Key != "page")
            .Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value!)}")
            .Append($"page={page + 1}");
        var target = call
            .Request.HttpContext.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!
            .RawTarget.Split('?')[0];
        return answer.With(
            "Link",
            $"<{Root.GetLeftPart(UriPartial.Authority)}{target}?{string.Join('&', query)}>; rel=\"next\""
        );
    }

    private static EmulatorAnswer Error(int status, string message) => EmulatorAnswer.Json(new { message }, status);
}
