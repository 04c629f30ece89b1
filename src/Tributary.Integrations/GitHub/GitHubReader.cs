using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Tributary.Integrations.CodeHosts;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Partitions;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.GitHub;

/// <summary>Reads repositories side by side. See https://docs.github.com/rest.</summary>
internal sealed class GitHubReader : IReader
{
    private const int RepositoriesAtOnce = 4;
    private const int MostChecked = 10;

    private readonly ReaderContext _context;
    private readonly GitHubConfig _config;
    private readonly Uri _root;
    private readonly GitHubRepositories _repositories;

    public GitHubReader(ReaderContext context, GitHubConfig config, Uri root)
    {
        (_context, _config, _root) = (context, config, root);
        _repositories = new GitHubRepositories(context.Http, root, config);
        var headers = context.Http.DefaultRequestHeaders;
        headers.TryAddWithoutValidation("Accept", "application/vnd.github+json");
        headers.TryAddWithoutValidation("X-GitHub-Api-Version", "2022-11-28");
        if (headers.UserAgent.Count == 0)
        {
            // Refused without one.
            headers.TryAddWithoutValidation("User-Agent", "Tributary");
        }
    }

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        await CheckTokenAsync(cancellationToken);
        var count = 0;
        await foreach (var found in _repositories.FindAsync(cancellationToken))
        {
            if (found.Refusal is { } refusal)
            {
                throw refusal;
            }

            if (count++ < (_config.Names.Count > 0 ? MostChecked : 1))
            {
                await CheckAsync(found.Repository!, cancellationToken);
            }
        }

        if (count == 0)
        {
            throw new SourceException(
                FailureKind.Configuration,
                $"{_config.RepoOwner} has no repository that these credentials can see. For private ones the token needs the "
                    + "scope 'repo', or to be given the repositories."
            )
            {
                Member = "config.repo_owner",
            };
        }
    }

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var position = request.CheckpointAs<GitHubPosition>();
        if (position?.Selection != _config.Selection)
        {
            position = new GitHubPosition { Selection = _config.Selection };
        }

        var repositories = new Dictionary<string, GitHubRepository>();
        SourceException? firstRefusal = null;
        await foreach (var found in _repositories.FindAsync(cancellationToken))
        {
            if (found.Repository is { } repository)
            {
                repositories[repository.Id.ToString(CultureInfo.InvariantCulture)] = repository;
                continue;
            }

            firstRefusal ??= found.Refusal;
            yield return new ReadItem.Failed(found.Name, null, found.Refusal!.Message);
        }

        if (repositories.Count == 0 && firstRefusal is not null)
        {
            throw firstRefusal;
        }

        // What changed in a repository that was done when a pass was cut off is seen by a second pass.
        for (var passes = position.IsMidway ? 2 : 1; passes > 0; passes--)
        {
            var items = PartitionedRead.ReadAsync(
                repositories.Keys,
                position.Repositories,
                (key, from, stop) =>
                    ReadAsync(repositories[key], from, request.FromBeginning, repositories.Count == 1, stop),
                RepositoriesAtOnce,
                partitions => ReadItem.Checkpoint.From(position with { Repositories = partitions }),
                cancellationToken
            );
            await foreach (var item in items)
            {
                yield return item;
                position = (item as ReadItem.Checkpoint)?.As<GitHubPosition>() ?? position;
            }
        }
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var found in _repositories.FindAsync(cancellationToken))
        {
            // What cannot be seen is not said to be gone.
            var repository = found.Repository ?? throw found.Refusal!;
            var reader = new GitHubRepositoryReader(_context, _config, _root, repository);
            await foreach (var id in reader.ListAsync(cancellationToken))
            {
                yield return id;
            }
        }
    }

    private IAsyncEnumerable<ReadItem> ReadAsync(
        GitHubRepository repository,
        JsonElement? from,
        bool isFromBeginning,
        bool isOnly,
        CancellationToken cancellationToken
    )
    {
        var position = from?.Deserialize<RepositoryPosition>(SettingsJson.Options) ?? new RepositoryPosition();
        var items = new GitHubRepositoryReader(_context, _config, _root, repository).ReadAsync(
            position,
            isFromBeginning,
            cancellationToken
        );
        return isOnly
            ? items
            : OneOfMany.ReadAsync(
                items,
                repository.HtmlUrl,
                refusal => GitHubRepositories.IsOfOne(refusal.Status),
                cancellationToken
            );
    }

    /// <summary>The rate limits are told to every valid token, and cost nothing; servers that have none do not tell them.</summary>
    private async Task CheckTokenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _context.Http.GetJsonAsync(
                _root.At($"rate_limit"),
                GitHubJson.Default.GitHubRates,
                cancellationToken
            );
        }
        catch (SourceException exception) when (exception.Status == HttpStatusCode.Unauthorized)
        {
            throw Refused(exception);
        }
        catch (SourceException exception) when (exception.Status == HttpStatusCode.Forbidden || Absent.Is(exception))
        {
            await CheckUserAsync(cancellationToken);
        }
    }

    private static SourceException Refused(SourceException inner) =>
        new(
            FailureKind.Credentials,
            "GitHub does not take this token: it is wrong, expired or revoked. Make a new one at Settings, Developer "
                + "settings, Personal access tokens.",
            inner
        )
        {
            Status = inner.Status,
            Member = "credentials.github_access_token",
        };

    private async Task CheckUserAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _context.Http.GetJsonAsync(_root.At($"user"), GitHubJson.Default.GitHubUser, cancellationToken);
        }
        catch (SourceException exception) when (exception.Status == HttpStatusCode.Unauthorized)
        {
            throw Refused(exception);
        }
        catch (SourceException exception) when (exception.Status == HttpStatusCode.Forbidden)
        {
            // An installation of an app is nobody. What it may read is asked for next.
        }
        catch (SourceException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            throw new SourceException(
                FailureKind.Configuration,
                $"There is no API of GitHub at {_root}. Give the address at which people open the server, e.g. "
                    + "https://github.example.com.",
                exception
            )
            {
                Member = "credentials.github_base_url",
            };
        }
    }

    private async Task CheckAsync(GitHubRepository repository, CancellationToken cancellationToken)
    {
        try
        {
            await new GitHubRepositoryReader(_context, _config, _root, repository).CheckAsync(cancellationToken);
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
        {
            throw new SourceException(
                FailureKind.Credentials,
                $"The token may not read {repository.HtmlUrl}: a classic one needs the scope 'repo', a fine-grained one the "
                    + "repository permissions Issues, Pull requests and, for files, Contents, read-only each.",
                exception
            )
            {
                Status = exception.Status,
                Member = "credentials.github_access_token",
            };
        }
    }
}
