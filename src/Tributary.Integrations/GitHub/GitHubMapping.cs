using System.Globalization;
using System.Text.RegularExpressions;
using Tributary.Integrations.CodeHosts;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.GitHub;

/// <summary>Makes documents of issues and pull requests: their text, and each comment and review as a section.</summary>
internal sealed partial class GitHubMapping(HttpClient http, Uri repositoryRoot, GitHubRepository repository)
{
    private const int MaxComments = 10_000;

    /// <summary>Reads the discussion of an issue or a pull request.</summary>
    /// <param name="issue">As it was listed.</param>
    /// <param name="comments">The comments of its conversation, when they are at hand already.</param>
    /// <param name="access">Who may see the repository.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<ReadItem> ReadAsync(
        GitHubIssue issue,
        IReadOnlyList<GitHubComment>? comments,
        DocumentAccess access,
        CancellationToken cancellationToken
    )
    {
        GitHubPull? pull = null;
        var discussion = new List<GitHubComment>();
        if (issue.IsPullRequest)
        {
            pull = await http.GetJsonAsync(
                repositoryRoot.At($"pulls/{issue.Number}"),
                GitHubJson.Default.GitHubPull,
                cancellationToken
            );
            var reviews = repositoryRoot.At($"pulls/{issue.Number}/reviews", ("per_page", 100));
            discussion.AddRange(await CommentsAsync(reviews, cancellationToken));
            if (pull.ReviewComments is null or > 0)
            {
                var inCode = repositoryRoot.At($"pulls/{issue.Number}/comments", ("per_page", 100));
                discussion.AddRange(await CommentsAsync(inCode, cancellationToken));
            }
        }

        if (comments is null && (issue.Comments ?? pull?.Comments) is null or > 0)
        {
            var conversation = repositoryRoot.At($"issues/{issue.Number}/comments", ("per_page", 100));
            comments = await CommentsAsync(conversation, cancellationToken);
        }

        discussion.AddRange(comments ?? []);
        return new ReadItem.Found(DocumentOf(issue, pull, [.. discussion.OrderBy(comment => comment.At)], access));
    }

    /// <summary>The version of an issue as it is listed; a document's has the time of its newest comment, too.</summary>
    public static bool IsCurrent(KnownDocument? known, GitHubIssue issue) =>
        known?.Version?.StartsWith($"{issue.UpdatedAt:O} ", StringComparison.Ordinal) == true;

    /// <summary>Whether a document has a comment as it is now.</summary>
    public static bool Covers(KnownDocument known, GitHubComment comment) =>
        known.Version?.Split(' ') is [_, var newest]
        && DateTimeOffset.TryParse(newest, CultureInfo.InvariantCulture, out var time)
        && time >= comment.ChangedAt;

    private async Task<IReadOnlyList<GitHubComment>> CommentsAsync(Uri first, CancellationToken cancellationToken) =>
        await http.PagesByLinkHeaderAsync(first, GitHubJson.Default.IReadOnlyListGitHubComment, null, cancellationToken)
            .OrNone(cancellationToken)
            .SelectMany(page => page.Body)
            .Take(MaxComments)
            .ToListAsync(cancellationToken);

    private Document DocumentOf(
        GitHubIssue issue,
        GitHubPull? pull,
        IReadOnlyList<GitHubComment> discussion,
        DocumentAccess access
    )
    {
        var author = GitHubUser.NameOf(issue.User);
        var assignees = (issue.Assignees ?? []).Select(GitHubUser.NameOf).ToList();
        var others = assignees
            .Concat(discussion.Select(comment => GitHubUser.NameOf(comment.User)))
            .Distinct()
            .Where(name => name != author);
        var newest = discussion.Select(comment => comment.ChangedAt).Append(DateTimeOffset.UnixEpoch).Max();
        return new Document
        {
            Id = issue.HtmlUrl,
            Title = $"{issue.Number}: {issue.Title}",
            Link = issue.HtmlUrl,
            Sections =
            [
                .. discussion
                    .Select(comment => SectionOf(comment, issue))
                    .Prepend(new Section(TextOf(issue.Body), issue.HtmlUrl))
                    .Where(section => section.Text.Length > 0),
            ],
            Version = $"{issue.UpdatedAt:O} {newest:O}",
            CreatedAt = issue.CreatedAt,
            UpdatedAt = issue.UpdatedAt,
            PrimaryOwners = [new Owner(author)],
            SecondaryOwners = [.. others.Select(name => new Owner(name))],
            Metadata = MetadataOf(issue, pull, author, assignees),
            Access = access,
        };
    }

    private Dictionary<string, MetadataValue> MetadataOf(
        GitHubIssue issue,
        GitHubPull? pull,
        string author,
        IReadOnlyList<string> assignees
    )
    {
        var texts = new Dictionary<string, string?>
        {
            ["object_type"] = issue.IsPullRequest ? "PullRequest" : "Issue",
            ["repo"] = $"{repository.OwnerName}/{repository.Name}",
            ["state"] = issue.State,
            ["state_reason"] = issue.StateReason,
            ["user"] = author,
            ["milestone"] = issue.Milestone?.Title,
            ["created_at"] = TimeOf(issue.CreatedAt),
            ["updated_at"] = TimeOf(issue.UpdatedAt),
            ["closed_at"] = TimeOf(issue.ClosedAt),
            ["closed_by"] = issue.ClosedBy?.Login,
            ["merged"] = pull?.Merged is { } merged ? (merged ? "true" : "false") : null,
            ["merged_at"] = TimeOf(pull?.MergedAt),
            ["merged_by"] = pull?.MergedBy?.Login,
            ["num_commits"] = pull?.Commits?.ToString(CultureInfo.InvariantCulture),
        };
        var metadata = texts
            .Where(pair => !string.IsNullOrEmpty(pair.Value))
            .ToDictionary(pair => pair.Key, pair => MetadataValue.FromString(pair.Value!));
        metadata["labels"] = MetadataValue.FromList(issue.LabelNames);
        metadata["assignees"] = MetadataValue.FromList(assignees);
        return metadata;
    }

    private static Section SectionOf(GitHubComment comment, GitHubIssue issue) =>
        new(
            TextOf(comment.Body),
            comment.HtmlUrl ?? issue.HtmlUrl,
            comment.Path is { } path ? $"{GitHubUser.NameOf(comment.User)} on {path}" : GitHubUser.NameOf(comment.User)
        );

    // What templates tell the author in HTML comments is nobody's text.
    private static string TextOf(string? body) => TextFiles.Lines(HiddenText().Replace(body ?? "", ""));

    private static string? TimeOf(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    [GeneratedRegex("<!--.*?-->", RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex HiddenText();
}
