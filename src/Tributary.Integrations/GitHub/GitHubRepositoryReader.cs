using System.Runtime.CompilerServices;
using Tributary.Integrations.CodeHosts;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.GitHub;

/// <summary>Reads one repository: its issues and pull requests by the time of their last update, edited comments, files.</summary>
internal sealed class GitHubRepositoryReader(
    ReaderContext context,
    GitHubConfig config,
    Uri root,
    GitHubRepository repository
)
{
    private const int Concurrency = 8;

    // GitHub's times have whole seconds, and its index shows a change a moment later.
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan UsualLife = TimeSpan.FromDays(30);

    private readonly Uri _root = root.At($"repos/{repository.OwnerName}/{repository.Name}");
    private readonly GitHubFiles _files = new(
        context,
        config,
        root.At($"repos/{repository.OwnerName}/{repository.Name}"),
        repository
    );
    private readonly GitHubMapping _mapping = new(
        context.Http,
        root.At($"repos/{repository.OwnerName}/{repository.Name}"),
        repository
    );
    private readonly ItemReads _reads = new();

    private bool HasIssueList => repository.HasIssues != false;

    private bool ReadsDiscussions => config.IncludePrs || (config.IncludeIssues && HasIssueList);

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        RepositoryPosition position,
        bool isFromBeginning,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var access = await AccessAsync(cancellationToken);
        if (ReadsDiscussions)
        {
            position = position with
            {
                Comments = position.Comments ?? await NewestAsync(isCode: false, cancellationToken),
                CodeComments =
                    position.CodeComments
                    ?? (config.IncludePrs ? await NewestAsync(isCode: true, cancellationToken) : null),
            };
            var discussions = HasIssueList
                ? ReadIssuesAsync(position, access, cancellationToken)
                : ReadPullsAsync(position, access, cancellationToken);
            await foreach (var item in discussions)
            {
                yield return item;
                position = (item as ReadItem.Checkpoint)?.As<RepositoryPosition>() ?? position;
            }

            bool[] lists = config.IncludePrs ? [false, true] : [false];
            foreach (var isCode in lists)
            {
                await foreach (
                    var item in ReadEditedAsync(isCode, position, access, isFromBeginning, cancellationToken)
                )
                {
                    yield return item;
                    position = (item as ReadItem.Checkpoint)?.As<RepositoryPosition>() ?? position;
                }
            }
        }

        if (config.IncludeFiles)
        {
            await foreach (var item in _files.ReadAsync(position, access, cancellationToken))
            {
                yield return item;
            }
        }
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (ReadsDiscussions && HasIssueList)
        {
            await foreach (var page in IssuePagesAsync(null, null, cancellationToken))
            {
                foreach (var issue in page.Items.Where(issue => IsOfKind(issue) && IsInState(issue)))
                {
                    yield return issue.HtmlUrl;
                }
            }
        }
        else if (ReadsDiscussions)
        {
            await foreach (var page in PullPagesAsync(cancellationToken))
            {
                foreach (var pull in page.Body.Where(IsInState))
                {
                    yield return pull.HtmlUrl;
                }
            }
        }

        if (config.IncludeFiles)
        {
            await foreach (var id in _files.ListAsync(cancellationToken))
            {
                yield return id;
            }
        }
    }

    /// <summary>Asks for one of everything that is to be read, so that a right that is missing is known at once.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (ReadsDiscussions)
        {
            var path = HasIssueList ? "issues" : "pulls";
            await context.Http.GetJsonAsync(
                new Uri($"{_root.AbsoluteUri}/{path}?per_page=1"),
                GitHubJson.Default.IReadOnlyListGitHubIssue,
                cancellationToken
            );
            if (HasIssueList && config.IncludePrs)
            {
                // A fine-grained token has a permission for these of their own.
                await context.Http.GetJsonAsync(
                    _root.At($"pulls", ("per_page", 1)),
                    GitHubJson.Default.IReadOnlyListGitHubIssue,
                    cancellationToken
                );
            }
        }

        if (config.IncludeFiles && await _files.HeadAsync(cancellationToken) is null && config.BranchName is { } branch)
        {
            throw new SourceException(
                FailureKind.Configuration,
                $"{repository.HtmlUrl} has no branch '{branch}' that these credentials can see; its default branch is "
                    + $"'{repository.DefaultBranch}'. To read files a fine-grained token needs the permission Contents."
            )
            {
                Member = "config.branch",
            };
        }
    }

    private async IAsyncEnumerable<ReadItem> ReadIssuesAsync(
        RepositoryPosition position,
        DocumentAccess access,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var isFirst = position.Issues.Since is null;
        await using var pool = new GitHubCommentPool(context.Http, _root, position.Issues.Since - UsualLife);
        var mark = position.Issues;
        var pages = IssuePagesAsync(mark.From(Overlap), mark.Next, cancellationToken).AheadAsync(1, cancellationToken);
        await foreach (var page in pages)
        {
            var issues = page.Items.Where(IsOfKind).ToList();
            var known = await context.Known.GetAsync([.. issues.Select(issue => issue.HtmlUrl)], cancellationToken);
            foreach (var closed in issues.Where(issue => !IsInState(issue) && known.ContainsKey(issue.HtmlUrl)))
            {
                yield return new ReadItem.Deleted(closed.HtmlUrl);
            }

            var wanted = issues
                .Where(IsInState)
                .ToLookup(issue => GitHubMapping.IsCurrent(known.GetValueOrDefault(issue.HtmlUrl), issue));
            foreach (var unchanged in wanted[true])
            {
                yield return new ReadItem.Unchanged(unchanged.HtmlUrl);
            }

            // A handful are asked for by themselves, many by the repository's list of comments.
            var isPooled = (isFirst || !page.IsLast) && wanted[false].Count(issue => issue.Comments > 0) > 1;
            if (isPooled)
            {
                await pool.AdvanceAsync(wanted[false].Max(issue => issue.UpdatedAt), cancellationToken);
            }

            await foreach (
                var (issue, work) in InOrder.StartAsync(
                    wanted[false],
                    Concurrency,
                    (issue, stop) => _mapping.ReadAsync(issue, isPooled ? pool.Take(issue) : null, access, stop),
                    cancellationToken
                )
            )
            {
                var item = await _reads.ReadAsync(issue.HtmlUrl, issue.HtmlUrl, () => work);
                mark = item is ReadItem.Failed ? mark.Hold(issue.UpdatedAt) : mark;
                yield return item;
            }

            mark = mark.To(page);
            yield return ReadItem.Checkpoint.From(position with { Issues = mark });
        }

        yield return ReadItem.Checkpoint.From(position with { Issues = mark.Complete() });
    }

    /// <summary>Where issues are switched off, as in most forks, pull requests have only a list without a lower bound.</summary>
    private async IAsyncEnumerable<ReadItem> ReadPullsAsync(
        RepositoryPosition position,
        DocumentAccess access,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var mark = position.Issues;
        var since = mark.From(Overlap);
        DateTimeOffset? newest = null;
        await foreach (var page in PullPagesAsync(cancellationToken))
        {
            newest ??= page.Body.Select(pull => (DateTimeOffset?)pull.UpdatedAt).Max();
            var pulls = page.Body.Where(pull => !(pull.UpdatedAt < since)).ToList();
            var known = await context.Known.GetAsync([.. pulls.Select(pull => pull.HtmlUrl)], cancellationToken);
            await foreach (
                var (pull, work) in InOrder.StartAsync(
                    pulls,
                    Concurrency,
                    (pull, stop) => ReadPullAsync(pull, known.GetValueOrDefault(pull.HtmlUrl), access, stop),
                    cancellationToken
                )
            )
            {
                var item = await _reads.ReadAsync(pull.HtmlUrl, pull.HtmlUrl, () => work);
                mark = item is ReadItem.Failed ? mark.Hold(pull.UpdatedAt) : mark;
                yield return item;
            }

            // One that is cut off begins again at the top, where what was updated meanwhile stands.
            yield return ReadItem.Checkpoint.From(position with { Issues = mark });
            if (pulls.Count < page.Body.Count)
            {
                break;
            }
        }

        mark = mark with { Since = newest ?? mark.Since };
        yield return ReadItem.Checkpoint.From(position with { Issues = mark.Complete() });
    }

    private async Task<ReadItem> ReadPullAsync(
        GitHubIssue pull,
        KnownDocument? known,
        DocumentAccess access,
        CancellationToken cancellationToken
    ) =>
        !IsInState(pull)
            ? (
                known is null
                    ? new ReadItem.Skipped(pull.HtmlUrl, "of another state")
                    : new ReadItem.Deleted(pull.HtmlUrl)
            )
        : GitHubMapping.IsCurrent(known, pull) ? new ReadItem.Unchanged(pull.HtmlUrl)
        : await _mapping.ReadAsync(pull, null, access, cancellationToken);

    /// <summary>An edited comment does not always move its issue: the lists of comments tell.</summary>
    private async IAsyncEnumerable<ReadItem> ReadEditedAsync(
        bool isCode,
        RepositoryPosition position,
        DocumentAccess access,
        bool isFromBeginning,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var start = (isCode ? position.CodeComments : position.Comments) ?? DateTimeOffset.UnixEpoch;
        DateTimeOffset? failed = null;
        var pages = UpdatedPages.ReadAsync(
            context.Http,
            since => ListOf(isCode, "asc", since, 100),
            GitHubJson.Default.IReadOnlyListGitHubComment,
            comment => comment.ChangedAt,
            comment => comment.HtmlUrl ?? "",
            start > DateTimeOffset.UnixEpoch ? start - Overlap : null,
            null,
            cancellationToken
        );
        await foreach (var page in pages.OrNone(cancellationToken))
        {
            var comments = page
                .Items.Where(comment => comment.HtmlUrl is not null && IsOfKind(comment.DocumentId))
                .ToList();
            var known = await context.Known.GetAsync(
                [.. comments.Select(comment => comment.DocumentId).Distinct()],
                cancellationToken
            );
            var outdated = comments
                .Where(comment =>
                    known.TryGetValue(comment.DocumentId, out var document)
                        ? !GitHubMapping.Covers(document, comment)
                        // Nothing is known then, and what was read in this pass has all that was there when it began.
                        : isFromBeginning && comment.ChangedAt > start
                )
                .GroupBy(comment => comment.DocumentId);
            foreach (var comment in outdated.Select(group => group.MinBy(comment => comment.ChangedAt)!))
            {
                var id = comment.DocumentId;
                var item = await _reads.ReadAsync(id, id, () => ReadOneAsync(id, access, cancellationToken));
                failed ??= item is ReadItem.Failed ? comment.ChangedAt : null;
                yield return item;
            }

            var readUpTo = failed ?? (page.Since > start ? page.Since : start);
            position = isCode ? position with { CodeComments = readUpTo } : position with { Comments = readUpTo };
            yield return ReadItem.Checkpoint.From(position);
        }
    }

    private async Task<ReadItem> ReadOneAsync(string id, DocumentAccess access, CancellationToken cancellationToken)
    {
        var issue = await context.Http.GetJsonAsync(
            _root.At($"issues/{id.Split('/')[^1]}"),
            GitHubJson.Default.GitHubIssue,
            cancellationToken
        );
        return !IsInState(issue)
            ? new ReadItem.Deleted(id)
            : await _mapping.ReadAsync(issue, null, access, cancellationToken);
    }

    /// <summary>The time of the comment that was edited last; long ago when there is none, or no list of them.</summary>
    private async Task<DateTimeOffset> NewestAsync(bool isCode, CancellationToken cancellationToken)
    {
        try
        {
            var comments = await context.Http.GetJsonAsync(
                ListOf(isCode, "desc", null, 1),
                GitHubJson.Default.IReadOnlyListGitHubComment,
                cancellationToken
            );
            return comments.Select(comment => comment.ChangedAt).Append(DateTimeOffset.UnixEpoch).Max();
        }
        catch (SourceException exception) when (Absent.Is(exception))
        {
            return DateTimeOffset.UnixEpoch;
        }
    }

    private IAsyncEnumerable<UpdatedPage<GitHubIssue>> IssuePagesAsync(
        DateTimeOffset? from,
        string? next,
        CancellationToken cancellationToken
    ) =>
        UpdatedPages.ReadAsync(
            context.Http,
            since =>
                _root.At(
                    $"issues",
                    // What left the state since the last pass is to be seen leaving.
                    ("state", from is null ? config.State : "all"),
                    ("sort", "updated"),
                    ("direction", "asc"),
                    ("since", TextOf(since)),
                    ("per_page", 100)
                ),
            GitHubJson.Default.IReadOnlyListGitHubIssue,
            issue => issue.UpdatedAt,
            issue => issue.HtmlUrl,
            from,
            next,
            cancellationToken
        );

    private IAsyncEnumerable<Page<IReadOnlyList<GitHubIssue>>> PullPagesAsync(CancellationToken cancellationToken) =>
        context
            .Http.PagesByLinkHeaderAsync(
                _root.At($"pulls", ("state", "all"), ("sort", "updated"), ("direction", "desc"), ("per_page", 100)),
                GitHubJson.Default.IReadOnlyListGitHubIssue,
                null,
                cancellationToken
            )
            .Select(page =>
                page with
                {
                    Body = [.. page.Body.Select(pull => pull with { PullRequest = GitHubIssue.Yes })],
                }
            );

    private Uri ListOf(bool isCode, string direction, DateTimeOffset? since, int size)
    {
        ReadOnlySpan<(string, object?)> query =
        [
            ("sort", "updated"),
            ("direction", direction),
            ("since", TextOf(since)),
            ("per_page", size),
        ];
        return isCode ? _root.At($"pulls/comments", query) : _root.At($"issues/comments", query);
    }

    private async Task<DocumentAccess> AccessAsync(CancellationToken cancellationToken)
    {
        if (repository.Visibility is "public" || (repository.Visibility is null && !repository.Private))
        {
            return new DocumentAccess(true, [], []);
        }

        List<string> groups = [$"github_repo:{repository.Id}"];
        if (repository.Visibility is "internal")
        {
            groups.Add($"github_enterprise:{repository.OwnerName}");
        }

        try
        {
            var teams = context
                .Http.PagesByLinkHeaderAsync(
                    _root.At($"teams", ("per_page", 100)),
                    GitHubJson.Default.IReadOnlyListGitHubTeam,
                    null,
                    cancellationToken
                )
                .SelectMany(page => page.Body);
            groups.AddRange(
                await teams
                    .Where(team => team.Slug is not null)
                    .Select(team => $"github_team:{team.Slug}")
                    .ToListAsync(cancellationToken)
            );
        }
        catch (SourceException exception) when (GitHubRepositories.IsOfOne(exception.Status))
        {
            // A token without that right: its collaborators are the ones who may read it.
        }

        return new DocumentAccess(false, [], groups);
    }

    private bool IsOfKind(GitHubIssue issue) => issue.IsPullRequest ? config.IncludePrs : config.IncludeIssues;

    private bool IsOfKind(string documentId) =>
        documentId.Split('/') is [.., "pull", _] ? config.IncludePrs : config.IncludeIssues;

    private bool IsInState(GitHubIssue issue) =>
        config.State == "all" || string.Equals(issue.State, config.State, StringComparison.OrdinalIgnoreCase);

    private static string? TextOf(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
