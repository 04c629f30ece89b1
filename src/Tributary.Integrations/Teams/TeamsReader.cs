using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk;
using Tributary.Sdk.Partitions;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Teams;

/// <summary>Reads channels side by side, each by when its messages changed. See https://learn.microsoft.com/graph/api/resources/teams-api-overview.</summary>
internal sealed class TeamsReader : IReader
{
    private const int MostProbed = 10;

    private readonly GraphParts _parts = new();
    private readonly TeamsConfig _config;
    private readonly TeamsChannels _channels;
    private readonly TeamsMessages _messages;
    private readonly TeamsFiles _files;
    private readonly TeamsChannelReads _reads;
    private readonly TeamsMeetings _meetings;

    public TeamsReader(ReaderContext context, TeamsConfig config, string directory)
    {
        _config = config;
        var people = new TeamsPeople(context, config);
        var mapping = new TeamsMapping(context);
        _channels = new TeamsChannels(context, config, directory, people);
        _messages = new TeamsMessages(context, config);
        _files = new TeamsFiles(context, config);
        _reads = new TeamsChannelReads(context, config, _channels, people, mapping);
        _meetings = new TeamsMeetings(context, config, people, mapping);
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
                    closed = new SourceException(
                        FailureKind.Configuration,
                        $"The team {teams.Current.Name} cannot be read: it has no owner, is not set up yet, or its channels were deleted. Look at it in the Teams admin center. ({exception.Message})",
                        exception
                    )
                    {
                        Member = "config.teams",
                    };
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

        if (closed is not null && (!isOpen || _config.Teams is { Count: > 0 }))
        {
            throw closed;
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
        TeamChannel? open = null;
        SourceException? closed = null;
        foreach (var candidate in channels.Take(MostProbed))
        {
            try
            {
                await GraphFailures.AllowedAsync(
                    async () =>
                        await _messages
                            .AllAsync(candidate, false, null, cancellationToken)
                            .FirstAsync(cancellationToken),
                    "ChannelMessage.Read.All",
                    " Messages are a protected API: in older tenants Microsoft has to approve the application by a form."
                );
                open = candidate;
                break;
            }
            catch (SourceException exception) when (IsUnprovisioned(exception))
            {
                closed = exception;
            }
        }

        if (open is not { } channel)
        {
            return closed is not null ? throw closed : false;
        }

        try
        {
            await GraphFailures.AllowedAsync(
                () => _channels.MembersAsync(channel, cancellationToken),
                "ChannelMember.Read.All (with TeamMember.Read.All)"
            );
        }
        catch (SourceException exception) when (GraphFailures.IsNotServed(exception))
        {
            // Then nobody is named as a reader.
        }

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
            parts[GraphMarks.MarkOf("meetings", organizer)] = (from, token) => MeetingsAsync(organizer, from, token);
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
                        GraphMarks.MarkOf(channel.Channel.Id),
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
                await foreach (var id in _reads.ListAsync(channel, cancellationToken))
                {
                    yield return id;
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

    private IAsyncEnumerable<ReadItem> ChannelAsync(
        TeamChannel channel,
        JsonElement? from,
        CancellationToken cancellationToken
    ) =>
        _parts.OrFailed(
            _reads.ReadAsync(channel, from, cancellationToken),
            channel.Channel.Id,
            null,
            $"The channel {channel.Name} of the team {channel.Team}",
            cancellationToken
        );

    private IAsyncEnumerable<ReadItem> MeetingsAsync(
        string organizer,
        JsonElement? from,
        CancellationToken cancellationToken
    ) =>
        _parts.OrFailed(
            _meetings.ReadAsync(organizer, from, cancellationToken),
            $"teams-meetings:{organizer}",
            null,
            $"Meetings of {organizer}",
            cancellationToken
        );

    /// <summary>Graph's answers about teams that have no owner, or whose setting up never ended.</summary>
    private static bool IsUnprovisioned(SourceException exception) =>
        exception.Status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest;
}

/// <summary>Reads a channel, or somebody's meetings, from where it stood.</summary>
internal delegate IAsyncEnumerable<ReadItem> Part(JsonElement? from, CancellationToken cancellationToken);
