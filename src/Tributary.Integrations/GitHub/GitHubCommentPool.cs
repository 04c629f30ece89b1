using Tributary.Integrations.CodeHosts;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;

namespace Tributary.Integrations.GitHub;

/// <summary>
/// The comments of a whole repository, a hundred with each request, kept until their issue comes. Issues come by the time
/// of their last update, and no comment is newer than its issue: when the comments were read up to that time, an issue
/// has all of its own. One whose number of comments is not what the issue says is asked for by itself.
/// </summary>
/// <remarks>Holds a bounded number of comments: those of the issues that are waited for longest are let go first.</remarks>
internal sealed class GitHubCommentPool(HttpClient http, Uri repositoryRoot, DateTimeOffset? since) : IAsyncDisposable
{
    private const int MaxHeld = 20_000;
    private const int MaxHeldCharacters = 16 * 1024 * 1024;
    private const int PagesAhead = 2;

    private readonly Dictionary<string, (LinkedListNode<string> Place, List<GitHubComment> Comments)> _byIssue = new(
        StringComparer.Ordinal
    );
    private readonly LinkedList<string> _order = [];
    private IAsyncEnumerator<Page<IReadOnlyList<GitHubComment>>>? _pages;
    private DateTimeOffset _readUpTo = DateTimeOffset.MinValue;
    private long _characters;
    private int _held;

    /// <summary>Reads all comments that were made up to a time.</summary>
    public async Task AdvanceAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        _pages ??= http.PagesByLinkHeaderAsync(
                repositoryRoot.At(
                    $"issues/comments",
                    ("sort", "created"),
                    ("direction", "asc"),
                    ("since", since),
                    ("per_page", 100)
                ),
                GitHubJson.Default.IReadOnlyListGitHubComment,
                null,
                cancellationToken
            )
            .AheadAsync(PagesAhead, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        try
        {
            while (_readUpTo <= time && await _pages.MoveNextAsync())
            {
                foreach (var comment in _pages.Current.Body)
                {
                    Hold(comment);
                    _readUpTo = comment.At;
                }
            }
        }
        catch (SourceException exception) when (Absent.Is(exception))
        {
            // There is no such list: each issue is asked for its own.
            _readUpTo = DateTimeOffset.MaxValue;
        }
    }

    /// <summary>An issue's comments, which are let go; null when they are not all here.</summary>
    public IReadOnlyList<GitHubComment>? Take(GitHubIssue issue) =>
        LetGo(issue.HtmlUrl) is { } comments && comments.Count == issue.Comments ? comments : null;

    public ValueTask DisposeAsync() => _pages?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void Hold(GitHubComment comment)
    {
        if (!_byIssue.TryGetValue(comment.DocumentId, out var held))
        {
            _byIssue[comment.DocumentId] = held = (_order.AddLast(comment.DocumentId), []);
        }

        held.Comments.Add(comment);
        _held++;
        _characters += comment.Body?.Length ?? 0;
        while ((_held > MaxHeld || _characters > MaxHeldCharacters) && _order.First is { } oldest)
        {
            LetGo(oldest.Value);
        }
    }

    private List<GitHubComment>? LetGo(string issue)
    {
        if (!_byIssue.Remove(issue, out var held))
        {
            return null;
        }

        _order.Remove(held.Place);
        _held -= held.Comments.Count;
        _characters -= held.Comments.Sum(comment => (long)(comment.Body?.Length ?? 0));
        return held.Comments;
    }
}
