using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Incremental;
using Tributary.Sdk.Paging;

namespace Tributary.Integrations.Asana;

/// <summary>Asana's calls. Answers hold only the fields that are asked for. See https://developers.asana.com/reference.</summary>
internal sealed class AsanaApi(HttpClient http, Uri root)
{
    private const int PageSize = 100;
    private const string ProjectFields = "name,archived,privacy_setting,team.name,members.email";
    private const string WalkFields = "modified_at,num_subtasks,resource_subtype";
    private const string TaskFields =
        "name,resource_subtype,notes,html_notes,completed,due_on,due_at,assignee.name,assignee.email,created_by.name,"
        + "created_by.email,created_at,modified_at,custom_fields.name,custom_fields.display_value,memberships.project.name,"
        + "memberships.section.name,tags.name,followers.email,parent.name,num_subtasks,permalink_url";

    public Task<AsanaOne<AsanaMe>> MeAsync(CancellationToken cancellationToken) =>
        GetAsync(
            root.At($"users/me", ("opt_fields", "name,workspaces.name")),
            AsanaJson.Default.AsanaOneAsanaMe,
            cancellationToken
        );

    public Task<AsanaOne<AsanaNamed>> WorkspaceAsync(string gid, CancellationToken cancellationToken) =>
        GetAsync(
            root.At($"workspaces/{gid}", ("opt_fields", "name")),
            AsanaJson.Default.AsanaOneAsanaNamed,
            cancellationToken
        );

    public Task<AsanaOne<AsanaNamed>> TeamAsync(string gid, CancellationToken cancellationToken) =>
        GetAsync(
            root.At($"teams/{gid}", ("opt_fields", "name")),
            AsanaJson.Default.AsanaOneAsanaNamed,
            cancellationToken
        );

    public async Task<AsanaProject> ProjectAsync(string gid, CancellationToken cancellationToken) =>
        Whole(
            (
                await GetAsync(
                    root.At($"projects/{gid}", ("opt_fields", ProjectFields)),
                    AsanaJson.Default.AsanaOneAsanaProject,
                    cancellationToken
                )
            ).Data
        );

    public async Task<AsanaTask> TaskAsync(string gid, CancellationToken cancellationToken) =>
        Whole(
            (
                await GetAsync(
                    root.At($"tasks/{gid}", ("opt_fields", TaskFields)),
                    AsanaJson.Default.AsanaOneAsanaTask,
                    cancellationToken
                )
            ).Data
        );

    /// <summary>An address of a file that works for two minutes; null where there is none.</summary>
    public async Task<string?> AddressAsync(string gid, string task, CancellationToken cancellationToken)
    {
        try
        {
            var file = await GetAsync(
                root.At($"attachments/{gid}", ("opt_fields", "name,download_url")),
                AsanaJson.Default.AsanaOneAsanaAttachment,
                cancellationToken
            );
            if (Whole(file.Data).DownloadUrl is { } address)
            {
                return address;
            }
        }
        catch (SourceException exception) when (IsNotServed(exception))
        {
            // The list of the task's files has it, too.
        }

        var same = await FilesAsync(task, "name,download_url", cancellationToken)
            .FirstOrDefaultAsync(file => file?.Gid == gid, cancellationToken);
        return same?.DownloadUrl;
    }

    /// <summary>The projects of a workspace, by either of the addresses that Asana has for them.</summary>
    public async IAsyncEnumerable<AsanaProject> ProjectsAsync(
        string workspace,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var projects = AllOf(offset =>
                root.At(
                    $"workspaces/{workspace}/projects",
                    ("limit", PageSize),
                    ("opt_fields", ProjectFields),
                    ("offset", offset)
                )
            )
            .GetAsyncEnumerator(cancellationToken);
        for (var (isFirst, isServed) = (true, true); isServed; isFirst = false)
        {
            try
            {
                if (!await projects.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (SourceException exception) when (isFirst && IsNotServed(exception))
            {
                isServed = false;
            }

            if (isServed)
            {
                yield return projects.Current;
            }
        }

        var others = AllOf(offset =>
            root.At(
                $"projects",
                ("workspace", workspace),
                ("limit", PageSize),
                ("opt_fields", ProjectFields),
                ("offset", offset)
            )
        );
        await foreach (var project in others)
        {
            yield return project;
        }

        IAsyncEnumerable<AsanaProject> AllOf(Func<string?, Uri> address) =>
            AllAsync(address, AsanaJson.Default.AsanaListAsanaProject, cancellationToken);
    }

    /// <summary>A project's tasks, without sub-tasks. A continuation that has expired (400) lists again from the beginning.</summary>
    /// <param name="project">The project.</param>
    /// <param name="modifiedSince">Only what was modified since; null for all.</param>
    /// <param name="isWalk">Only what is needed to find sub-tasks and changes.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<Page<AsanaList<AsanaTask>>> TasksAsync(
        string project,
        DateTimeOffset? modifiedSince,
        bool isWalk,
        string? from,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var pages = DeltaFeed.ReadAsync(
            from,
            PagesFrom,
            () => PagesFrom(null),
            exception => exception.Status == HttpStatusCode.BadRequest,
            cancellationToken
        );
        await foreach (var (page, _) in pages)
        {
            yield return page;
        }

        IAsyncEnumerable<Page<AsanaList<AsanaTask>>> PagesFrom(string? start) =>
            PagesAsync(
                offset =>
                    root.At(
                        $"tasks",
                        ("project", project),
                        ("limit", PageSize),
                        ("modified_since", modifiedSince),
                        ("opt_fields", isWalk ? WalkFields : TaskFields),
                        ("offset", offset)
                    ),
                AsanaJson.Default.AsanaListAsanaTask,
                start,
                cancellationToken
            );
    }

    public IAsyncEnumerable<AsanaTask> SubtasksAsync(string task, CancellationToken cancellationToken) =>
        AllAsync(
            offset =>
                root.At($"tasks/{task}/subtasks", ("limit", PageSize), ("opt_fields", WalkFields), ("offset", offset)),
            AsanaJson.Default.AsanaListAsanaTask,
            cancellationToken
        );

    public IAsyncEnumerable<AsanaStory> StoriesAsync(string task, CancellationToken cancellationToken) =>
        AllAsync(
            offset =>
                root.At(
                    $"tasks/{task}/stories",
                    ("limit", PageSize),
                    ("opt_fields", "resource_subtype,text,html_text,created_at,created_by.name"),
                    ("offset", offset)
                ),
            AsanaJson.Default.AsanaListAsanaStory,
            cancellationToken
        );

    public IAsyncEnumerable<AsanaAttachment> AttachmentsAsync(string task, CancellationToken cancellationToken) =>
        FilesAsync(task, "name,host,resource_subtype,size,permanent_url,created_at", cancellationToken);

    /// <summary>What is asked for is not there, at least not at this address.</summary>
    public static bool IsNotServed(SourceException exception) =>
        exception.Status
            is HttpStatusCode.BadRequest
                or HttpStatusCode.NotFound
                or HttpStatusCode.MethodNotAllowed
                or HttpStatusCode.NotImplemented;

    private IAsyncEnumerable<AsanaAttachment> FilesAsync(
        string task,
        string fields,
        CancellationToken cancellationToken
    ) =>
        AllAsync(
            offset =>
                root.At(
                    $"attachments",
                    ("parent", task),
                    ("limit", PageSize),
                    ("opt_fields", fields),
                    ("offset", offset)
                ),
            AsanaJson.Default.AsanaListAsanaAttachment,
            cancellationToken
        );

    private async IAsyncEnumerable<T> AllAsync<T>(
        Func<string?, Uri> address,
        JsonTypeInfo<AsanaList<T>> type,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var page in PagesAsync(address, type, null, cancellationToken))
        {
            foreach (var item in page.Body.Data!)
            {
                yield return item;
            }
        }
    }

    private IAsyncEnumerable<Page<AsanaList<T>>> PagesAsync<T>(
        Func<string?, Uri> address,
        JsonTypeInfo<AsanaList<T>> type,
        string? from,
        CancellationToken cancellationToken
    ) =>
        http.PagesByCursorAsync(
            address,
            type,
            answer =>
            {
                Whole(answer.Data);
                return answer.NextPage?.Offset;
            },
            from,
            cancellationToken
        );

    private Task<T> GetAsync<T>(Uri address, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        http.GetJsonAsync(address, type, cancellationToken);

    private static T Whole<T>(T? data)
        where T : class =>
        data
        ?? throw new SourceException(
            FailureKind.Source,
            "Asana answered without the data that was asked for. The next run tries again."
        );
}
