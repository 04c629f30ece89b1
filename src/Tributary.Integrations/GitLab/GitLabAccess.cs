using System.Net;
using Tributary.Integrations.CodeHosts;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;

namespace Tributary.Integrations.GitLab;

/// <summary>Who may read what of a project. Members are asked for when the first document needs them.</summary>
internal sealed class GitLabAccess(HttpClient http, Uri projectRoot, GitLabProject project)
{
    private const int Guest = 10;
    private const int Reporter = 20;
    private const int MaxMembers = 10_000;

    private readonly Lock _lock = new();
    private Task<IReadOnlyList<GitLabUser>>? _members;

    /// <summary>Issues that are not confidential, and wiki pages.</summary>
    public Task<DocumentAccess> OfAllAsync(CancellationToken cancellationToken) =>
        ForAsync(Guest, $"gitlab_project:{project.Id}", cancellationToken);

    /// <summary>Code and merge requests.</summary>
    public Task<DocumentAccess> OfCodeAsync(CancellationToken cancellationToken) =>
        ForAsync(Reporter, $"gitlab_project:{project.Id}:reporter", cancellationToken);

    /// <summary>Confidential issues, which the public does not see in a public project either.</summary>
    public async Task<DocumentAccess> OfConfidentialAsync(CancellationToken cancellationToken) =>
        Of(Reporter, $"gitlab_project:{project.Id}:reporter", await MembersAsync(cancellationToken));

    private async Task<DocumentAccess> ForAsync(int level, string group, CancellationToken cancellationToken) =>
        project.Visibility switch
        {
            "public" => new DocumentAccess(true, [], []),
            "internal" => new DocumentAccess(false, [], ["gitlab_internal"]),
            _ => Of(level, group, await MembersAsync(cancellationToken)),
        };

    // Most accounts show no address: the group stands for those whose address is not known.
    private static DocumentAccess Of(int level, string group, IReadOnlyList<GitLabUser> members) =>
        new(
            false,
            [
                .. members
                    .Where(member => member.AccessLevel >= level && !string.IsNullOrEmpty(member.PublicEmail))
                    .Select(member => member.PublicEmail!),
            ],
            [group]
        );

    private Task<IReadOnlyList<GitLabUser>> MembersAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _members is { IsFaulted: false, IsCanceled: false } asked
                ? asked
                : _members = AskAsync(cancellationToken);
        }
    }

    private async Task<IReadOnlyList<GitLabUser>> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await http.PagesByLinkHeaderAsync(
                    projectRoot.At($"members/all", ("per_page", 100)),
                    GitLabJson.Default.IReadOnlyListGitLabUser,
                    null,
                    cancellationToken
                )
                .SelectMany(page => page.Body)
                .Where(member => !string.IsNullOrEmpty(member.PublicEmail))
                .Take(MaxMembers)
                .ToListAsync(cancellationToken);
        }
        catch (SourceException exception)
            when (exception.Status is HttpStatusCode.Forbidden or HttpStatusCode.BadRequest || Absent.Is(exception))
        {
            // The group stands for them then.
            return [];
        }
    }
}
