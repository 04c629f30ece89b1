using System.Net;
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
internal sealed class TeamsReader : IReader
{
    private const int MostProbed = 10;

    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    // The feed of changes goes back eight months.
    private static readonly TimeSpan FeedReach = TimeSpan.FromDays(230);

    private readonly ReaderContext _context;
    private readonly TeamsConfig _config;
    private readonly TeamsChannels _channels;
    private readonly TeamsMessages _messages;
    private readonly TeamsFiles _files;
    private readonly TeamsImages _images;
    private readonly TeamsPeople _people;
    private readonly TeamsMapping _mapping;
    private readonly TeamsMeetings _meetings;

    public TeamsReader(ReaderContext context, TeamsConfig config, string directory)
    {
        (_context, _config) = (context, config);
        _people = new TeamsPeople(context, config);
        _channels = new TeamsChannels(context, config, directory, _people);
        _messages = new TeamsMessages(context, config);
        _files = new TeamsFiles(context, config);
        _images = new TeamsImages(context, config);
        _mapping = new TeamsMapping(context);
        _meetings = new TeamsMeetings(context, config, _people, _mapping);
    }

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        SourceException? closed = null;
        var (teamsSeen, isOpen) = (0, false);
        await using var teams = _channels.TeamsAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await GraphFailures.AllowedAsync(async () => await teams.MoveNextAsync(), "Team.ReadBasic.All"))
        {
            if (!isOpen && ++teamsSeen <= MostProbed)
            {
                try
                {
                    isOpen = await CheckAsync(teams.Current, cancellationToken);
                }
                catch (SourceException exception) when (IsUnprovisioned(exception))
                {
                    closed = exception;
                }
            }

            // The names have to be found, all of them.
            if (_config.Teams is not { Count: > 0 } && (isOpen || teamsSeen >= MostProbed))
            {
                break;
            }
        }

        if (teamsSeen == 0)
        {
            throw new SourceException(FailureKind.Configuration, "There are no teams in this tenant.");
        }

        if (!isOpen && closed is not null)
        {
            throw new SourceException(
                FailureKind.Configuration,
                $"No channel of these teams can be read: they have no owner, are not set up yet, or were deleted. Look at them in the Teams admin center. ({closed.Message})",
                closed
            )
            {
                Member = "_config.teams",
            };
        }

        await _meetings.CheckAsync(cancellationToken);
    }

    /// <summary>Whether the team has a channel, which can be read then.</summary>
    private async Task<bool> CheckAsync(Team team, CancellationToken cancellationToken)
    {
        var channels = await GraphFailures.AllowedAsync(
            () => _channels.OfAsync(team, cancellationToken),
            "Channel.ReadBasic.All"
        );
        if (channels.Count == 0)
        {
            return false;
        }

        var channel = channels[0];
        await GraphFailures.AllowedAsync(
            async () => await _messages.AllAsync(channel, false, null, cancellationToken).FirstAsync(cancellationToken),
            "ChannelMessage.Read.All",
            " Messages are a protected API: in older tenants Microsoft has to approve the application by a form."
        );
        await GraphFailures.AllowedAsync(
            () => _channels.MembersAsync(channel, cancellationToken),
            "ChannelMember.Read.All (with TeamMember.Read.All)"
        );
        if (_config.IncludeAttachments)
        {
            await GraphFailures.AllowedAsync(
                async () => await _files.OfAsync(channel, cancellationToken).AnyAsync(cancellationToken),
                "Files.Read.All"
            );
        }

        return true;
    }

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var position = request.CheckpointAs<TeamsPosition>();
        if (position?.Selection != _config.Selection)
        {
            position = new TeamsPosition { Selection = _config.Selection };
        }

        var parts = new Dictionary<string, Part>(StringComparer.Ordinal);
        foreach (var organizer in _meetings.Organizers)
        {
            parts[OutlookIds.MarkOf("meetings", organizer)] = (from, token) => MeetingsAsync(organizer, from, token);
        }

        var named = (_config.Teams ?? []).Select(name => name.Trim()).Distinct().ToList();
        var missing = new List<string>();
        await foreach (var team in TeamsAsync(named, missing, position, cancellationToken))
        {
            SourceException? failure = null;
            try
            {
                foreach (var channel in await _channels.OfAsync(team, cancellationToken))
                {
                    parts.TryAdd(
                        OutlookIds.MarkOf(channel.Channel.Id),
                        (from, token) => ChannelAsync(channel, from, token)
                    );
                }
            }
            catch (SourceException exception) when (GraphFailures.ConcernsOne(exception) || IsUnprovisioned(exception))
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

        foreach (var name in missing)
        {
            yield return missing.Count < named.Count
                ? new ReadItem.Failed(name, null, TeamsChannels.Unknown(name).Message)
                : throw TeamsChannels.Unknown(name);
        }

        // What changed while a pass was interrupted may be in channels that it has read: a second pass looks there.
        for (var passes = position.IsMidway ? 2 : 1; passes > 0; passes--)
        {
            var items = PartitionedRead.ReadAsync(
                parts.Keys,
                position.Channels,
                (key, from, token) => parts[key](from, token),
                _config.Workers,
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
                await foreach (var id in ListThreadsAsync(channel, cancellationToken))
                {
                    yield return id;
                }

                if (_config.IncludeAttachments)
                {
                    await foreach (var (_, item) in _files.OfAsync(channel, cancellationToken))
                    {
                        yield return TeamsFiles.IdOf(item);
                    }
                }
            }
        }

        foreach (var organizer in _meetings.Organizers)
        {
            await foreach (var id in _meetings.ListAsync(organizer, cancellationToken))
            {
                yield return id;
            }
        }
    }

    // A team that was renamed is the same team: what a name has meant is remembered.
    private async IAsyncEnumerable<Team> TeamsAsync(
        List<string> named,
        List<string> missing,
        TeamsPosition position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (named.Count == 0)
        {
            await foreach (var team in _channels.TeamsAsync(cancellationToken))
            {
                yield return team;
            }
        }

        foreach (var name in named)
        {
            var found = await _channels.NamedAsync(name, position.EarlierOf(name), cancellationToken);
            position.Remember(name, found);
            if (found.Count == 0)
            {
                missing.Add(name);
            }

            foreach (var team in found)
            {
                yield return team;
            }
        }
    }

    private async IAsyncEnumerable<string> ListThreadsAsync(
        TeamChannel channel,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // Replies have pictures, too, and are not told without being asked for.
        var withReplies = _config.IncludeInlineImages;
        await foreach (var page in _messages.AllAsync(channel, withReplies, null, cancellationToken))
        {
            foreach (var root in page.Body.Items.Where(root => root.IsLive))
            {
                yield return channel.IdOf(root.Id);
                if (!withReplies)
                {
                    continue;
                }

                var replies = await _messages.RepliesAsync(channel, root, cancellationToken);
                foreach (var (_, id) in replies.Prepend(root).SelectMany(message => _images.Of(channel, message)))
                {
                    yield return id;
                }
            }
        }
    }

    private IAsyncEnumerable<ReadItem> MeetingsAsync(
        string organizer,
        JsonElement? from,
        CancellationToken cancellationToken
    ) =>
        GraphFailures.OrFailed(
            _meetings.ReadAsync(organizer, from, cancellationToken),
            $"teams-meetings:{organizer}",
            null,
            $"Meetings of {organizer}",
            cancellationToken
        );

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
        // Every document names its readers: when they are others than before, all are told again.
        if (position.Next is null && position.Readers != readers.Mark)
        {
            position = new ChannelPosition { Readers = readers.Mark };
        }

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
            var known = await _context.Known.GetAsync(
                [.. roots.Select(root => channel.IdOf(root.Key))],
                cancellationToken
            );
            foreach (var root in roots)
            {
                var id = channel.IdOf(root.Key);
                var row = root.LastOrDefault(message => message.ReplyToId is null);
                var shown = new List<ChatMessage>();
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
                            shown,
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

                await foreach (var picture in PicturesAsync(channel, readers, shown, reads, cancellationToken))
                {
                    position =
                        picture is ReadItem.Failed ? position.Hold(root.Min(message => message.ChangedAt)) : position;
                    yield return picture;
                }
            }

            position = position with { Next = page.Next, IsDelta = isDelta };
            if (page.Next is not null)
            {
                yield return ReadItem.Checkpoint.From(position);
            }
        }

        if (_config.IncludeAttachments)
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
        && since > _context.Time.GetUtcNow() - FeedReach
            ? since - Overlap
            : null;

    // The row is the post with its replies; null where only its id is known.
    private async Task<ReadItem> ThreadAsync(
        TeamChannel channel,
        ChannelReaders readers,
        string rootId,
        ChatMessage? row,
        KnownDocument? known,
        List<ChatMessage> shown,
        CancellationToken cancellationToken
    )
    {
        var root = row ?? await _messages.OneAsync(channel, rootId, cancellationToken);
        if (!root.IsLive)
        {
            return new ReadItem.Deleted(channel.IdOf(rootId));
        }

        var replies = await _messages.RepliesAsync(channel, root, cancellationToken);
        shown.AddRange(replies.Prepend(root).Where(message => message.IsLive));
        if (known?.Version is { } version && version == TeamsMapping.VersionOf(root, replies, readers))
        {
            return new ReadItem.Unchanged(channel.IdOf(rootId));
        }

        var addresses = await _people.WithAuthorsAsync(readers.Addresses, shown, cancellationToken);
        return new ReadItem.Found(_mapping.DocumentOf(channel, readers with { Addresses = addresses }, root, replies));
    }

    private async IAsyncEnumerable<ReadItem> PicturesAsync(
        TeamChannel channel,
        ChannelReaders readers,
        List<ChatMessage> messages,
        ItemReads reads,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var pictures = messages
            .SelectMany(message => _images.Of(channel, message).Select(image => (Message: message, Image: image)))
            .ToList();
        if (pictures.Count == 0)
        {
            yield break;
        }

        var known = await _context.Known.GetAsync(
            [.. pictures.Select(picture => picture.Image.DocumentId)],
            cancellationToken
        );
        foreach (var (message, (hosted, id)) in pictures)
        {
            yield return known.GetValueOrDefault(id)?.Version == TeamsImages.VersionOf(readers)
                ? new ReadItem.Unchanged(id)
                : await reads.ReadAsync(
                    id,
                    message.WebUrl,
                    () => _images.ReadAsync(channel, readers, message, hosted, id, cancellationToken)
                );
        }
    }

    private async IAsyncEnumerable<ReadItem> FilesAsync(
        TeamChannel channel,
        ChannelReaders readers,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var reads = new ItemReads();
        await foreach (var (drive, item) in _files.OfAsync(channel, cancellationToken))
        {
            var id = TeamsFiles.IdOf(item);
            var known = await _context.Known.GetAsync([id], cancellationToken);
            yield return known.GetValueOrDefault(id)?.Version == TeamsFiles.VersionOf(readers, item)
                ? new ReadItem.Unchanged(id)
                : await reads.ReadAsync(
                    id,
                    item.WebUrl,
                    async () =>
                        new ReadItem.Found(
                            await _files.DocumentOfAsync(channel, readers, drive, item, cancellationToken)
                        )
                );
        }
    }

    /// <summary>Graph's answers about teams that have no owner, or whose setting up never ended.</summary>
    private static bool IsUnprovisioned(SourceException exception) =>
        exception.Status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest;
}

/// <summary>Reads a channel, or somebody's meetings, from where it stood.</summary>
internal delegate IAsyncEnumerable<ReadItem> Part(JsonElement? from, CancellationToken cancellationToken);
