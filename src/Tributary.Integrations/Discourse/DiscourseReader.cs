using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Incremental;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Discourse;

/// <summary>Walks the lists of latest topics, newest first, down to where the last pass began. See https://docs.discourse.org.</summary>
internal sealed class DiscourseReader(ReaderContext context, DiscourseConfig config) : ISearchingReader, ISingleReader
{
    private const int TopicsPerPage = 100;
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    private readonly Uri _root = config.Root;
    private readonly ItemReads _reads = new();

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            // The lists are asked for with the key, which what describes the forum may not need.
            var forum = await DiscourseForum.OpenAsync(context, config, cancellationToken);
            await PagesAsync(forum.Lists[0], null, cancellationToken).FirstAsync(cancellationToken);
        }
        catch (SourceException exception)
            when (exception.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            throw new SourceException(
                FailureKind.Credentials,
                "The forum does not let these credentials read it: the key is wrong, was revoked or belongs to another user, or "
                    + "the forum asks for a login. Make a key at /admin/api/keys; its username is 'system' for one of all users.",
                exception
            )
            {
                Status = exception.Status,
                Member = "credentials.discourse_api_key",
            };
        }
        catch (SourceException exception) when (exception.Kind is FailureKind.Configuration && exception.Member is null)
        {
            throw new SourceException(
                FailureKind.Configuration,
                $"There is no Discourse forum here. {exception.Message}",
                exception
            )
            {
                Member = "config.base_url",
            };
        }
    }

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var forum = await DiscourseForum.OpenAsync(context, config, cancellationToken);
        var position = request.CheckpointAs<DiscoursePosition>();
        if (position?.Selection != forum.Selection)
        {
            position = new DiscoursePosition { Selection = forum.Selection };
        }

        // What was bumped while a pass was interrupted stands above where it goes on: a second pass looks there.
        for (var passes = position.IsMidway ? 2 : 1; passes > 0; passes--)
        {
            await foreach (var item in ReadPassAsync(forum, position, cancellationToken))
            {
                yield return item;
                position = (item as ReadItem.Checkpoint)?.As<DiscoursePosition>() ?? position;
            }
        }
    }

    private async IAsyncEnumerable<ReadItem> ReadPassAsync(
        DiscourseForum forum,
        DiscoursePosition position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var mapping = new DiscourseMapping(context, _root, forum);
        for (; position.List < forum.Lists.Count; position = position with { List = position.List + 1, Next = null })
        {
            var boundary = new PageBoundary();
            var list = forum.Lists[position.List];
            await foreach (var page in PagesAsync(list, position.Next, cancellationToken))
            {
                var topics = page.Body.TopicList.Topics;
                position = position with { Watermark = position.Watermark.Begin(topics.Max(topic => topic.BumpedAt)) };
                var since = position.Watermark.From(Overlap);
                var fresh = boundary.Fresh(topics, topic => topic.DocumentId + topic.Version);
                var known = await context.Known.GetAsync(
                    [.. fresh.Select(topic => topic.DocumentId)],
                    cancellationToken
                );
                foreach (var topic in fresh.Where(topic => forum.Has(topic, list) && !(topic.BumpedAt < since)))
                {
                    var id = topic.DocumentId;
                    var item =
                        known.GetValueOrDefault(id)?.Version == topic.Version
                            ? new ReadItem.Unchanged(id)
                            : await _reads.ReadAsync(
                                id,
                                LinkTo(topic),
                                () => mapping.ReadAsync(topic, cancellationToken)
                            );
                    if (item is ReadItem.Failed)
                    {
                        position = position with { Watermark = position.Watermark.Hold(topic.BumpedAt) };
                    }

                    yield return item;
                }

                // Pinned topics float to the top, however old they are.
                if (page.Next is null || topics.Any(topic => topic.Pinned != true && topic.BumpedAt < since))
                {
                    break;
                }

                position = position with { Next = page.Next };
                yield return ReadItem.Checkpoint.From(position);
            }
        }

        yield return ReadItem.Checkpoint.From(
            new DiscoursePosition { Selection = forum.Selection, Watermark = position.Watermark.Complete() }
        );
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var forum = await DiscourseForum.OpenAsync(context, config, cancellationToken);
        foreach (var list in forum.Lists)
        {
            await foreach (var page in PagesAsync(list, null, cancellationToken))
            {
                foreach (var topic in page.Body.TopicList.Topics.Where(topic => forum.Has(topic, list)))
                {
                    yield return topic.DocumentId;
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
        var answer = await context.Http.GetJsonAsync(
            _root.At($"search.json", ("q", query)),
            DiscourseJson.Default.SearchHits,
            cancellationToken
        );
        var excerpts = (answer.Posts ?? []).DistinctBy(post => post.TopicId).ToDictionary(post => post.TopicId);
        foreach (var topic in answer.Topics ?? [])
        {
            yield return new FoundItem(
                $"{topic.Id}",
                topic.Title,
                _root.At($"t/{topic.Id}").AbsoluteUri,
                topic.BumpedAt,
                excerpts.GetValueOrDefault(topic.Id)?.Blurb
            );
        }
    }

    public async Task<ReadItem> ReadOneAsync(string id, CancellationToken cancellationToken)
    {
        if (!int.TryParse(id, CultureInfo.InvariantCulture, out var number))
        {
            return new ReadItem.Deleted(id);
        }

        var forum = await DiscourseForum.OpenAsync(context, config, cancellationToken);
        var topic = new ListedTopic(number, 0, null, null, null, false);
        return await new DiscourseMapping(context, _root, forum).ReadAsync(topic, cancellationToken);
    }

    private IAsyncEnumerable<Page<TopicsAnswer>> PagesAsync(
        int? category,
        string? from,
        CancellationToken cancellationToken
    ) =>
        context.Http.PagesByTimeAsync(
            (before, page) =>
                _root.At(
                    $"latest.json",
                    ("order", "activity"),
                    ("per_page", TopicsPerPage),
                    ("category", category),
                    ("bumped_before", before),
                    ("page", page)
                ),
            DiscourseJson.Default.TopicsAnswer,
            answer => answer.TopicList.Topics.Where(topic => topic.Pinned != true).Min(topic => topic.BumpedAt),
            answer => answer.TopicList is { MoreTopicsUrl: not null, Topics.Count: > 0 },
            Millisecond,
            from,
            cancellationToken
        );

    private string LinkTo(ListedTopic topic) => _root.At($"t/{topic.Id}").AbsoluteUri;
}

/// <summary>Where a pass over the forum stands.</summary>
internal sealed record DiscoursePosition
{
    /// <summary>What is being read: another selection begins afresh.</summary>
    public required string Selection { get; init; }

    /// <summary>How far back.</summary>
    public Watermark Watermark { get; init; } = new();

    /// <summary>Which of the lists.</summary>
    public int List { get; init; }

    /// <summary>Where in it.</summary>
    public string? Next { get; init; }

    /// <summary>A pass was cut off here.</summary>
    [JsonIgnore]
    public bool IsMidway => List > 0 || Next is not null;
}
