using System.Runtime.CompilerServices;
using System.Text.Json;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Integrations.Outlook;
using Tributary.Sdk;
using Tributary.Sdk.Partitions;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Teams;

/// <summary>Reads channels side by side, each by when its messages changed. See https://learn.microsoft.com/graph/api/resources/teams-api-overview.</summary>
internal sealed class TeamsReader(ReaderContext context, TeamsConfig config) : IReader
{
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    // The feed of changes goes back eight months.
    private static readonly TimeSpan FeedReach = TimeSpan.FromDays(230);

    private readonly TeamsChannels _channels = new(context, config);
    private readonly TeamsMessages _messages = new(context, config);
    private readonly TeamsFiles _files = new(context, config);
    private readonly TeamsMapping _mapping = new(context);

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        Team? first = null;
        await using var teams = _channels.TeamsAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await GraphFailures.AllowedAsync(async () => await teams.MoveNextAsync(), "Team.ReadBasic.All"))
        {
            first ??= teams.Current;
            if (config.Teams is not { Count: > 0 })
            {
                break;
            }
        }

        if (first is null)
        {
            throw new SourceException(FailureKind.Configuration, "There are no teams in this tenant.");
        }

        var channels = await GraphFailures.AllowedAsync(
            () => _channels.OfAsync(first, cancellationToken),
            "Channel.ReadBasic.All"
        );
        if (channels.Count > 0)
        {
            await GraphFailures.AllowedAsync(
                async () =>
                    await _messages.AllAsync(channels[0], false, null, cancellationToken).FirstAsync(cancellationToken),
                "ChannelMessage.Read.All (a protected API: in older tenants Microsoft has to approve the application by a form)"
            );
        }
    }

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var position = request.CheckpointAs<TeamsPosition>();
        if (position?.Selection != config.Selection)
        {
            position = new TeamsPosition { Selection = config.Selection };
        }

        var channels = new Dictionary<string, TeamChannel>(StringComparer.Ordinal);
        await foreach (var team in _channels.TeamsAsync(cancellationToken))
        {
            SourceException? failure = null;
            try
            {
                foreach (var channel in await _channels.OfAsync(team, cancellationToken))
                {
                    channels.TryAdd(OutlookIds.MarkOf(channel.Channel.Id), channel);
                }
            }
            catch (SourceException exception)
                when (GraphFailures.ConcernsOne(exception) || exception.Status is System.Net.HttpStatusCode.BadRequest)
            {
                failure = exception;
            }

            if (failure is not null)
            {
                yield return new ReadItem.Failed(
                    team.Id,
                    null,
                    $"The channels of the team {team.Name} cannot be listed: {failure.Message}"
                );
            }
        }

        // What changed while a pass was interrupted may be in channels that it has read: a second pass looks there.
        for (var passes = position.IsMidway ? 2 : 1; passes > 0; passes--)
        {
            var items = PartitionedRead.ReadAsync(
                channels.Keys,
                position.Channels,
                (key, from, token) => ChannelAsync(channels[key], from, token),
                config.MaxWorkers,
                channelsNow => ReadItem.Checkpoint.From(position with { Channels = channelsNow }),
                cancellationToken
            );
            await foreach (var item in items)
            {
                yield return item;
                position = (item as ReadItem.Checkpoint)?.As<TeamsPosition>() ?? position;
            }
        }
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var team in _channels.TeamsAsync(cancellationToken))
        {
            foreach (var channel in await _channels.OfAsync(team, cancellationToken))
            {
                await foreach (var page in _messages.AllAsync(channel, false, null, cancellationToken))
                {
                    foreach (var root in page.Body.Items.Where(root => root.IsLive))
                    {
                        yield return channel.IdOf(root.Id);
                    }
                }

                if (config.IncludeAttachments)
                {
                    await foreach (var (_, item) in _files.OfAsync(channel, cancellationToken))
                    {
                        yield return TeamsFiles.IdOf(item);
                    }
                }
            }
        }
    }

    private IAsyncEnumerable<ReadItem> ChannelAsync(
        TeamChannel channel,
        JsonElement? from,
        CancellationToken cancellationToken
    ) =>
        GraphFailures.OrFailed(
            ReadChannelAsync(channel, from, cancellationToken),
            channel.Channel.Id,
            null,
            $"The channel {channel.Name} of the team {channel.Team}",
            cancellationToken
        );

    private async IAsyncEnumerable<ReadItem> ReadChannelAsync(
        TeamChannel channel,
        JsonElement? from,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var position = from?.Deserialize<ChannelPosition>(SettingsJson.Options) ?? new ChannelPosition();
        var readers = await _channels.ReadersAsync(channel, cancellationToken);
        var reads = new ItemReads();
        var since = position.Next is null || position.IsDelta ? SinceOf(position) : null;
        var isDelta = since is not null;
        var pages = isDelta
            ? _messages.ChangedAsync(channel, since!.Value, position.Next, cancellationToken)
            : _messages.AllAsync(channel, withReplies: true, position.Next, cancellationToken);
        await foreach (var page in pages)
        {
            var rows = page.Body.Items;
            position = position.Begin(
                rows.SelectMany(row => (row.Replies ?? []).Append(row)).Max(row => row.ChangedAt)
            );
            var roots = rows.GroupBy(row => row.RootId).ToList();
            var known = await context.Known.GetAsync(
                [.. roots.Select(root => channel.IdOf(root.Key))],
                cancellationToken
            );
            foreach (var root in roots)
            {
                var id = channel.IdOf(root.Key);
                var row = root.LastOrDefault(message => message.ReplyToId is null);
                var item = await reads.ReadAsync(
                    id,
                    row?.WebUrl,
                    () =>
                        ThreadAsync(
                            channel,
                            readers,
                            root.Key,
                            isDelta ? null : row,
                            known.GetValueOrDefault(id),
                            cancellationToken
                        )
                );
                if (item is ReadItem.Failed)
                {
                    position = position.Hold(root.Min(message => message.ChangedAt));
                }

                // What was never stored needs no deletion: system messages, and posts that were deleted before.
                if (item is not ReadItem.Deleted || known.ContainsKey(id))
                {
                    yield return item;
                }
            }

            position = position with { Next = page.Next, IsDelta = isDelta };
            if (page.Next is not null)
            {
                yield return ReadItem.Checkpoint.From(position);
            }
        }

        if (config.IncludeAttachments)
        {
            await foreach (var item in FilesAsync(channel, readers, cancellationToken))
            {
                yield return item;
            }
        }

        yield return ReadItem.Checkpoint.From(position.Complete());
    }

    private DateTimeOffset? SinceOf(ChannelPosition position) =>
        position.Since is { } milliseconds
        && DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) is var since
        && since > context.Time.GetUtcNow() - FeedReach
            ? since - Overlap
            : null;

    // The row is the post with its replies; null where only its id is known.
    private async Task<ReadItem> ThreadAsync(
        TeamChannel channel,
        ChannelReaders readers,
        string rootId,
        ChatMessage? row,
        KnownDocument? known,
        CancellationToken cancellationToken
    )
    {
        var root = row ?? await _messages.OneAsync(channel, rootId, cancellationToken);
        if (!root.IsLive)
        {
            return new ReadItem.Deleted(channel.IdOf(rootId));
        }

        var replies = root is { Replies: { } given, MoreReplies: null }
            ? given
            : await _messages.RepliesAsync(channel, rootId, cancellationToken);
        return known?.Version is { } version && version == TeamsMapping.VersionOf(root, replies)
            ? new ReadItem.Unchanged(channel.IdOf(rootId))
            : new ReadItem.Found(_mapping.DocumentOf(channel, readers, root, replies));
    }

    private async IAsyncEnumerable<ReadItem> FilesAsync(
        TeamChannel channel,
        ChannelReaders readers,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var (drive, item) in _files.OfAsync(channel, cancellationToken))
        {
            var document = _files.DocumentOf(channel, readers, drive, item);
            var known = await context.Known.GetAsync([document.Id], cancellationToken);
            yield return known.GetValueOrDefault(document.Id)?.Version == document.Version
                ? new ReadItem.Unchanged(document.Id)
                : new ReadItem.Found(document);
        }
    }
}

/// <summary>Where a pass over the channels stands.</summary>
internal sealed record TeamsPosition
{
    /// <summary>What is being read: another selection begins afresh.</summary>
    public required string Selection { get; init; }

    /// <summary>By a short mark of the channel's id.</summary>
    public PartitionedPosition? Channels { get; init; }

    /// <summary>A pass was cut off here.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsMidway => Channels is { } channels && (channels.DoneUpTo is not null || channels.Open.Count > 0);
}

/// <summary>Where a channel stands, in few characters: a thousand channels share one checkpoint. Times in milliseconds since 1970.</summary>
internal sealed record ChannelPosition
{
    /// <summary>Everything that changed before was read.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("s")]
    public long? Since { get; init; }

    /// <summary>The newest message when this pass began.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("n")]
    public long? Newest { get; init; }

    /// <summary>The oldest message that failed in this pass.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("h")]
    public long? Held { get; init; }

    /// <summary>Where in the listing.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("p")]
    public string? Next { get; init; }

    /// <summary>The listing is that of changes.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("d")]
    public bool? Delta { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsDelta
    {
        get => Delta == true;
        init => Delta = value ? true : null;
    }

    public ChannelPosition Begin(DateTimeOffset? newest) =>
        this with
        {
            Newest = Newest ?? newest?.ToUnixTimeMilliseconds(),
        };

    public ChannelPosition Hold(DateTimeOffset? changedAt)
    {
        var time = changedAt?.ToUnixTimeMilliseconds() ?? 0;
        return this with { Held = Held < time ? Held : time };
    }

    public ChannelPosition Complete()
    {
        var until = Newest > Since || Since is null ? Newest : Since;
        return new() { Since = Held < until ? Held - 1 : until };
    }
}
