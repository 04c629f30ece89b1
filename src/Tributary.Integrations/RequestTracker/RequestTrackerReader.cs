using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Http;
using Tributary.Sdk.Incremental;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.RequestTracker;

/// <summary>
/// Walks the tickets by their ids, which nothing shifts, filtered by "changed since". See RT::REST2 in RT's manual,
/// https://docs.bestpractical.com/rt/5.0.5/RT/REST2.html.
/// </summary>
internal sealed class RequestTrackerReader(ReaderContext context, RequestTrackerConfig config, Uri site)
    : ISearchingReader,
        ISingleReader
{
    private const int PageSize = 100;

    /// <summary>RT reads dates in the account's own time zone, which it does not tell.</summary>
    private static readonly TimeSpan AnyZone = TimeSpan.FromDays(1);

    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    private readonly Uri _root = site.At($"REST/2.0");
    private readonly ItemReads _reads = new();

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            try
            {
                await context.Http.GetJsonAsync(
                    _root.At($"rt"),
                    RequestTrackerJson.Default.RtVersion,
                    cancellationToken
                );
            }
            catch (SourceException exception)
                when (exception.Status is HttpStatusCode.NotFound or HttpStatusCode.Forbidden)
            {
                // Its version is not what counts: that tickets can be searched is.
            }

            await CheckQueuesAsync(cancellationToken);
            await NewestAsync(cancellationToken);
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.NotFound)
        {
            throw new SourceException(
                FailureKind.Configuration,
                $"There is no RT with REST 2 at {site.AbsoluteUri}. Give the address of RT's start page; RT 4.4 needs the extension RT::Extension::REST2.",
                exception
            )
            {
                Member = "credentials.requesttracker_base_url",
            };
        }
    }

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var scope = Scope();
        var position = request.CheckpointAs<RequestTrackerPosition>();
        if (position?.Scope != scope)
        {
            position = new RequestTrackerPosition { Scope = scope };
        }

        // What changed below the id at which a cut-off pass goes on is seen by a second one.
        for (var passes = position.After > 0 ? 2 : 1; passes > 0; passes--)
        {
            await foreach (var item in ReadPassAsync(position, cancellationToken))
            {
                yield return item;
                position = (item as ReadItem.Checkpoint)?.As<RequestTrackerPosition>() ?? position;
            }
        }
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var mapping = new RequestTrackerMapping(context, config, site);
        await foreach (var page in PagesAsync(null, 0, null, cancellationToken))
        {
            foreach (var hit in page.Body.Items)
            {
                yield return RequestTrackerMapping.IdOf(hit.Id);
                if (config.IncludeAttachments)
                {
                    foreach (var file in await mapping.FilesOfAsync(hit.Id, cancellationToken))
                    {
                        yield return RequestTrackerMapping.IdOf(file);
                    }
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
        var mapping = new RequestTrackerMapping(context, config, site);
        var page = await context.Http.GetJsonAsync(
            _root.At(
                $"tickets",
                ("query", Query($"(Subject LIKE {Quoted(query)} OR Content LIKE {Quoted(query)})")),
                ("orderby", "LastUpdated"),
                ("order", "DESC"),
                ("per_page", limit),
                ("fields", "Subject,LastUpdated")
            ),
            RequestTrackerJson.Default.TicketPage,
            cancellationToken
        );
        foreach (var hit in page.Items)
        {
            yield return new FoundItem($"{hit.Id}", hit.Subject, mapping.LinkTo(hit.Id), hit.LastUpdated);
        }
    }

    public async Task<ReadItem> ReadOneAsync(string id, CancellationToken cancellationToken) =>
        long.TryParse(id, CultureInfo.InvariantCulture, out var number)
            ? await new RequestTrackerMapping(context, config, site).ReadAsync(number, cancellationToken)
            : new ReadItem.Deleted(id);

    private async IAsyncEnumerable<ReadItem> ReadPassAsync(
        RequestTrackerPosition position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var mapping = new RequestTrackerMapping(context, config, site);
        if (position.Watermark.Newest is null)
        {
            position = position with { Watermark = position.Watermark.Begin(await NewestAsync(cancellationToken)) };
        }

        var since = position.Watermark.From(Overlap);
        await foreach (var page in PagesAsync(since, position.After, "LastUpdated", cancellationToken))
        {
            var changed = page.Body.Items.Where(hit => !(hit.LastUpdated < since)).ToList();
            var known = await context.Known.GetAsync(
                [.. changed.Select(hit => RequestTrackerMapping.IdOf(hit.Id))],
                cancellationToken
            );
            foreach (var hit in changed)
            {
                var id = RequestTrackerMapping.IdOf(hit.Id);
                if (hit.Version is not null && known.GetValueOrDefault(id)?.Version == hit.Version)
                {
                    yield return new ReadItem.Unchanged(id);
                    continue;
                }

                var ticket = await _reads.ReadAsync(
                    id,
                    mapping.LinkTo(hit.Id),
                    () => mapping.ReadAsync(hit.Id, cancellationToken)
                );
                if (ticket is ReadItem.Failed)
                {
                    position = position with { Watermark = position.Watermark.Hold(hit.LastUpdated) };
                }

                yield return ticket;
                if (config.IncludeAttachments && ticket is ReadItem.Found { Document: var document })
                {
                    foreach (var file in await mapping.FilesOfAsync(hit.Id, cancellationToken))
                    {
                        yield return new ReadItem.Found(mapping.DocumentOf(document, file));
                    }
                }
            }

            if (page.Body.Items is [.., var last])
            {
                position = position with { After = last.Id };
                yield return ReadItem.Checkpoint.From(position);
            }
        }

        yield return ReadItem.Checkpoint.From(
            new RequestTrackerPosition { Scope = position.Scope, Watermark = position.Watermark.Complete() }
        );
    }

    /// <summary>
    /// Tickets by id. Rights may leave rows out of a page, so that a short page is not the end, and an empty one is only
    /// where no other follows. A tracker that takes no notice of the id is paged through.
    /// </summary>
    private IAsyncEnumerable<Page<TicketPage>> PagesAsync(
        DateTimeOffset? since,
        long after,
        string? fields,
        CancellationToken cancellationToken
    )
    {
        var number = 1;
        return context.Http.PagesByCursorAsync(
            cursor =>
            {
                var parts = cursor?.Split('/');
                after = parts is null ? after : long.Parse(parts[0], CultureInfo.InvariantCulture);
                number = parts is null ? 1 : int.Parse(parts[1], CultureInfo.InvariantCulture);
                return _root.At(
                    $"tickets",
                    ("query", Query($"id > {after}", Since(since))),
                    ("orderby", "id"),
                    ("order", "ASC"),
                    ("per_page", PageSize),
                    ("page", number),
                    ("fields", fields)
                );
            },
            RequestTrackerJson.Default.TicketPage,
            page =>
                page.Items.Count >= page.Total ? null
                : page.Items is [var first, ..] && first.Id <= after ? $"{after}/{number + 1}"
                : page.Items is [.., var last] ? $"{last.Id}/1"
                : page.NextPage is { Length: > 0 } ? $"{after}/{number + 1}"
                : null,
            null,
            cancellationToken
        );
    }

    /// <summary>When a ticket changed last; null when there is none.</summary>
    /// <exception cref="SourceException">RT does not take the query.</exception>
    private async Task<DateTimeOffset?> NewestAsync(CancellationToken cancellationToken)
    {
        try
        {
            var page = await context.Http.GetJsonAsync(
                _root.At(
                    $"tickets",
                    ("query", Query("id > 0")),
                    ("orderby", "LastUpdated"),
                    ("order", "DESC"),
                    ("per_page", 1),
                    ("fields", "LastUpdated")
                ),
                RequestTrackerJson.Default.TicketPage,
                cancellationToken
            );
            return page.Items is [var newest, ..] ? newest.LastUpdated : null;
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.BadRequest)
        {
            throw new SourceException(
                FailureKind.Configuration,
                "RT does not take the search. Correct ticket_query: try it in RT's query builder, under Advanced.",
                exception
            )
            {
                Member = "config.ticket_query",
            };
        }
    }

    private async Task CheckQueuesAsync(CancellationToken cancellationToken)
    {
        var wanted = config
            .Queues.Concat(config.ExcludeQueues)
            .Select(name => name.Trim())
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (wanted.Count == 0)
        {
            return;
        }

        var all = new List<string>();
        var pages = context.Http.PagesByNumberAsync(
            page => _root.At($"queues/all", ("fields", "Name"), ("per_page", PageSize), ("page", page)),
            RequestTrackerJson.Default.QueuePage,
            page => page.Items.Count,
            page => page.HasMore,
            null,
            cancellationToken
        );
        await foreach (var page in pages)
        {
            if (page.Body.Items.Any(queue => string.IsNullOrEmpty(queue.Name)))
            {
                // Without their names nothing can be said about those that are wanted.
                return;
            }

            all.AddRange(page.Body.Items.Select(queue => queue.Name!));
        }

        wanted.ExceptWith(all);
        if (wanted.FirstOrDefault() is { } unknown)
        {
            throw new SourceException(
                FailureKind.Configuration,
                $"RT has no queue '{unknown}' that this account can see. It has: {string.Join(", ", all.Order().Take(30))}."
            )
            {
                Member = "config.queues",
            };
        }
    }

    /// <summary>What is read, as TicketSQL.</summary>
    private string Scope() =>
        string.Join(
            " AND ",
            (
                (IEnumerable<string>)
                    [
                        config.Queues.Count > 0
                            ? $"({string.Join(" OR ", config.Queues.Select(name => $"Queue = {Quoted(name)}"))})"
                            : "",
                        .. config.ExcludeQueues.Select(name => $"Queue != {Quoted(name)}"),
                        string.IsNullOrWhiteSpace(config.TicketQuery) ? "" : $"({config.TicketQuery.Trim()})",
                    ]
            ).Where(clause => clause.Length > 0)
        );

    private string Query(params IEnumerable<string> clauses) =>
        string.Join(" AND ", clauses.Append(Scope()).Where(clause => clause.Length > 0));

    private static string Since(DateTimeOffset? time) =>
        time is { } known
            ? $"LastUpdated >= '{(known - AnyZone).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}'"
            : "";

    private static string Quoted(string value) =>
        $"'{value.Trim().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}

/// <summary>Where a pass over the tickets stands.</summary>
internal sealed record RequestTrackerPosition
{
    /// <summary>What is being read: another scope begins afresh.</summary>
    public required string Scope { get; init; }

    /// <summary>How far back.</summary>
    public Watermark Watermark { get; init; } = new();

    /// <summary>The last id that this pass has read; 0 between passes.</summary>
    public long After { get; init; }
}
