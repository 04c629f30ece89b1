using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Tributary.Contract.Emulators;
using Tributary.Contract.Specs;
using Tributary.Integrations.GitHub;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.GitHub;

/// <summary>
/// GitHub with an organisation of three repositories: items are issues, every tenth from the third on a pull request;
/// places are repositories, replies comments.
/// </summary>
public sealed class GitHubEmulator : VendorEmulator
{
    public const string Owner = "example-org";
    private const string Token = "ghp_good";
    private const string RepositoryPath = "/repos/{owner}/{repo}";

    private static readonly string[] Names = ["handbook", "engine", "board"];

    /// <summary>The largest page that it gives, whatever is asked for, so that a few items fill several.</summary>
    public int MaxPerPage { get; set; } = 10;

    /// <summary>Files by repository and path.</summary>
    public Dictionary<string, SortedDictionary<string, GitFile>> Files { get; } = [];

    /// <summary>Counts commits: the branch has moved.</summary>
    public int Commits { get; set; } = 1;

    /// <summary>Comments that were edited without moving their issue.</summary>
    public Dictionary<int, (string Text, DateTimeOffset At)> Edits { get; } = [];

    /// <summary>Issues and pull requests that are closed, by item.</summary>
    public HashSet<int> Closed { get; } = [];

    /// <summary>Repositories that the token may not read the discussions of.</summary>
    public HashSet<string> Forbidden { get; } = [];

    /// <summary>Repositories whose issues are switched off.</summary>
    public HashSet<string> WithoutIssues { get; } = [];

    /// <summary>It has no lists of a repository's comments, no reviews and no rate limits, and the token is nobody's.</summary>
    public bool IsPlain { get; set; }

    /// <summary>Lists of issues come in the order in which they were made, newest first, whatever is asked for.</summary>
    public bool IgnoresOrder { get; set; }

    /// <summary>Trees are known by their own names alone, not by those of commits.</summary>
    public bool IsStrictWithTrees { get; set; }

    /// <summary>Trees are said to be too large for one answer.</summary>
    public bool TruncatesTrees { get; set; }

    public override object Config => ConfigOf();

    public override object Credentials =>
        new GitHubCredentials { GithubAccessToken = Token, GithubBaseUrl = Root.AbsoluteUri };

    public override TokenDesk Desk { get; } =
        new("/login/oauth/access_token")
        {
            Life = 28_800,
            TokenOf = number => $"ghu_{number}",
            Refusal = EmulatorAnswer.Json(new { error = "bad_refresh_token" }),
        };

    public override object SignedIn =>
        new GitHubCredentials
        {
            GithubAccessToken = Desk.AccessToken,
            GithubRefreshToken = Desk.RefreshToken,
            GithubBaseUrl = Root.AbsoluteUri,
        };

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new(
                "a wrong token",
                Config,
                new GitHubCredentials { GithubAccessToken = "ghp_bad" },
                FailureKind.Credentials
            ),
            new("an unknown owner", ConfigOf() with { RepoOwner = "nobody" }, null, FailureKind.Configuration),
            new(
                "an unknown repository",
                ConfigOf() with
                {
                    Repositories = "handbook, cellar",
                },
                null,
                FailureKind.Configuration
            ),
            new(
                "an unknown branch",
                ConfigOf() with
                {
                    Repositories = "handbook",
                    IncludeFiles = true,
                    Branch = "nowhere",
                },
                null,
                FailureKind.Configuration
            ),
            new(
                "another address",
                ConfigOf() with
                {
                    ApiBaseUrl = Root.AbsoluteUri + "shop",
                },
                null,
                FailureKind.Configuration
            ),
        ];

    public GitHubConfig ConfigOf() =>
        new()
        {
            RepoOwner = Owner,
            IncludeIssues = true,
            ApiBaseUrl = Root.AbsoluteUri,
        };

    protected override IReadOnlyList<string> Vendors => ["github"];

    public static bool IsPull(CompanyItem item) => item.Id % 10 == 3;

    protected override CompanyItem MakeItem(string name, string text)
    {
        var item = Company.Add(name, text, placeId: 1 + (Company.Items.Count % 2));
        return item;
    }

    protected override EmulatorAnswer? Refuse(EmulatorCall call) =>
        call.Header("Authorization") != $"Bearer {Token}" && !Desk.IsGood(call) ? Error(401, "Bad credentials")
        : call.Header("User-Agent") is null ? Error(403, "Request forbidden by administrative rules.")
        : call.Number("page", 1) > 1 && call.Request.Path.Value!.EndsWith("/issues", StringComparison.Ordinal)
            ? Error(422, "Pagination with the page parameter is not supported for large resources, please use cursors.")
        : null;

    protected override EmulatorAnswer NotFound() => Error(404, "Not Found");

    protected override void Map(EmulatorRoutes routes)
    {
        routes.Get(
            "/rate_limit",
            _ => IsPlain ? NotFound() : Answer("/rate_limit", new { resources = new { core = Rate } })
        );
        routes.Get(
            "/user",
            _ =>
                IsPlain
                    ? Error(403, "Resource not accessible by integration")
                    : Answer("/user", new { login = "ada", type = "User" })
        );
        routes.Get("/user/repos", call => Page(call, "/user/repos", [OwnOf("ada", "diary")]));
        routes.Get(
            "/users/{name}/repos",
            call => call["name"] == "zoe" ? Page(call, "/users/{username}/repos", [OwnOf("zoe", "garden")]) : NotFound()
        );
        routes.Get($"/orgs/{Owner}/repos", call => Page(call, "/orgs/{org}/repos", Names.Select(RepositoryOf)));
        routes.Get(
            $"/repos/{Owner}/{{repo}}",
            call => Names.Contains(call["repo"]) ? Answer(RepositoryPath, RepositoryOf(call["repo"])) : NotFound()
        );
        Repository(
            routes,
            "/teams",
            call => Page(call, RepositoryPath + "/teams", [new { name = "Board", slug = "board" }])
        );
        Repository(routes, "/issues", IssuesOf);
        Repository(routes, "/issues/comments", call => AllComments(call, "/issues/comments", CommentsOf));
        Repository(routes, "/pulls/comments", call => AllComments(call, "/pulls/comments", CodeCommentsOf));
        Repository(routes, "/pulls", PullsOf);
        One(routes, "/issues/{issue_number}", item => IssueOf(item));
        One(routes, "/pulls/{pull_number}", PullOf, isPull: true, breaks: true);
        Many(routes, "/issues/{issue_number}/comments", CommentsOf, breaks: true);
        Many(routes, "/pulls/{pull_number}/reviews", ReviewsOf);
        Many(routes, "/pulls/{pull_number}/comments", CodeCommentsOf);
        Repository(routes, "/branches/{branch*}", BranchOf);
        Repository(routes, "/git/trees/{sha}", TreeOf);
        Repository(routes, "/git/blobs/{sha}", BlobOf);
    }

    private object Rate =>
        new
        {
            limit = 5000,
            remaining = 4999,
            reset = 1736928000,
            used = 1,
        };

    private void Repository(EmulatorRoutes routes, string path, Func<EmulatorCall, EmulatorAnswer> answer) =>
        routes.Get(
            $"/repos/{Owner}/{{repo}}{path}",
            call =>
                !Names.Contains(call["repo"]) ? NotFound()
                : IsPlain
                && (
                    path is "/issues/comments" or "/pulls/comments"
                    || path.EndsWith("/reviews", StringComparison.Ordinal)
                )
                    ? NotFound()
                : Forbidden.Contains(call["repo"]) ? Error(403, "Resource not accessible by personal access token")
                : answer(call)
        );

    private void One(
        EmulatorRoutes routes,
        string path,
        Func<CompanyItem, object> json,
        bool isPull = false,
        bool breaks = false
    )
    {
        var name = isPull ? "pull_number" : "issue_number";
        Repository(
            routes,
            path,
            call =>
                ItemOf(call, name) is not { } item || (isPull && !IsPull(item)) ? NotFound()
                : breaks && item.IsBroken ? Error(500, "Server Error")
                : Answer(RepositoryPath + path, json(item))
        );
    }

    private void Many(
        EmulatorRoutes routes,
        string path,
        Func<CompanyItem, IEnumerable<object>> json,
        bool breaks = false
    )
    {
        var name = path.Contains("pull_number", StringComparison.Ordinal) ? "pull_number" : "issue_number";
        Repository(
            routes,
            path,
            call =>
                ItemOf(call, name) is not { } item ? NotFound()
                : breaks && item.IsBroken ? Error(500, "Server Error")
                : Page(call, RepositoryPath + path, json(item))
        );
    }

    private CompanyItem? ItemOf(EmulatorCall call, string name) =>
        Company.Find(call.Id(name)) is { } item && RepositoryOf(item) == call["repo"] ? item : null;

    private IEnumerable<CompanyItem> ItemsOf(string repository) =>
        Company.Items.Where(item => RepositoryOf(item) == repository);

    private static string RepositoryOf(CompanyItem item) =>
        Names[Math.Max(0, item.PlaceId is 4 ? 2 : Math.Min(item.PlaceId, 2) - 1)];

    private object RepositoryOf(string name) =>
        new
        {
            id = 100 + Array.IndexOf(Names, name),
            name,
            full_name = $"{Owner}/{name}",
            html_url = $"https://github.com/{Owner}/{name}",
            owner = UserOf(Owner),
            @private = name == "board",
            visibility = name == "board" ? "private" : "public",
            default_branch = "main",
            has_issues = !WithoutIssues.Contains(name),
        };

    private static object OwnOf(string owner, string name) =>
        new
        {
            id = 200,
            name,
            full_name = $"{owner}/{name}",
            html_url = $"https://github.com/{owner}/{name}",
            owner = UserOf(owner),
        };

    private EmulatorAnswer IssuesOf(EmulatorCall call)
    {
        if (WithoutIssues.Contains(call["repo"]))
        {
            return Error(410, "Issues has been disabled in this repository.");
        }

        var since = Since(call);
        var state = call.Query("state") ?? "open";
        var found = ItemsOf(call["repo"])
            .Where(item => item.UpdatedAt >= since && (state == "all" || StateOf(item) == state));
        return Page(
            call,
            RepositoryPath + "/issues",
            IgnoresOrder ? found.OrderByDescending(item => item.CreatedAt) : found.OrderBy(item => item.UpdatedAt),
            IssueOf,
            isCursor: true
        );
    }

    private EmulatorAnswer PullsOf(EmulatorCall call) =>
        Page(
            call,
            RepositoryPath + "/pulls",
            ItemsOf(call["repo"]).Where(IsPull).OrderByDescending(item => item.UpdatedAt),
            PullOf
        );

    private EmulatorAnswer AllComments(
        EmulatorCall call,
        string path,
        Func<CompanyItem, IEnumerable<object>> commentsOf
    )
    {
        var since = Since(call);
        var sort = call.Query("sort") == "created" ? "created_at" : "updated_at";
        var comments = ItemsOf(call["repo"])
            .SelectMany(commentsOf)
            .Select(comment => EmulatorAnswer.Sparse(comment))
            .Where(comment => TimeOf(comment, "updated_at") >= since)
            .OrderBy(comment => TimeOf(comment, sort));
        return Page(
            call,
            RepositoryPath + path,
            call.Query("direction") == "desc" ? comments.Reverse() : comments,
            isCursor: true
        );
    }

    private static DateTimeOffset TimeOf(JsonObject comment, string name) => comment[name]!.GetValue<DateTimeOffset>();

    private static DateTimeOffset Since(EmulatorCall call) =>
        DateTimeOffset.TryParse(call.Query("since"), out var since) ? since : DateTimeOffset.MinValue;

    private string StateOf(CompanyItem item) => item.IsArchived || Closed.Contains(item.Id) ? "closed" : "open";

    private object IssueOf(CompanyItem item) =>
        EmulatorAnswer.Sparse(
            new
            {
                id = 7_000_000_000 + item.Id,
                number = item.Id,
                title = item.Title,
                body = $"<!-- What happened? -->\r\n{item.Text}",
                state = StateOf(item),
                locked = false,
                comments = item.Replies.Count + (item.IsBroken ? 1 : 0),
                user = UserOf(item.AuthorId),
                labels = new object[] { "harbour", new { name = "size/Größe", color = "ff0000" } },
                assignees = new[] { UserOf("zoe") },
                milestone = item.Id == 1 ? new { title = "Spring" } : null,
                html_url = Link(item),
                created_at = item.CreatedAt,
                updated_at = item.UpdatedAt,
                pull_request = IsPull(item)
                    ? new
                    {
                        url = "https://api.github.com/pull",
                        html_url = Link(item),
                        diff_url = Link(item) + ".diff",
                        patch_url = Link(item) + ".patch",
                    }
                    : null,
            }
        );

    private object PullOf(CompanyItem item)
    {
        var pull = (JsonObject)IssueOf(item);
        pull.Remove("comments");
        pull.Remove("pull_request");
        pull["labels"] = new JsonArray();
        pull["assignees"] = new JsonArray();
        pull["body"] = item.Text;
        pull["merged"] = item.IsArchived;
        pull["merged_at"] = item.IsArchived ? "2025-01-16T08:00:00Z" : null;
        pull["commits"] = 3;
        pull["comments"] = item.Replies.Count;
        pull["review_comments"] = CodeCommentsOf(item).Count();
        pull["author_association"] = "MEMBER";
        return pull;
    }

    private string Link(CompanyItem item) =>
        $"https://github.com/{Owner}/{RepositoryOf(item)}/{(IsPull(item) ? "pull" : "issues")}/{item.Id}";

    private IEnumerable<object> CommentsOf(CompanyItem item) =>
        item.Replies.Select(reply =>
        {
            var edit = Edits.GetValueOrDefault(reply.Id, (reply.Text, reply.CreatedAt));
            return (object)
                new
                {
                    id = reply.Id,
                    html_url = $"{Link(item)}#issuecomment-{reply.Id}",
                    issue_url = $"https://api.github.com/repos/{Owner}/{RepositoryOf(item)}/issues/{item.Id}",
                    body = edit.Item1,
                    user = UserOf(reply.AuthorId),
                    created_at = reply.CreatedAt,
                    updated_at = edit.Item2,
                };
        });

    private IEnumerable<object> CodeCommentsOf(CompanyItem item) =>
        IsPull(item)
            ?
            [
                new
                {
                    id = 100_000 + item.Id,
                    html_url = $"{Link(item)}#discussion_r{100_000 + item.Id}",
                    path = "src/main.rs",
                    body = Edits.TryGetValue(100_000 + item.Id, out var edit) ? edit.Text : "This line leaks.",
                    user = UserOf(3),
                    created_at = item.CreatedAt,
                    updated_at = edit.Text is null ? item.CreatedAt : edit.At,
                    author_association = "MEMBER",
                },
            ]
            : [];

    private IEnumerable<object> ReviewsOf(CompanyItem item) =>
        new[] { "Looks good to me.", "" }.Select(
            (body, index) =>
                (object)
                    new
                    {
                        id = (1000 * item.Id) + index,
                        html_url = $"{Link(item)}#pullrequestreview-{(1000 * item.Id) + index}",
                        body,
                        state = "APPROVED",
                        user = UserOf(4),
                        submitted_at = item.CreatedAt,
                        author_association = "MEMBER",
                    }
        );

    /// <summary>Those who left are nobody.</summary>
    private object? UserOf(int person) =>
        Company.PersonOf(person).IsActive ? UserOf(Company.PersonOf(person).Handle) : null;

    private static object UserOf(string login) => new { login, type = "User" };

    private EmulatorAnswer BranchOf(EmulatorCall call) =>
        call["branch"] == "main" && Files.ContainsKey(call["repo"])
            ? Answer(
                RepositoryPath + "/branches/{branch}",
                new
                {
                    name = "main",
                    commit = new
                    {
                        sha = Sha($"commit {Commits}"),
                        commit = new
                        {
                            committer = new { date = "2025-01-20T10:00:00Z" },
                            author = new { },
                            tree = new { sha = Sha($"tree {Commits}"), url = "https://api.github.com/tree" },
                        },
                    },
                }
            )
            : Error(404, "Branch not found");

    private EmulatorAnswer TreeOf(EmulatorCall call)
    {
        var files = Files[call["repo"]];
        var isWhole = call["sha"] == Sha(IsStrictWithTrees ? $"tree {Commits}" : $"commit {Commits}");
        var folder = files
            .Keys.Select(path => path.Split('/')[0])
            .FirstOrDefault(name => call["sha"] == Sha($"folder {name}"));
        if (!isWhole && folder is null)
        {
            return NotFound();
        }

        var prefix = folder is null ? "" : folder + "/";
        var below = files.Where(file => file.Key.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        var isRecursive = call.Query("recursive") is not null;
        object[] entries =
        [
            .. below
                .Where(file => isRecursive || !file.Key[prefix.Length..].Contains('/'))
                .Select(file =>
                    (object)
                        new
                        {
                            path = file.Key[prefix.Length..],
                            mode = file.Value.Mode,
                            type = file.Value.Mode == "160000" ? "commit" : "blob",
                            sha = file.Value.Sha,
                            size = file.Value.Content.Length,
                        }
                ),
            .. below
                .Where(file => file.Key[prefix.Length..].Contains('/'))
                .Select(file => file.Key[prefix.Length..].Split('/')[0])
                .Distinct()
                .Select(name => new
                {
                    path = name,
                    mode = "040000",
                    type = "tree",
                    sha = Sha($"folder {name}"),
                }),
        ];
        return Answer(
            RepositoryPath + "/git/trees/{tree_sha}",
            new
            {
                sha = call["sha"],
                url = "https://api.github.com/tree",
                truncated = TruncatesTrees && isRecursive,
                tree = TruncatesTrees && isRecursive ? entries.Take(1) : entries,
            }
        );
    }

    private EmulatorAnswer BlobOf(EmulatorCall call) =>
        Files[call["repo"]].Values.FirstOrDefault(file => file.Sha == call["sha"]) is not { } file
            ? NotFound()
            : Answer(
                RepositoryPath + "/git/blobs/{file_sha}",
                new
                {
                    sha = file.Sha,
                    size = file.Content.Length,
                    encoding = "base64",
                    content = Convert.ToBase64String(file.Content, Base64FormattingOptions.InsertLineBreaks),
                }
            );

    private EmulatorAnswer Page(EmulatorCall call, string path, IEnumerable<object> items, bool isCursor = false) =>
        Page(call, path, items, item => item, isCursor);

    private EmulatorAnswer Page<T>(
        EmulatorCall call,
        string path,
        IEnumerable<T> items,
        Func<T, object> json,
        bool isCursor = false
    )
    {
        var size = Math.Min(call.Number("per_page", 30), PageSizeOf(MaxPerPage));
        var start = isCursor ? call.Number("after", 0) : (call.Number("page", 1) - 1) * size;
        var all = items.ToList();
        var answer = Answer(path, all.Skip(start).Take(size).Select(json));
        if (all.Count <= start + size)
        {
            return answer;
        }

        var query = call
            .Request.Query.Where(pair => pair.Key is not "page" and not "after")
            .Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value!)}")
            .Append(isCursor ? $"after={start + size}" : $"page={(start / size) + 2}");
        var next = $"{Root.GetLeftPart(UriPartial.Authority)}{call.Request.Path}?{string.Join('&', query)}";
        return answer.With("Link", $"<{next}>; rel=\"next\", <{next}>; rel=\"last\"");
    }

    private static EmulatorAnswer Answer(string path, object json) =>
        EmulatorAnswer.Json(
            SpecSample.Complete("github", path, System.Text.Json.JsonSerializer.SerializeToNode(json)!)
        );

    private static EmulatorAnswer Error(int status, string message) =>
        EmulatorAnswer.Json(
            new
            {
                message,
                documentation_url = "https://docs.github.com/rest",
                status = $"{status}",
            },
            status
        );

    internal static string Sha(string text) => Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));
}

/// <summary>A file of a repository.</summary>
public sealed record GitFile(byte[] Content, string Mode = "100644")
{
    public GitFile(string text)
        : this(Encoding.UTF8.GetBytes(text)) { }

    public string Sha => Convert.ToHexStringLower(SHA1.HashData(Content));
}
