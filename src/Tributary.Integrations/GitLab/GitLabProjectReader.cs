using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Tributary.Integrations.CodeHosts;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.GitLab;

/// <summary>Reads one project: issues and merge requests by the time of their last update, wiki pages, files.</summary>
internal sealed class GitLabProjectReader
{
    private const int Concurrency = 8;

    // Updates become visible in the order of their commits, not of their times.
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(2);

    private readonly ReaderContext _context;
    private readonly GitLabConfig _config;
    private readonly GitLabProject _project;
    private readonly Uri _root;
    private readonly GitLabMapping _mapping;
    private readonly GitLabFiles _files;
    private readonly ItemReads _reads = new();

    public GitLabProjectReader(ReaderContext context, GitLabConfig config, Uri api, GitLabProject project)
    {
        (_context, _config, _project) = (context, config, project);
        _root = api.At($"projects/{project.Id}");
        var access = new GitLabAccess(context.Http, _root, project);
        _mapping = new GitLabMapping(context.Http, _root, project, access);
        _files = new GitLabFiles(context, _root, project, access);
    }

    /// <summary>Merged and locked are states of merge requests alone.</summary>
    private bool ReadsIssues =>
        _config.IncludeIssues && _project.IssuesEnabled != false && _config.State is "all" or "opened" or "closed";

    private bool ReadsMergeRequests => _config.IncludeMrs && _project.MergeRequestsEnabled != false;

    /// <summary>True for issues, false for merge requests: what of them is read.</summary>
    private IEnumerable<bool> Kinds =>
        [.. ReadsIssues ? [true] : (bool[])[], .. ReadsMergeRequests ? [false] : (bool[])[]];

    private bool ReadsWiki => _config.IncludeWikis && _project.WikiEnabled != false;

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ProjectPosition position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        foreach (var isIssues in Kinds)
        {
            await foreach (var item in ReadItemsAsync(isIssues, position, cancellationToken))
            {
                yield return item;
                position = (item as ReadItem.Checkpoint)?.As<ProjectPosition>() ?? position;
            }
        }

        if (ReadsWiki)
        {
            await foreach (var item in ReadWikiAsync(cancellationToken))
            {
                yield return item;
            }

            yield return ReadItem.Checkpoint.From(position);
        }

        if (_config.IncludeCodeFiles)
        {
            await foreach (var item in _files.ReadAsync(position, cancellationToken))
            {
                yield return item;
            }
        }
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var isIssues in Kinds)
        {
            await foreach (var page in PagesAsync(isIssues, null, null, isSlim: !isIssues, cancellationToken))
            {
                foreach (var item in page.Items.Where(IsInState))
                {
                    yield return IdOf(isIssues, item);
                }
            }
        }

        if (ReadsWiki)
        {
            foreach (var page in await WikiAsync(withContent: null, cancellationToken))
            {
                yield return _mapping.IdOfPage(page);
            }
        }

        if (_config.IncludeCodeFiles)
        {
            await foreach (var id in _files.ListAsync(cancellationToken))
            {
                yield return id;
            }
        }
    }

    /// <summary>Issues and merge requests of the chosen kinds that have some words, last changed first.</summary>
    public async IAsyncEnumerable<FoundItem> SearchAsync(
        string words,
        int limit,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        foreach (var isIssues in Kinds)
        {
            (string, object?)[] query =
            [
                ("scope", "all"),
                ("search", words),
                ("order_by", "updated_at"),
                ("per_page", limit),
            ];
            var found = await _context.Http.GetJsonAsync(
                isIssues ? _root.At($"issues", query) : _root.At($"merge_requests", query),
                GitLabJson.Default.IReadOnlyListGitLabItem,
                cancellationToken
            );
            foreach (var item in found)
            {
                var id = IdOf(isIssues, item);
                yield return new FoundItem(id, item.Title, item.WebUrl ?? id, item.UpdatedAt);
            }
        }
    }

    /// <summary>The issue or merge request that an address, or a number in a project alone (<c>12</c>, <c>!12</c>), means.</summary>
    public (bool IsIssue, long Number)? Parse(string id)
    {
        var isIn = id.StartsWith(_project.WebUrl + "/-/", StringComparison.Ordinal);
        var name = isIn ? id[(_project.WebUrl.Length + 3)..] : id;
        (bool IsIssue, string Prefix)[] forms = isIn
            ? [(true, "issues/"), (true, "work_items/"), (false, "merge_requests/")]
            : [(false, "!"), (true, "#"), (true, "")];
        foreach (var (isIssue, prefix) in forms.Where(_ => isIn || !_config.IsWholeGroup))
        {
            if (
                name.StartsWith(prefix, StringComparison.Ordinal)
                && long.TryParse(name[prefix.Length..], CultureInfo.InvariantCulture, out var number)
            )
            {
                return (isIssue, number);
            }
        }

        return null;
    }

    /// <summary>One issue or merge request.</summary>
    public async Task<ReadItem> ReadOneAsync(bool isIssue, long number, CancellationToken cancellationToken)
    {
        var item = await _context.Http.GetJsonAsync(
            isIssue ? _root.At($"issues/{number}") : _root.At($"merge_requests/{number}"),
            GitLabJson.Default.GitLabItem,
            cancellationToken
        );
        return isIssue
            ? await _mapping.ReadIssueAsync(item, cancellationToken)
            : await _mapping.ReadMergeRequestAsync(item, cancellationToken);
    }

    /// <summary>Asks for one of everything that is to be read, so that a right that is missing is known at once.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (ReadsIssues)
        {
            await FirstAsync(_root.At($"issues", ("scope", "all"), ("per_page", 1)), cancellationToken);
        }

        if (ReadsMergeRequests)
        {
            await FirstAsync(_root.At($"merge_requests", ("scope", "all"), ("per_page", 1)), cancellationToken);
        }

        if (_config.IncludeCodeFiles)
        {
            await _files.HeadAsync(cancellationToken);
        }
    }

    private Task<IReadOnlyList<GitLabItem>> FirstAsync(Uri address, CancellationToken cancellationToken) =>
        _context.Http.GetJsonAsync(address, GitLabJson.Default.IReadOnlyListGitLabItem, cancellationToken);

    private async IAsyncEnumerable<ReadItem> ReadItemsAsync(
        bool isIssues,
        ProjectPosition position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var mark = isIssues ? position.Issues : position.MergeRequests;
        await foreach (
            var page in PagesAsync(isIssues, mark.From(Overlap), mark.Next, isSlim: false, cancellationToken)
        )
        {
            var known = await _context.Known.GetAsync(
                [.. page.Items.Select(item => IdOf(isIssues, item))],
                cancellationToken
            );
            await foreach (
                var (item, work) in InOrder.StartAsync(
                    page.Items.Where(item => IsInState(item) || known.ContainsKey(IdOf(isIssues, item))),
                    Concurrency,
                    (item, stop) => ReadAsync(isIssues, item, known.GetValueOrDefault(IdOf(isIssues, item)), stop),
                    cancellationToken
                )
            )
            {
                var id = IdOf(isIssues, item);
                var read = await _reads.ReadAsync(id, item.WebUrl ?? id, () => work);
                mark = read is ReadItem.Failed ? mark.Hold(item.UpdatedAt) : mark;
                yield return read;
            }

            mark = mark.To(page);
            yield return ReadItem.Checkpoint.From(With(isIssues, position, mark));
        }

        yield return ReadItem.Checkpoint.From(With(isIssues, position, mark.Complete()));
    }

    private static ProjectPosition With(bool isIssues, ProjectPosition position, ReadMark mark) =>
        isIssues ? position with { Issues = mark } : position with { MergeRequests = mark };

    private async Task<ReadItem> ReadAsync(
        bool isIssues,
        GitLabItem item,
        KnownDocument? known,
        CancellationToken cancellationToken
    ) =>
        !IsInState(item) ? new ReadItem.Deleted(IdOf(isIssues, item))
        : known?.Version == item.Version ? new ReadItem.Unchanged(IdOf(isIssues, item))
        : isIssues ? await _mapping.ReadIssueAsync(item, cancellationToken)
        : await _mapping.ReadMergeRequestAsync(item, cancellationToken);

    private async IAsyncEnumerable<ReadItem> ReadWikiAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var batch in (await WikiAsync(withContent: true, cancellationToken)).Chunk(100))
        {
            var known = await _context.Known.GetAsync([.. batch.Select(_mapping.IdOfPage)], cancellationToken);
            foreach (var page in batch)
            {
                var id = _mapping.IdOfPage(page);
                yield return await _reads.ReadAsync(
                    id,
                    id,
                    () => ReadPageAsync(page, known.GetValueOrDefault(id), cancellationToken)
                );
            }
        }
    }

    private async Task<ReadItem> ReadPageAsync(
        GitLabWikiPage page,
        KnownDocument? known,
        CancellationToken cancellationToken
    )
    {
        // Some versions list pages without their content, whatever is asked for.
        var whole = page.Content is not null
            ? page
            : await _context.Http.GetJsonAsync(
                _root.At($"wikis/{page.Slug}"),
                GitLabJson.Default.GitLabWikiPage,
                cancellationToken
            );
        return known?.Version == GitLabMapping.VersionOf(whole)
            ? new ReadItem.Unchanged(_mapping.IdOfPage(page))
            : await _mapping.ReadPageAsync(whole with { Slug = page.Slug }, cancellationToken);
    }

    /// <summary>All pages in one answer: the list has no pages of its own.</summary>
    private async Task<IReadOnlyList<GitLabWikiPage>> WikiAsync(bool? withContent, CancellationToken cancellationToken)
    {
        try
        {
            return await _context.Http.GetJsonAsync(
                _root.At($"wikis", ("with_content", withContent)),
                GitLabJson.Default.IReadOnlyListGitLabWikiPage,
                cancellationToken
            );
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
        {
            // A wiki that is switched off, or that is for members alone, answers so, also where the project says it is on.
            return [];
        }
    }

    private IAsyncEnumerable<UpdatedPage<GitLabItem>> PagesAsync(
        bool isIssues,
        DateTimeOffset? from,
        string? next,
        bool isSlim,
        CancellationToken cancellationToken
    )
    {
        return UpdatedPages.ReadAsync(
            _context.Http,
            AddressOf,
            GitLabJson.Default.IReadOnlyListGitLabItem,
            item => item.UpdatedAt,
            item => IdOf(isIssues, item),
            from,
            next,
            cancellationToken
        );

        Uri AddressOf(DateTimeOffset? since)
        {
            ReadOnlySpan<(string, object?)> query =
            [
                ("scope", "all"),
                // What left the state since the last pass is to be seen leaving.
                ("state", from is null ? _config.State : "all"),
                ("order_by", "updated_at"),
                ("sort", "asc"),
                ("updated_after", since),
                ("view", isSlim ? "simple" : null),
                ("per_page", 100),
            ];
            return isIssues ? _root.At($"issues", query) : _root.At($"merge_requests", query);
        }
    }

    private string IdOf(bool isIssues, GitLabItem item) =>
        isIssues ? _mapping.IdOfIssue(item) : _mapping.IdOfMergeRequest(item);

    private bool IsInState(GitLabItem item) =>
        _config.State == "all" || string.Equals(item.State, _config.State, StringComparison.OrdinalIgnoreCase);
}
