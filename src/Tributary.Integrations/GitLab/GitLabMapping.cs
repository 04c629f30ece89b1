using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Tributary.Integrations.CodeHosts;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.GitLab;

/// <summary>Makes documents of issues, merge requests and wiki pages.</summary>
internal sealed partial class GitLabMapping(
    HttpClient http,
    Uri projectRoot,
    GitLabProject project,
    GitLabAccess access
)
{
    private const int MaxNotes = 10_000;

    /// <summary>An issue's address, in the one form that all versions of GitLab open.</summary>
    public string IdOfIssue(GitLabItem issue) => $"{project.WebUrl}/-/issues/{issue.Iid}";

    /// <summary>A merge request's address.</summary>
    public string IdOfMergeRequest(GitLabItem item) => $"{project.WebUrl}/-/merge_requests/{item.Iid}";

    /// <summary>A wiki page's address.</summary>
    public string IdOfPage(GitLabWikiPage page) =>
        $"{project.WebUrl}/-/wikis/{string.Join('/', page.Slug.Split('/').Select(Uri.EscapeDataString))}";

    /// <summary>A wiki has no times: a page's state is its content.</summary>
    public static string VersionOf(GitLabWikiPage page) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{page.Title}\n{page.Content}")));

    public async Task<ReadItem> ReadIssueAsync(GitLabItem issue, CancellationToken cancellationToken)
    {
        var notes = await NotesAsync(
            issue,
            projectRoot.At($"issues/{issue.Iid}/notes", ("sort", "asc"), ("order_by", "created_at"), ("per_page", 100)),
            cancellationToken
        );
        var type = TypeOf(issue.IssueType);
        var readers =
            issue.Confidential == true
                ? await access.OfConfidentialAsync(cancellationToken)
                : await access.OfAllAsync(cancellationToken);
        return new ReadItem.Found(DocumentOf(issue, IdOfIssue(issue), type, notes, readers));
    }

    /// <summary>"TestCase" for "test_case" and "TEST_CASE".</summary>
    internal static string TypeOf(string? type)
    {
        var words = (type ?? "").Split('_', StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 0
            ? "Issue"
            : string.Concat(words.Select(word => char.ToUpperInvariant(word[0]) + word[1..].ToLowerInvariant()));
    }

    public async Task<ReadItem> ReadMergeRequestAsync(GitLabItem item, CancellationToken cancellationToken)
    {
        var notes = await NotesAsync(
            item,
            projectRoot.At(
                $"merge_requests/{item.Iid}/notes",
                ("sort", "asc"),
                ("order_by", "created_at"),
                ("per_page", 100)
            ),
            cancellationToken
        );
        var readers = await access.OfCodeAsync(cancellationToken);
        return new ReadItem.Found(DocumentOf(item, IdOfMergeRequest(item), "MergeRequest", notes, readers));
    }

    public async Task<ReadItem> ReadPageAsync(GitLabWikiPage page, CancellationToken cancellationToken)
    {
        var id = IdOfPage(page);
        var text = TextOf(FrontMatter().Replace(page.Content ?? "", "", 1));
        return new ReadItem.Found(
            new Document
            {
                Id = id,
                Title = page.Title ?? page.Slug,
                Link = id,
                Sections = text.Length == 0 ? [] : [new Section(text, id)],
                Version = VersionOf(page),
                Metadata = new Dictionary<string, MetadataValue>
                {
                    ["type"] = "Wiki",
                    ["project"] = project.PathWithNamespace ?? "",
                    ["format"] = page.Format ?? "markdown",
                },
                Access = await access.OfAllAsync(cancellationToken),
            }
        );
    }

    private async Task<IReadOnlyList<GitLabNote>> NotesAsync(
        GitLabItem item,
        Uri first,
        CancellationToken cancellationToken
    ) =>
        item.UserNotesCount == 0
            ? []
            : await http.PagesByLinkHeaderAsync(
                    first,
                    GitLabJson.Default.IReadOnlyListGitLabNote,
                    null,
                    cancellationToken
                )
                .SelectMany(page => page.Body)
                .Where(note => note.IsForReaders)
                .Take(MaxNotes)
                .ToListAsync(cancellationToken);

    private Document DocumentOf(
        GitLabItem item,
        string id,
        string type,
        IReadOnlyList<GitLabNote> notes,
        DocumentAccess readers
    )
    {
        var author = GitLabUser.NameOf(item.Author);
        var assignees = (item.Assignees ?? []).Select(GitLabUser.NameOf).ToList();
        var others = assignees
            .Concat((item.Reviewers ?? []).Select(GitLabUser.NameOf))
            .Concat(notes.Select(note => GitLabUser.NameOf(note.Author)))
            .Distinct()
            .Where(name => name != author);
        return new Document
        {
            Id = id,
            Title = item.Title ?? id,
            Link = item.WebUrl ?? id,
            Sections =
            [
                .. notes
                    .Select(note => new Section(
                        TextOf(note.Body),
                        $"{id}#note_{note.Id}",
                        GitLabUser.NameOf(note.Author)
                    ))
                    .Prepend(new Section(TextOf(item.Description), item.WebUrl ?? id))
                    .Where(section => section.Text.Length > 0),
            ],
            Version = item.Version,
            CreatedAt = item.CreatedAt,
            UpdatedAt = item.UpdatedAt,
            PrimaryOwners = [new Owner(author, item.Author?.PublicEmail is { Length: > 0 } email ? email : null)],
            SecondaryOwners = [.. others.Select(name => new Owner(name))],
            Metadata = MetadataOf(item, type, author, assignees),
            Access = readers,
        };
    }

    private Dictionary<string, MetadataValue> MetadataOf(
        GitLabItem item,
        string type,
        string author,
        IReadOnlyList<string> assignees
    )
    {
        var texts = new Dictionary<string, string?>
        {
            ["type"] = type,
            ["state"] = item.State,
            ["project"] = project.PathWithNamespace,
            ["milestone"] = item.Milestone?.Title,
            ["author"] = author,
            ["source_branch"] = item.SourceBranch,
            ["target_branch"] = item.TargetBranch,
            ["created_at"] = TimeOf(item.CreatedAt),
            ["closed_at"] = TimeOf(item.ClosedAt),
            ["merged_at"] = TimeOf(item.MergedAt),
            ["confidential"] = item.Confidential == true ? "true" : null,
        };
        var metadata = texts
            .Where(pair => !string.IsNullOrEmpty(pair.Value))
            .ToDictionary(pair => pair.Key, pair => MetadataValue.FromString(pair.Value!));
        metadata["labels"] = MetadataValue.FromList(item.LabelNames);
        metadata["assignees"] = MetadataValue.FromList(assignees);
        return metadata;
    }

    // Uploads are linked from the project on.
    private string TextOf(string? markdown) =>
        TextFiles.Lines(UploadLink().Replace(HiddenText().Replace(markdown ?? "", ""), $"]({project.WebUrl}/uploads/"));

    private static string? TimeOf(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    [GeneratedRegex("<!--.*?-->", RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex HiddenText();

    [GeneratedRegex(@"\]\(/uploads/")]
    private static partial Regex UploadLink();

    [GeneratedRegex(@"\A---\r?\n.*?\r?\n---\r?\n", RegexOptions.Singleline)]
    private static partial Regex FrontMatter();
}
