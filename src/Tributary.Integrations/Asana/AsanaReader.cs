using System.Net;
using System.Runtime.CompilerServices;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Asana;

/// <summary>
/// Reads project by project what was modified since, then the sub-tasks of all tasks, which move nothing but themselves. The
/// work list remembers which tasks were seen in this pass: one that is in several projects is read once.
/// </summary>
internal sealed class AsanaReader(ReaderContext context, AsanaConfig config) : ISingleReader
{
    private const int MaxDepth = 10;
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);

    private readonly AsanaApi _api = new(context.Http, config.Root);
    private readonly string _workspace = config.AsanaWorkspaceId.Trim();
    private readonly ItemReads _reads = new();

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var me = await _api.MeAsync(cancellationToken);
        if (me.Data?.Workspaces?.Any(workspace => workspace?.Gid == _workspace) != true)
        {
            await FindAsync(
                () => _api.WorkspaceAsync(_workspace, cancellationToken),
                "config.asana_workspace_id",
                $"There is no workspace {_workspace} that this token can see. Its id is at https://app.asana.com/api/1.0/workspaces."
            );
        }

        if (config.TeamId is { } team)
        {
            await FindAsync(
                () => TeamAsync(team, cancellationToken),
                "config.asana_team_id",
                $"There is no team {team} that this token can see. Check the id, and that the token's user is in the team."
            );
        }

        if (config.ProjectIds.Count > 0)
        {
            await ProjectsAsync(cancellationToken);
        }
        else
        {
            await _api.ProjectsAsync(_workspace, cancellationToken).FirstOrDefaultAsync(cancellationToken);
        }
    }

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var selection = $"{_workspace}|{string.Join(',', config.ProjectIds)}|{config.TeamId}";
        var position = request.CheckpointAs<AsanaPosition>();
        if (position?.Selection != selection)
        {
            position = new AsanaPosition { Selection = selection };
        }

        // What changed while a pass was interrupted may be in projects that it has done: a second pass looks there.
        for (var passes = position.Project is null ? 1 : 2; passes > 0; passes--)
        {
            await foreach (var item in ReadPassAsync(position, cancellationToken))
            {
                yield return item;
                position = (item as ReadItem.Checkpoint)?.As<AsanaPosition>() ?? position;
            }
        }
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await context.Work.ClearAsync(cancellationToken);
        var projects = await ProjectsAsync(cancellationToken);
        var mapping = new AsanaMapping(context, _api, projects);
        foreach (var project in projects.Keys)
        {
            await foreach (var page in _api.TasksAsync(project, null, isWalk: true, null, cancellationToken))
            {
                await foreach (var tasks in WithSubtasksAsync(page.Body.Data!, cancellationToken))
                {
                    var fresh = await FreshAsync(tasks, cancellationToken);
                    var known = await context.Known.GetAsync([.. fresh.Select(task => task.Gid)], cancellationToken);
                    foreach (var task in fresh)
                    {
                        yield return task.Gid;
                        var stored = known.GetValueOrDefault(task.Gid);
                        var files =
                            stored is not null && stored.Version == task.Version ? AsanaMapping.FilesIn(stored) : null;
                        files ??=
                        [
                            .. (await mapping.AttachmentsAsync(task.Gid, cancellationToken)).Select(file => file.Gid),
                        ];
                        foreach (var file in files)
                        {
                            yield return file;
                        }

                        context.Work.Complete(task.Gid);
                    }
                }
            }
        }
    }

    private async IAsyncEnumerable<ReadItem> ReadPassAsync(
        AsanaPosition position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var projects = await ProjectsAsync(cancellationToken);
        var mapping = new AsanaMapping(context, _api, projects);
        if (position.Project is null)
        {
            await context.Work.ClearAsync(cancellationToken);
        }

        foreach (var project in projects.Values)
        {
            if (string.CompareOrdinal(project.Gid, position.Project) < 0)
            {
                continue;
            }

            if (project.Gid != position.Project)
            {
                position = position with { Project = project.Gid, IsWalk = false, Offset = null };
            }

            // The tasks that were modified; in a first pass all of them with what is below.
            if (!position.IsWalk)
            {
                var since = position.Since - Overlap;
                await foreach (
                    var page in _api.TasksAsync(project.Gid, since, false, position.Offset, cancellationToken)
                )
                {
                    position = position.See(page.Body.Data!);
                    await foreach (
                        var item in ReadTasksAsync(mapping, page.Body.Data!, project, since is null, cancellationToken)
                    )
                    {
                        position = position.After(item, page.Body.Data!);
                        yield return item;
                    }

                    position = position with { Offset = page.Next };
                    yield return ReadItem.Checkpoint.From(position);
                }

                position = position with { IsWalk = true, Offset = null };
            }

            if (position.Since is null)
            {
                continue;
            }

            await foreach (var page in _api.TasksAsync(project.Gid, null, true, position.Offset, cancellationToken))
            {
                var parents = page.Body.Data!.Where(task => task.NumSubtasks > 0).ToList();
                await foreach (var level in WithSubtasksAsync(parents, cancellationToken, withFirst: false))
                {
                    position = position.See(level);
                    await foreach (var item in ReadListedAsync(mapping, level, project, cancellationToken))
                    {
                        position = position.After(item, level);
                        yield return item;
                    }
                }

                position = position with { Offset = page.Next };
                yield return ReadItem.Checkpoint.From(position);
            }
        }

        yield return ReadItem.Checkpoint.From(position.Complete());
    }

    /// <summary>Tasks that came with all their fields, and on request what is below them.</summary>
    private async IAsyncEnumerable<ReadItem> ReadTasksAsync(
        AsanaMapping mapping,
        IReadOnlyList<AsanaTask> tasks,
        AsanaProject project,
        bool withSubtasks,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var fresh = await FreshAsync(tasks, cancellationToken);
        await foreach (var item in ReadChangedAsync(mapping, fresh, project, isWhole: true, cancellationToken))
        {
            yield return item;
        }

        if (!withSubtasks)
        {
            yield break;
        }

        await foreach (var level in WithSubtasksAsync(fresh, cancellationToken, withFirst: false))
        {
            await foreach (var item in ReadListedAsync(mapping, level, project, cancellationToken))
            {
                yield return item;
            }
        }
    }

    /// <summary>Tasks of which only the times are known.</summary>
    private async IAsyncEnumerable<ReadItem> ReadListedAsync(
        AsanaMapping mapping,
        IReadOnlyList<AsanaTask> tasks,
        AsanaProject project,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var fresh = await FreshAsync(tasks, cancellationToken);
        await foreach (var item in ReadChangedAsync(mapping, fresh, project, isWhole: false, cancellationToken))
        {
            yield return item;
        }
    }

    private async IAsyncEnumerable<ReadItem> ReadChangedAsync(
        AsanaMapping mapping,
        IReadOnlyList<AsanaTask> tasks,
        AsanaProject project,
        bool isWhole,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var known = await context.Known.GetAsync([.. tasks.Select(task => task.Gid)], cancellationToken);
        foreach (var task in tasks)
        {
            if (task.Version is { } version && known.GetValueOrDefault(task.Gid)?.Version == version)
            {
                yield return new ReadItem.Unchanged(task.Gid);
            }
            else
            {
                TaskDocuments? read = null;
                yield return await _reads.ReadAsync(
                    task.Gid,
                    task.PermalinkUrl,
                    async () =>
                    {
                        var whole = isWhole ? task : await _api.TaskAsync(task.Gid, cancellationToken);
                        read = await mapping.ReadAsync(whole, project, cancellationToken);
                        return new ReadItem.Found(read.Task);
                    }
                );
                foreach (var file in read?.Files ?? [])
                {
                    yield return new ReadItem.Found(file);
                }
            }

            context.Work.Complete(task.Gid);
        }
    }

    /// <summary>Tasks that were not seen in this pass.</summary>
    private async Task<IReadOnlyList<AsanaTask>> FreshAsync(
        IReadOnlyList<AsanaTask> tasks,
        CancellationToken cancellationToken
    )
    {
        var byId = tasks
            .Where(task => task?.Gid is { Length: > 0 } && !task.IsHeading)
            .DistinctBy(task => task.Gid)
            .ToDictionary(task => task.Gid);
        var fresh = await context.Work.AddAsync([.. byId.Keys.Select(gid => new WorkItem(gid))], cancellationToken);
        return [.. fresh.Select(item => byId[item.Key])];
    }

    /// <summary>Tasks with what is below them: one list for each task that has sub-tasks, down to ten levels.</summary>
    private async IAsyncEnumerable<IReadOnlyList<AsanaTask>> WithSubtasksAsync(
        IReadOnlyList<AsanaTask> tasks,
        [EnumeratorCancellation] CancellationToken cancellationToken,
        bool withFirst = true
    )
    {
        if (withFirst)
        {
            yield return tasks;
        }

        var waiting = new Stack<(string Gid, int Depth)>(
            tasks.Where(task => task?.NumSubtasks > 0).Select(task => (task.Gid, 1))
        );
        var entered = new HashSet<string>(StringComparer.Ordinal);
        while (waiting.TryPop(out var parent))
        {
            if (!entered.Add(parent.Gid))
            {
                continue;
            }

            var level = new List<AsanaTask>();
            try
            {
                level = await _api.SubtasksAsync(parent.Gid, cancellationToken).ToListAsync(cancellationToken);
            }
            catch (SourceException exception) when (exception.Status == HttpStatusCode.NotFound)
            {
                // It vanished after it was listed.
            }

            foreach (var task in level.Where(task => task?.NumSubtasks > 0 && parent.Depth < MaxDepth))
            {
                waiting.Push((task.Gid, parent.Depth + 1));
            }

            yield return level;
        }
    }

    /// <summary>The projects that are to be read, by id.</summary>
    private async Task<SortedDictionary<string, AsanaProject>> ProjectsAsync(CancellationToken cancellationToken)
    {
        var projects = new SortedDictionary<string, AsanaProject>(StringComparer.Ordinal);
        if (config.ProjectIds.Count > 0)
        {
            foreach (var id in config.ProjectIds)
            {
                projects[id] = await FindAsync(
                    () => _api.ProjectAsync(id, cancellationToken),
                    "config.asana_project_ids",
                    $"There is no project {id} that this token can see. Check the id, and that the token's user is in the project."
                );
            }

            return projects;
        }

        await foreach (var project in _api.ProjectsAsync(_workspace, cancellationToken))
        {
            if (
                project?.Gid is { Length: > 0 }
                && (config.TeamId is null || project.IsPublic || project.Team?.Gid == config.TeamId)
            )
            {
                projects[project.Gid] = project;
            }
        }

        return projects;
    }

    public async Task<ReadItem> ReadOneAsync(string id, CancellationToken cancellationToken)
    {
        var task = await _api.TaskAsync(id, cancellationToken);
        var projects = new Dictionary<string, AsanaProject>();
        foreach (var gid in (task.Memberships ?? []).Select(membership => membership.Project?.Gid).OfType<string>())
        {
            projects[gid] = await _api.ProjectAsync(gid, cancellationToken);
        }

        // A sub-task is in no project of its own.
        var project = projects.Values.FirstOrDefault() ?? new AsanaProject("", null, null, null, null, null);
        var read = await new AsanaMapping(context, _api, projects).ReadAsync(task, project, cancellationToken);
        return new ReadItem.Found(read.Task);
    }

    /// <summary>Finds the team itself, or a project of it.</summary>
    private async Task<string> TeamAsync(string team, CancellationToken cancellationToken)
    {
        try
        {
            await _api.TeamAsync(team, cancellationToken);
        }
        catch (SourceException exception)
            when (exception.Status is HttpStatusCode.Forbidden || AsanaApi.IsNotServed(exception))
        {
            var projects = _api.ProjectsAsync(_workspace, cancellationToken);
            if (!await projects.AnyAsync(project => project?.Team?.Gid == team, cancellationToken))
            {
                throw;
            }
        }

        return team;
    }

    private static async Task<T> FindAsync<T>(Func<Task<T>> ask, string member, string problem)
    {
        try
        {
            return await ask();
        }
        catch (SourceException exception)
            when (exception.Status is HttpStatusCode.NotFound or HttpStatusCode.Forbidden or HttpStatusCode.BadRequest)
        {
            throw new SourceException(FailureKind.Configuration, problem, exception) { Member = member };
        }
    }
}
