using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Tributary.Integrations.CodeHosts;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Partitions;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.GitLab;

/// <summary>Reads a project, or those of a group side by side. See https://docs.gitlab.com/api/rest.</summary>
internal sealed class GitLabReader(ReaderContext context, GitLabConfig config, Uri instance)
    : ISearchingReader,
        ISingleReader
{
    private const int ProjectsAtOnce = 4;
    private static readonly string[] EnoughScopes = ["api", "read_api"];

    private readonly Uri _api = instance.At($"api/v4");

    /// <summary>The instance's root, without the API's path where somebody wrote it.</summary>
    public static Uri InstanceOf(GitLabConfig config, GitLabCredentials credentials)
    {
        var typed = string.IsNullOrWhiteSpace(config.ApiBaseUrl) ? credentials.GitlabUrl : config.ApiBaseUrl;
        var address = ApiAddress.Parse(string.IsNullOrWhiteSpace(typed) ? "https://gitlab.com" : typed);
        const string Path = "/api/v4";
        return address.AbsolutePath.EndsWith(Path, StringComparison.Ordinal)
            ? new Uri(address.AbsoluteUri[..^Path.Length])
            : address;
    }

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        await CheckTokenAsync(cancellationToken);
        var count = 0;
        await foreach (var project in ProjectsAsync(cancellationToken))
        {
            if (count++ == 0)
            {
                await CheckAsync(project, cancellationToken);
            }
        }

        if (count == 0)
        {
            throw new SourceException(
                FailureKind.Configuration,
                $"The group {config.ProjectOwner} has no project that this token can see."
            )
            {
                Member = "config.project_owner",
            };
        }
    }

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var position = request.CheckpointAs<GitLabPosition>();
        if (position?.Selection != config.Selection)
        {
            position = new GitLabPosition { Selection = config.Selection };
        }

        var projects = await ProjectsAsync(cancellationToken)
            .ToDictionaryAsync(
                project => project.Id.ToString(CultureInfo.InvariantCulture),
                cancellationToken: cancellationToken
            );

        // What changed in a project that was done when a pass was cut off is seen by a second pass.
        for (var passes = position.IsMidway ? 2 : 1; passes > 0; passes--)
        {
            var items = PartitionedRead.ReadAsync(
                projects.Keys,
                position.Projects,
                (key, from, stop) => ReadAsync(projects[key], from, stop),
                ProjectsAtOnce,
                partitions => ReadItem.Checkpoint.From(position with { Projects = partitions }),
                cancellationToken
            );
            await foreach (var item in items)
            {
                yield return item;
                position = (item as ReadItem.Checkpoint)?.As<GitLabPosition>() ?? position;
            }
        }
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var project in ProjectsAsync(cancellationToken))
        {
            await foreach (
                var id in new GitLabProjectReader(context, config, _api, project).ListAsync(cancellationToken)
            )
            {
                yield return id;
            }
        }
    }

    public IAsyncEnumerable<FoundItem> SearchAsync(string query, int limit, CancellationToken cancellationToken) =>
        ProjectsAsync(cancellationToken)
            .SelectMany(project =>
                new GitLabProjectReader(context, config, _api, project).SearchAsync(query, limit, cancellationToken)
            );

    public async Task<ReadItem> ReadOneAsync(string id, CancellationToken cancellationToken)
    {
        await foreach (var project in ProjectsAsync(cancellationToken))
        {
            var reader = new GitLabProjectReader(context, config, _api, project);
            if (reader.Parse(id) is var (isIssue, number))
            {
                return await reader.ReadOneAsync(isIssue, number, cancellationToken);
            }
        }

        return new ReadItem.Deleted(id);
    }

    private IAsyncEnumerable<ReadItem> ReadAsync(
        GitLabProject project,
        JsonElement? from,
        CancellationToken cancellationToken
    )
    {
        var position = from?.Deserialize<ProjectPosition>(SettingsJson.Options) ?? new ProjectPosition();
        var items = new GitLabProjectReader(context, config, _api, project).ReadAsync(position, cancellationToken);
        return config.IsWholeGroup
            ? OneOfMany.ReadAsync(
                items,
                project.WebUrl,
                refusal => refusal.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.Gone,
                cancellationToken
            )
            : items;
    }

    private async IAsyncEnumerable<GitLabProject> ProjectsAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (!config.IsWholeGroup)
        {
            // Everything else goes by the number: a proxy that unpacks %2F breaks paths.
            yield return await FoundAsync(
                () =>
                    context.Http.GetJsonAsync(
                        _api.At($"projects/{config.Path}"),
                        GitLabJson.Default.GitLabProject,
                        cancellationToken
                    ),
                $"There is no project '{config.Path}' that this token can see. Take both parts from the project's address, and "
                    + "make sure that the token's user is a member of it.",
                "config.project_name"
            );
            yield break;
        }

        var pages = context.Http.PagesByLinkHeaderAsync(
            _api.At(
                $"groups/{config.ProjectOwner.Trim().Trim('/')}/projects",
                ("include_subgroups", true),
                ("order_by", "id"),
                ("sort", "asc"),
                ("per_page", 100)
            ),
            GitLabJson.Default.IReadOnlyListGitLabProject,
            null,
            cancellationToken
        );
        await using var each = pages.GetAsyncEnumerator(cancellationToken);
        while (
            await FoundAsync(
                () => each.MoveNextAsync().AsTask(),
                $"There is no group '{config.ProjectOwner}' that this token can see.",
                "config.project_owner"
            )
        )
        {
            foreach (var project in each.Current.Body)
            {
                yield return project;
            }
        }
    }

    private static async Task<T> FoundAsync<T>(Func<Task<T>> find, string message, string member)
    {
        try
        {
            return await find();
        }
        catch (SourceException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            throw new SourceException(FailureKind.Configuration, message, exception)
            {
                Status = exception.Status,
                Member = member,
            };
        }
    }

    /// <summary>A personal, project or group access token tells its scopes; one by OAuth has a user only.</summary>
    private async Task CheckTokenAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _api.At($"personal_access_tokens/self"));
        using var response = await context.Http.SendAnyAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            var token = await response.ReadJsonAsync(GitLabJson.Default.GitLabToken, cancellationToken);
            if (token.Scopes is { Count: > 0 } scopes && !scopes.Intersect(EnoughScopes).Any())
            {
                throw Refused(
                    $"The token has the scopes {string.Join(", ", scopes)}. Make one with the scope read_api.",
                    null
                );
            }

            return;
        }

        if (response.StatusCode >= HttpStatusCode.InternalServerError)
        {
            throw SourceHttp.FailureOf(request, response);
        }

        try
        {
            await context.Http.GetJsonAsync(_api.At($"user"), GitLabJson.Default.GitLabUser, cancellationToken);
        }
        catch (SourceException exception)
            when (exception.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            throw Refused(
                "GitLab does not take this token: it is wrong, expired or revoked, or lacks the scope read_api. Make a new one "
                    + "at Preferences, Access tokens.",
                exception
            );
        }
        catch (SourceException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            throw new SourceException(
                FailureKind.Configuration,
                $"There is no GitLab at {instance}. Give the address at which people open it, with its folder where it has one.",
                exception
            )
            {
                Member = "credentials.gitlab_url",
            };
        }
    }

    private async Task CheckAsync(GitLabProject project, CancellationToken cancellationToken)
    {
        try
        {
            await new GitLabProjectReader(context, config, _api, project).CheckAsync(cancellationToken);
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
        {
            throw Refused(
                $"The token may not read all of {project.WebUrl}: it needs the scope read_api, and its user the role Reporter "
                    + "for merge requests and files, Guest for issues.",
                exception
            );
        }
    }

    private static SourceException Refused(string message, SourceException? inner) =>
        new(FailureKind.Credentials, message, inner)
        {
            Status = inner?.Status,
            Member = "credentials.gitlab_access_token",
        };
}
