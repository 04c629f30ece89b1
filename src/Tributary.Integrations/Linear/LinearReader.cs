using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Tributary.Integrations.CodeHosts;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Incremental;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Linear;

/// <summary>
/// Reads issues, projects and documents in turn, newest first, down to where the last pass began; in between the comments
/// and updates that were edited, since they may not move what they belong to. See https://linear.app/developers.
/// </summary>
internal sealed class LinearReader : ISearchingReader, ISingleReader
{
    private const int Concurrency = 4;
    private const string Comments = "comments";
    private const string Updates = "updates";

    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);

    private readonly ReaderContext _context;
    private readonly LinearConfig _config;
    private readonly LinearApi _api;
    private readonly LinearMapping _mapping;
    private readonly ItemReads _reads = new();

    public LinearReader(ReaderContext context, LinearConfig config)
    {
        (_context, _config) = (context, config);
        _api = new LinearApi(context.Http, config);
        _mapping = new LinearMapping(_api);
    }

    private delegate IAsyncEnumerable<ReadItem> Stage(
        LinearPosition position,
        bool isFromBeginning,
        CancellationToken stop
    );

    private LinearKind<LinearIssue> Issues =>
        new(
            "issues",
            LinearQueries.Issues,
            LinearQueries.IssueStubs,
            LinearQueries.Issue,
            LinearJson.Default.Issues,
            LinearJson.Default.Issue,
            _mapping.ReadAsync
        );

    private LinearKind<LinearProject> Projects =>
        new(
            "projects",
            LinearQueries.Projects,
            LinearQueries.ProjectStubs,
            LinearQueries.Project,
            LinearJson.Default.Projects,
            LinearJson.Default.Project,
            _mapping.ReadAsync
        );

    private LinearKind<LinearDocument> Documents =>
        new(
            "documents",
            LinearQueries.Documents,
            LinearQueries.DocumentStubs,
            LinearQueries.Document,
            LinearJson.Default.Documents,
            LinearJson.Default.Document,
            _mapping.ReadAsync
        );

    /// <summary>What a pass does, in order.</summary>
    private IReadOnlyList<Stage> Stages =>
        [
            (position, _, stop) => ReadNodesAsync(Issues, position, stop),
            (position, isFromBeginning, stop) =>
                ReadEditedAsync(Comments, LinearQueries.ChangedComments, Issues, position, isFromBeginning, stop),
            .. _config.IncludeProjects
                ?
                [
                    (position, _, stop) => ReadNodesAsync(Projects, position, stop),
                    (position, isFromBeginning, stop) =>
                        ReadEditedAsync(
                            Updates,
                            LinearQueries.ChangedUpdates,
                            Projects,
                            position,
                            isFromBeginning,
                            stop
                        ),
                ]
                : Array.Empty<Stage>(),
            .. _config.IncludeDocuments
                ? [(position, _, stop) => ReadNodesAsync(Documents, position, stop)]
                : Array.Empty<Stage>(),
        ];

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _api.AskAsync(LinearQueries.Viewer, [], LinearJson.Default.LinearViewer, cancellationToken);
        }
        catch (SourceException exception) when (exception.Kind == FailureKind.Credentials)
        {
            throw new SourceException(
                FailureKind.Credentials,
                "Linear does not take this key or sign-in: it is wrong, expired or revoked, or its owner is suspended. Make a "
                    + "new key at Settings, Security & access, Personal API keys, or sign in again.",
                exception
            )
            {
                Status = exception.Status,
                Member = "credentials.linear_api_key",
            };
        }
    }

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var selection = $"{_config.IncludeProjects} {_config.IncludeDocuments}";
        var position = request.CheckpointAs<LinearPosition>();
        if (position?.Selection != selection)
        {
            position = new LinearPosition { Selection = selection };
        }

        // Edits before this moment are in what is read after it.
        position = await BeginAsync(position, Comments, LinearQueries.NewestComment, cancellationToken);
        if (_config.IncludeProjects)
        {
            position = await BeginAsync(position, Updates, LinearQueries.NewestUpdate, cancellationToken);
        }

        // What was updated while a pass was interrupted stands above where it goes on: a second pass looks there.
        for (var passes = position.IsMidway ? 2 : 1; passes > 0; passes--)
        {
            foreach (var stage in Stages.Skip(position.Stage))
            {
                await foreach (var item in stage(position, request.FromBeginning, cancellationToken))
                {
                    yield return item;
                    position = (item as ReadItem.Checkpoint)?.As<LinearPosition>() ?? position;
                }

                position = position with { Stage = position.Stage + 1, After = null };
                yield return ReadItem.Checkpoint.From(position);
            }

            position = position with { Stage = 0 };
            yield return ReadItem.Checkpoint.From(position);
        }
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string[] queries =
        [
            LinearQueries.IssueIds,
            .. _config.IncludeProjects ? [LinearQueries.ProjectIds] : Array.Empty<string>(),
            .. _config.IncludeDocuments ? [LinearQueries.DocumentIds] : Array.Empty<string>(),
        ];
        foreach (var query in queries)
        {
            await foreach (var page in _api.PagesAsync(query, [], LinearJson.Default.Ids, null, cancellationToken))
            {
                foreach (var node in page.Body.Items.Nodes.Where(node => node.Trashed != true))
                {
                    yield return node.Id;
                }
            }
        }
    }

    public async IAsyncEnumerable<FoundItem> SearchAsync(
        string query,
        int limit,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var variables = new JsonObject { ["term"] = query, ["first"] = limit };
        var answer = await _api.AskAsync(
            LinearQueries.FindIssues,
            variables,
            LinearJson.Default.Issues,
            cancellationToken
        );
        foreach (var issue in answer.Items.Nodes.Where(issue => issue.Trashed != true))
        {
            yield return new FoundItem(
                issue.Identifier ?? issue.Id,
                issue.Title,
                issue.Url,
                issue.UpdatedAt,
                issue.Description
            );
        }
    }

    public async Task<ReadItem> ReadOneAsync(string id, CancellationToken cancellationToken)
    {
        LinearItem<LinearIssue> answer;
        try
        {
            var variables = new JsonObject { ["id"] = id };
            answer = await _api.AskAsync(LinearQueries.Issue, variables, LinearJson.Default.Issue, cancellationToken);
        }
        catch (SourceException exception) when (exception.Kind is FailureKind.Source)
        {
            // An id that means nothing is an error of the query to Linear.
            return new ReadItem.Deleted(id);
        }

        return answer.Item.Trashed == true
            ? new ReadItem.Deleted(id)
            : await _mapping.ReadAsync(answer.Item, cancellationToken);
    }

    private async Task<LinearPosition> BeginAsync(
        LinearPosition position,
        string stage,
        string newest,
        CancellationToken cancellationToken
    ) =>
        position.MarkOf(stage).Since is null
            ? position.With(stage, new Watermark { Since = await _api.NewestAsync(newest, cancellationToken) })
            : position;

    private async IAsyncEnumerable<ReadItem> ReadNodesAsync<T>(
        LinearKind<T> kind,
        LinearPosition position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
        where T : ILinearNode
    {
        var stage = kind.Stage;
        var mark = position.MarkOf(stage);
        var variables = new JsonObject { ["filter"] = FilterOf(mark.From(Overlap)) };
        await foreach (
            var (page, isWhole) in _api.PagesOrStubsAsync(kind, variables, position.After, cancellationToken)
        )
        {
            var nodes = page.Body.Items.Nodes;
            mark = mark.Begin(nodes.Select(node => (DateTimeOffset?)node.UpdatedAt).Max());
            var known = await _context.Known.GetAsync([.. nodes.Select(node => node.Id)], cancellationToken);
            await foreach (
                var (node, work) in InOrder.StartAsync(
                    nodes.Where(node => node.Trashed != true || known.ContainsKey(node.Id)),
                    Concurrency,
                    (node, stop) =>
                        node.Trashed == true ? Task.FromResult<ReadItem>(new ReadItem.Deleted(node.Id))
                        : known.GetValueOrDefault(node.Id)?.Version == node.Version
                            ? Task.FromResult<ReadItem>(new ReadItem.Unchanged(node.Id))
                        : isWhole ? kind.Read(node, stop)
                        : ReadOneAsync(kind, node.Id, stop),
                    cancellationToken
                )
            )
            {
                var item = await _reads.ReadAsync(node.Id, node.Url, () => work);
                mark = item is ReadItem.Failed ? mark.Hold(node.UpdatedAt) : mark;
                yield return item;
            }

            yield return ReadItem.Checkpoint.From(
                position.With(stage, page.Next is null ? mark.Complete() : mark) with
                {
                    After = page.Next,
                }
            );
        }
    }

    private async IAsyncEnumerable<ReadItem> ReadEditedAsync<T>(
        string stage,
        string query,
        LinearKind<T> kind,
        LinearPosition position,
        bool isFromBeginning,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
        where T : ILinearNode
    {
        var mark = position.MarkOf(stage);
        var variables = new JsonObject { ["filter"] = FilterOf(mark.From(Overlap)) };
        await foreach (
            var page in _api.PagesAsync(query, variables, LinearJson.Default.Entries, position.After, cancellationToken)
        )
        {
            var entries = page.Body.Items.Nodes;
            mark = mark.Begin(entries.Select(entry => (DateTimeOffset?)entry.UpdatedAt).Max());
            var edited = entries.Where(entry => entry.ParentId is not null).GroupBy(entry => entry.ParentId!).ToList();
            var known = await _context.Known.GetAsync([.. edited.Select(group => group.Key)], cancellationToken);
            foreach (var group in edited)
            {
                var newest = group.Max(entry => entry.UpdatedAt);
                var isMissing = known.TryGetValue(group.Key, out var document)
                    ? !Covers(document, newest)
                    // Nothing is known then, and what was read in this pass has all that was there when it began.
                    : isFromBeginning && newest > mark.Since;
                if (isMissing)
                {
                    var item = await _reads.ReadAsync(
                        group.Key,
                        null,
                        () => ReadOneAsync(kind, group.Key, cancellationToken)
                    );
                    mark = item is ReadItem.Failed ? mark.Hold(group.Min(entry => entry.UpdatedAt)) : mark;
                    yield return item;
                }
            }

            yield return ReadItem.Checkpoint.From(
                position.With(stage, page.Next is null ? mark.Complete() : mark) with
                {
                    After = page.Next,
                }
            );
        }
    }

    private async Task<ReadItem> ReadOneAsync<T>(LinearKind<T> kind, string id, CancellationToken cancellationToken)
        where T : ILinearNode
    {
        var answer = await _api.AskAsync(kind.One, new JsonObject { ["id"] = id }, kind.OneType, cancellationToken);
        return answer.Item.Trashed == true ? new ReadItem.Deleted(id) : await kind.Read(answer.Item, cancellationToken);
    }

    private static bool Covers(KnownDocument known, DateTimeOffset newest) =>
        known.Version?.Split(' ') is [_, var text]
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var time)
        && time >= newest;

    private static JsonObject? FilterOf(DateTimeOffset? since) =>
        since is null
            ? null
            : new JsonObject
            {
                ["updatedAt"] = new JsonObject
                {
                    ["gte"] = since.Value.UtcDateTime.ToString(
                        "yyyy-MM-dd'T'HH:mm:ss.fff'Z'",
                        CultureInfo.InvariantCulture
                    ),
                },
            };
}
