using System.Net;
using System.Runtime.CompilerServices;
using Tributary.Integrations.CodeHosts;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;

namespace Tributary.Integrations.GitHub;

/// <summary>A repository that was asked for.</summary>
/// <param name="Name">As it was asked for, or as the API spells it.</param>
/// <param name="Repository">What it is; null when it cannot be read.</param>
/// <param name="Refusal">Why not.</param>
internal sealed record FoundRepository(string Name, GitHubRepository? Repository, SourceException? Refusal);

/// <summary>Finds the repositories that are to be read.</summary>
internal sealed class GitHubRepositories(HttpClient http, Uri root, GitHubConfig config)
{
    private readonly string _owner = config.RepoOwner.Trim();

    /// <summary>Those that are named, or all of the owner that the credentials see.</summary>
    public IAsyncEnumerable<FoundRepository> FindAsync(CancellationToken cancellationToken) =>
        config.Names.Count > 0 ? NamedAsync(cancellationToken) : AllAsync(cancellationToken);

    /// <summary>Whether a status tells of one repository, and nothing of the others: no right, not there, no issues, blocked by law.</summary>
    public static bool IsOfOne(HttpStatusCode? status) =>
        status
            is HttpStatusCode.Forbidden
                or HttpStatusCode.NotFound
                or HttpStatusCode.Gone
                or HttpStatusCode.Conflict
                or HttpStatusCode.UnavailableForLegalReasons;

    private async IAsyncEnumerable<FoundRepository> NamedAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        foreach (var name in config.Names)
        {
            yield return await OneAsync(name, cancellationToken);
        }
    }

    private async Task<FoundRepository> OneAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var repository = await http.GetJsonAsync(
                root.At($"repos/{_owner}/{name}"),
                GitHubJson.Default.GitHubRepository,
                cancellationToken
            );
            return new FoundRepository(name, repository, null);
        }
        catch (SourceException exception) when (IsOfOne(exception.Status))
        {
            return new FoundRepository(
                name,
                null,
                new SourceException(
                    FailureKind.Configuration,
                    $"{_owner} has no repository '{name}' that these credentials can see. Check its spelling; for a private "
                        + "one the token needs the scope 'repo', or to be given this repository, and an organisation may "
                        + "have to approve the token or to authorise it for single sign-on.",
                    exception
                )
                {
                    Status = exception.Status,
                    Member = "config.repositories",
                }
            );
        }
    }

    private async IAsyncEnumerable<FoundRepository> AllAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // An owner that is no organisation is a user.
        foreach (var pages in new[] { OfOrganisation(cancellationToken), OfUserAsync(cancellationToken) })
        {
            await using var repositories = pages.GetAsyncEnumerator(cancellationToken);
            var isThere = true;
            for (var hasMore = true; hasMore; )
            {
                try
                {
                    hasMore = await repositories.MoveNextAsync();
                }
                catch (SourceException exception) when (exception.Status == HttpStatusCode.NotFound)
                {
                    (isThere, hasMore) = (false, false);
                }

                if (hasMore)
                {
                    yield return new FoundRepository(repositories.Current.Name, repositories.Current, null);
                }
            }

            if (isThere)
            {
                yield break;
            }
        }

        throw new SourceException(
            FailureKind.Configuration,
            $"There is no user or organisation '{_owner}' here: give the login, which stands in the address of the owner's page."
        )
        {
            Member = "config.repo_owner",
        };
    }

    private IAsyncEnumerable<GitHubRepository> OfOrganisation(CancellationToken cancellationToken) =>
        PagesAsync(
            root.At($"orgs/{_owner}/repos", ("type", "all"), ("sort", "full_name"), ("per_page", 100)),
            cancellationToken
        );

    /// <summary>The list of a user's repositories has private ones only where the token is the user's own.</summary>
    private async IAsyncEnumerable<GitHubRepository> OfUserAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var self = await SelfAsync(cancellationToken);
        var pages =
            self is null ? InstalledAsync(cancellationToken)
            : string.Equals(self.Login, _owner, StringComparison.OrdinalIgnoreCase)
                ? PagesAsync(
                    root.At($"user/repos", ("affiliation", "owner"), ("sort", "full_name"), ("per_page", 100)),
                    cancellationToken
                )
            : PagesAsync(
                root.At($"users/{_owner}/repos", ("type", "owner"), ("sort", "full_name"), ("per_page", 100)),
                cancellationToken
            );
        await foreach (var repository in pages)
        {
            yield return repository;
        }
    }

    /// <summary>Whose token it is; null for an installation of an app, which is nobody; nameless where nobody tells.</summary>
    private async Task<GitHubUser?> SelfAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await http.GetJsonAsync(root.At($"user"), GitHubJson.Default.GitHubUser, cancellationToken);
        }
        catch (SourceException exception) when (exception.Status == HttpStatusCode.Forbidden)
        {
            return null;
        }
        catch (SourceException exception) when (Absent.Is(exception))
        {
            return new GitHubUser(null, null);
        }
    }

    private IAsyncEnumerable<GitHubRepository> PagesAsync(Uri first, CancellationToken cancellationToken) =>
        http.PagesByLinkHeaderAsync(first, GitHubJson.Default.IReadOnlyListGitHubRepository, null, cancellationToken)
            .SelectMany(page => page.Body);

    private IAsyncEnumerable<GitHubRepository> InstalledAsync(CancellationToken cancellationToken) =>
        http.PagesByLinkHeaderAsync(
                root.At($"installation/repositories", ("per_page", 100)),
                GitHubJson.Default.InstallationRepositories,
                null,
                cancellationToken
            )
            .SelectMany(page => page.Body.Repositories)
            .Where(repository => string.Equals(repository.OwnerName, _owner, StringComparison.OrdinalIgnoreCase));
}
