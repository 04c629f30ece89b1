using System.Net;
using System.Runtime.CompilerServices;
using Tributary.Integrations.CodeHosts;
using Tributary.Sdk;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.GitLab;

/// <summary>The text files of the default branch. They are looked at when it has moved, and fetched when their hash is new.</summary>
internal sealed class GitLabFiles(ReaderContext context, Uri projectRoot, GitLabProject project, GitLabAccess access)
{
    private const int Concurrency = 8;

    // Base64 and the members around it make a file's answer larger than the file.
    private const long MaxAnswerBytes = TextFiles.MaxBytes * 3 / 2;

    private readonly ItemReads _reads = new();

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ProjectPosition position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (await HeadAsync(cancellationToken) is not { } head || head.Id == position.Head)
        {
            yield break;
        }

        position =
            position.Reading == head.Id ? position : position with { Reading = head.Id, Next = null, HasFailed = null };
        await foreach (var page in TreeAsync(head, position.Next, cancellationToken))
        {
            var wanted = page.Body.Where(IsWanted).ToList();
            var known = await context.Known.GetAsync([.. wanted.Select(IdOf)], cancellationToken);
            await foreach (
                var (entry, work) in InOrder.StartAsync(
                    wanted,
                    Concurrency,
                    (entry, stop) => ReadAsync(entry, known.GetValueOrDefault(IdOf(entry)), head, stop),
                    cancellationToken
                )
            )
            {
                var item = await _reads.ReadAsync(IdOf(entry), IdOf(entry), () => work);
                position = item is ReadItem.Failed ? position with { HasFailed = true } : position;
                yield return item;
            }

            position = position with { Next = page.Next };
            yield return ReadItem.Checkpoint.From(position);
        }

        yield return ReadItem.Checkpoint.From(
            position with
            {
                Head = position.HasFailed == true ? null : head.Id,
                Reading = null,
                Next = null,
                HasFailed = null,
            }
        );
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await HeadAsync(cancellationToken) is { } head)
        {
            await foreach (var page in TreeAsync(head, null, cancellationToken))
            {
                foreach (var entry in page.Body.Where(IsWanted))
                {
                    yield return IdOf(entry);
                }
            }
        }
    }

    /// <summary>The branch's last commit; null in an empty repository.</summary>
    public async Task<GitLabCommit?> HeadAsync(CancellationToken cancellationToken)
    {
        if (project.DefaultBranch is not { Length: > 0 } branch)
        {
            return null;
        }

        try
        {
            var answer = await context.Http.GetJsonAsync(
                projectRoot.At($"repository/branches/{branch}"),
                GitLabJson.Default.GitLabBranch,
                cancellationToken
            );
            return answer.Commit;
        }
        catch (SourceException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            return await NewestAsync(branch, cancellationToken);
        }
    }

    /// <summary>The same by the list of commits: a proxy that unpacks %2F hides branches with a slash in their name.</summary>
    private async Task<GitLabCommit?> NewestAsync(string branch, CancellationToken cancellationToken)
    {
        try
        {
            var commits = await context.Http.GetJsonAsync(
                projectRoot.At($"repository/commits", ("ref_name", branch), ("per_page", 1)),
                GitLabJson.Default.IReadOnlyListGitLabCommit,
                cancellationToken
            );
            return commits.Count > 0 ? commits[0] : null;
        }
        catch (SourceException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private IAsyncEnumerable<Page<IReadOnlyList<GitLabTreeEntry>>> TreeAsync(
        GitLabCommit head,
        string? next,
        CancellationToken cancellationToken
    ) =>
        context.Http.PagesByLinkHeaderAsync(
            projectRoot.At(
                $"repository/tree",
                ("ref", head.Id),
                ("recursive", true),
                ("pagination", "keyset"),
                ("per_page", 100)
            ),
            GitLabJson.Default.IReadOnlyListGitLabTreeEntry,
            next,
            cancellationToken
        );

    private static bool IsWanted(GitLabTreeEntry entry) =>
        entry.Type == "blob" && TextFiles.IsWanted(entry.Path, entry.Mode, null);

    private async Task<ReadItem> ReadAsync(
        GitLabTreeEntry entry,
        KnownDocument? known,
        GitLabCommit head,
        CancellationToken cancellationToken
    )
    {
        var id = IdOf(entry);
        if (known?.Version == entry.Id)
        {
            return new ReadItem.Unchanged(id);
        }

        if (await ContentAsync(entry, head, cancellationToken) is not { } content)
        {
            return new ReadItem.Skipped(id, "too large");
        }

        if (TextFiles.TextOf(content) is not { } text)
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
                Version = entry.Id,
                UpdatedAt = head.CommittedDate,
                Metadata = new Dictionary<string, MetadataValue>
                {
                    ["type"] = "CodeFile",
                    ["project"] = project.PathWithNamespace ?? "",
                    ["path"] = entry.Path,
                },
                Access = await access.OfCodeAsync(cancellationToken),
            }
        );
    }

    /// <summary>A file's bytes; null where they are too many, which a tree does not tell.</summary>
    private async Task<byte[]?> ContentAsync(
        GitLabTreeEntry entry,
        GitLabCommit head,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            projectRoot.At($"repository/files/{entry.Path}", ("ref", head.Id))
        );
        request.Options.Set(OutboundOptions.MaxBodyBytes, MaxAnswerBytes);
        try
        {
            using var response = await context.Http.SendCheckedAsync(request, cancellationToken);
            var file = await response.ReadJsonAsync(GitLabJson.Default.GitLabFile, cancellationToken);
            return Convert.FromBase64String(file.Content);
        }
        catch (SourceException exception) when (exception.InnerException is ContentException)
        {
            return null;
        }
        catch (FormatException exception)
        {
            throw new SourceException(FailureKind.Source, $"The content of {IdOf(entry)} is no base64.", exception);
        }
    }

    private string IdOf(GitLabTreeEntry entry) =>
        $"{project.WebUrl}/-/blob/{Escaped(project.DefaultBranch!)}/{Escaped(entry.Path)}";

    private static string Escaped(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
}
