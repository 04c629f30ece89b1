using System.Net;
using System.Runtime.CompilerServices;
using Tributary.Integrations.CodeHosts;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.GitHub;

/// <summary>The text files of a branch. They are looked at when it has moved, and fetched when their hash is new.</summary>
internal sealed class GitHubFiles(
    ReaderContext context,
    GitHubConfig config,
    Uri repositoryRoot,
    GitHubRepository repository
)
{
    private const int Concurrency = 8;
    private const int Batch = 100;

    private readonly string _branch = config.BranchName ?? repository.DefaultBranch ?? "main";
    private readonly ItemReads _reads = new();

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        RepositoryPosition position,
        DocumentAccess access,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (await HeadAsync(cancellationToken) is not { } head)
        {
            yield return new ReadItem.Skipped(repository.HtmlUrl, $"has no branch '{_branch}'");
            yield break;
        }

        if (head.Sha == position.Head)
        {
            yield break;
        }

        position =
            position.Reading == head.Sha ? position : position with { Reading = head.Sha, Done = 0, HasFailed = null };
        await foreach (
            var batch in TreeAsync(head, cancellationToken)
                .Skip(position.Done)
                .Chunk(Batch)
                .WithCancellation(cancellationToken)
        )
        {
            var wanted = batch.Where(IsWanted).ToList();
            var known = await context.Known.GetAsync([.. wanted.Select(IdOf)], cancellationToken);
            await foreach (
                var (entry, work) in InOrder.StartAsync(
                    wanted,
                    Concurrency,
                    (entry, stop) => ReadAsync(entry, known.GetValueOrDefault(IdOf(entry)), head, access, stop),
                    cancellationToken
                )
            )
            {
                var item = await _reads.ReadAsync(IdOf(entry), IdOf(entry), () => work);
                if (item is ReadItem.Failed)
                {
                    position = position with { HasFailed = true };
                }

                yield return item;
            }

            position = position with { Done = position.Done + batch.Length };
            yield return ReadItem.Checkpoint.From(position);
        }

        position = position with
        {
            Head = position.HasFailed == true ? null : head.Sha,
            Reading = null,
            Done = 0,
            HasFailed = null,
        };
        yield return ReadItem.Checkpoint.From(position);
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await HeadAsync(cancellationToken) is { } head)
        {
            await foreach (var entry in TreeAsync(head, cancellationToken).Where(IsWanted))
            {
                yield return IdOf(entry);
            }
        }
    }

    /// <summary>The branch's last commit; null when there is no such branch, as in an empty repository.</summary>
    public async Task<GitHubBranchHead?> HeadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var branch = await context.Http.GetJsonAsync(
                repositoryRoot.At($"branches/{_branch}"),
                GitHubJson.Default.GitHubBranch,
                cancellationToken
            );
            return branch.Commit;
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            return null;
        }
    }

    /// <summary>Everything in one answer, or folder by folder where that is too much for one.</summary>
    private async IAsyncEnumerable<GitHubTreeEntry> TreeAsync(
        GitHubBranchHead head,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var (sha, whole) = await WholeAsync(head, cancellationToken);
        if (!whole.Truncated)
        {
            foreach (var entry in whole.Tree)
            {
                yield return entry;
            }

            yield break;
        }

        var folders = new Stack<(string Path, string Sha)>([("", sha)]);
        while (folders.TryPop(out var folder))
        {
            var answer = await context.Http.GetJsonAsync(
                repositoryRoot.At($"git/trees/{folder.Sha}"),
                GitHubJson.Default.GitHubTree,
                cancellationToken
            );
            if (answer.Truncated)
            {
                throw new SourceException(
                    FailureKind.Source,
                    $"The folder '{folder.Path}' of {repository.HtmlUrl} has more entries than GitHub lists."
                );
            }

            foreach (var entry in answer.Tree.Select(entry => entry with { Path = folder.Path + entry.Path }))
            {
                yield return entry;
                if (entry.Type == "tree")
                {
                    folders.Push((entry.Path + "/", entry.Sha));
                }
            }
        }
    }

    /// <summary>GitHub takes a commit's name for its tree's; others know trees by their own names, or by the branch's.</summary>
    private async Task<(string Sha, GitHubTree Tree)> WholeAsync(
        GitHubBranchHead head,
        CancellationToken cancellationToken
    )
    {
        var names = new[] { head.Sha, head.Commit?.Tree?.Sha, _branch }.OfType<string>().ToList();
        for (var index = 0; ; index++)
        {
            try
            {
                var tree = await context.Http.GetJsonAsync(
                    repositoryRoot.At($"git/trees/{names[index]}", ("recursive", 1)),
                    GitHubJson.Default.GitHubTree,
                    cancellationToken
                );
                return (names[index], tree);
            }
            catch (SourceException exception)
                when (exception.Status == HttpStatusCode.NotFound && index + 1 < names.Count) { }
        }
    }

    private static bool IsWanted(GitHubTreeEntry entry) =>
        entry.Type == "blob" && TextFiles.IsWanted(entry.Path, entry.Mode, entry.Size);

    private async Task<ReadItem> ReadAsync(
        GitHubTreeEntry entry,
        KnownDocument? known,
        GitHubBranchHead head,
        DocumentAccess access,
        CancellationToken cancellationToken
    )
    {
        var id = IdOf(entry);
        if (known?.Version == entry.Sha)
        {
            return new ReadItem.Unchanged(id);
        }

        var blob = await context.Http.GetJsonAsync(
            repositoryRoot.At($"git/blobs/{entry.Sha}"),
            GitHubJson.Default.GitHubBlob,
            cancellationToken
        );
        if (TextFiles.TextOf(BytesOf(blob, id)) is not { } text)
        {
            return new ReadItem.Skipped(id, "no text: a binary file, or one that Git LFS keeps elsewhere");
        }

        return new ReadItem.Found(
            new Document
            {
                Id = id,
                Title = entry.Path,
                Link = id,
                Sections = text.Length == 0 ? [] : [new Section(text, id)],
                Version = entry.Sha,
                UpdatedAt = head.Commit?.Committer?.Date,
                Metadata = new Dictionary<string, MetadataValue>
                {
                    ["object_type"] = "File",
                    ["repo"] = $"{repository.OwnerName}/{repository.Name}",
                    ["branch"] = _branch,
                    ["path"] = entry.Path,
                },
                Access = access,
            }
        );
    }

    private static byte[] BytesOf(GitHubBlob blob, string id)
    {
        try
        {
            return blob.Encoding == "utf-8"
                ? System.Text.Encoding.UTF8.GetBytes(blob.Content)
                : Convert.FromBase64String(blob.Content);
        }
        catch (FormatException exception)
        {
            throw new SourceException(FailureKind.Source, $"The content of {id} is no base64.", exception);
        }
    }

    private string IdOf(GitHubTreeEntry entry) => $"{repository.HtmlUrl}/blob/{Escaped(_branch)}/{Escaped(entry.Path)}";

    private static string Escaped(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
}
