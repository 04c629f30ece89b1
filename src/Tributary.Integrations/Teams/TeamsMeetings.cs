using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Teams;

/// <summary>Transcripts and chats of the meetings that chosen users have organized.</summary>
internal sealed class TeamsMeetings(ReaderContext context, TeamsConfig config, TeamsPeople people, TeamsMapping mapping)
{
    private const int ChatsPerPage = 50;
    private const int MostMessages = 5_000;
    private const long LongestTranscript = 16 * 1024 * 1024;

    // Transcripts are offered some time after their meeting.
    private static readonly TimeSpan Overlap = TimeSpan.FromDays(1);
    private static readonly DateTimeOffset Beginning = new(2017, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Whose meetings are read.</summary>
    public IEnumerable<string> Organizers =>
        config.IncludeMeetingTranscripts || config.IncludeMeetingChats
            ? (config.MeetingOrganizers ?? []).Select(name => name.Trim()).Distinct(StringComparer.OrdinalIgnoreCase)
            : [];

    /// <exception cref="SourceException">An organizer is unknown, or the application may not read the meetings.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        TeamsUser? first = null;
        foreach (var name in Organizers)
        {
            var user = await GraphFailures.AllowedAsync(() => OrganizerAsync(name, cancellationToken), "User.Read.All");
            first ??= user;
        }

        if (first is not null && config.IncludeMeetingTranscripts)
        {
            await GraphFailures.AllowedAsync(
                async () => await TranscriptsAsync(first, null, null, cancellationToken).FirstAsync(cancellationToken),
                "OnlineMeetingTranscript.Read.All with OnlineMeetings.Read.All, or the application access policy for its meetings",
                $" A Teams administrator creates the policy with New-CsApplicationAccessPolicy and grants it to {first.Name} with Grant-CsApplicationAccessPolicy."
            );
        }

        if (first is not null && config.IncludeMeetingChats)
        {
            await GraphFailures.AllowedAsync(
                async () => await ChatsAsync(first, cancellationToken).AnyAsync(cancellationToken),
                "Chat.Read.All"
            );
        }
    }

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        string organizer,
        JsonElement? from,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var position = from?.Deserialize<ChannelPosition>(SettingsJson.Options) ?? new ChannelPosition();
        var user = await OrganizerAsync(organizer, cancellationToken);
        var reads = new ItemReads();
        if (config.IncludeMeetingTranscripts)
        {
            var since = position.Since is { } time ? DateTimeOffset.FromUnixTimeMilliseconds(time) - Overlap : default;
            var pages = TranscriptsAsync(user, since, position.Next, cancellationToken);
            await foreach (var page in pages)
            {
                var rows = page.Body.Items;
                // They come in no order that is promised.
                position = position.Reach(rows.Max(row => row.CreatedDateTime));
                var known = await context.Known.GetAsync([.. rows.Select(row => row.DocumentId)], cancellationToken);
                foreach (var row in rows)
                {
                    var item =
                        known.GetValueOrDefault(row.DocumentId)?.Version is { } version && version == row.Version
                            ? new ReadItem.Unchanged(row.DocumentId)
                            : await reads.ReadAsync(
                                row.DocumentId,
                                null,
                                () => TranscriptAsync(user, row, cancellationToken)
                            );
                    position = item is ReadItem.Failed ? position.Hold(row.CreatedDateTime) : position;
                    if (item is not ReadItem.Deleted || known.ContainsKey(row.DocumentId))
                    {
                        yield return item;
                    }
                }

                position = position with { Next = page.Next };
                if (page.Next is not null)
                {
                    yield return ReadItem.Checkpoint.From(position);
                }
            }
        }

        await foreach (var item in ReadChatsAsync(user, reads, cancellationToken))
        {
            yield return item;
        }

        yield return ReadItem.Checkpoint.From(position.Complete());
    }

    public async IAsyncEnumerable<string> ListAsync(
        string organizer,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var user = await OrganizerAsync(organizer, cancellationToken);
        if (config.IncludeMeetingTranscripts)
        {
            await foreach (var page in TranscriptsAsync(user, null, null, cancellationToken))
            {
                foreach (var row in page.Body.Items)
                {
                    yield return row.DocumentId;
                }
            }
        }

        await foreach (var chat in ChatsAsync(user, cancellationToken))
        {
            var messages = MessagesAsync(chat, cancellationToken).SelectMany(page => page.Body.Items);
            if (await messages.AnyAsync(message => message.IsLive, cancellationToken))
            {
                yield return chat.DocumentId;
            }
        }
    }

    private async Task<TeamsUser> OrganizerAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await people.OneAsync(name, cancellationToken);
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.NotFound)
        {
            throw new SourceException(
                FailureKind.Configuration,
                $"There is no user '{name}' in this tenant. Give the principal name or the object id as the Entra admin center shows it.",
                exception
            )
            {
                Member = "config.meeting_organizers",
                Status = exception.Status,
            };
        }
    }

    private IAsyncEnumerable<Page<GraphCollection<Transcript>>> TranscriptsAsync(
        TeamsUser user,
        DateTimeOffset? since,
        string? from,
        CancellationToken cancellationToken
    )
    {
        var start = since > Beginning ? since.Value : Beginning;
        var end = context.Time.GetUtcNow().AddDays(1);
        return context.Http.GraphPagesAsync(
            config.Root.At(
                $"users/{user.Id}/onlineMeetings/getAllTranscripts(meetingOrganizerUserId='{user.Id}',startDateTime={start},endDateTime={end})"
            ),
            TeamsJson.Default.GraphCollectionTranscript,
            from,
            cancellationToken
        );
    }

    private async Task<ReadItem> TranscriptAsync(TeamsUser user, Transcript row, CancellationToken cancellationToken)
    {
        var meeting = await MeetingAsync(user, row.MeetingId, cancellationToken);
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            config.Root.At(
                $"users/{user.Id}/onlineMeetings/{row.MeetingId}/transcripts/{row.Id}/content",
                ("$format", "text/vtt")
            )
        );
        request.Options.Set(OutboundOptions.MaxBodyBytes, LongestTranscript);
        using var response = await context.Http.SendCheckedAsync(request, cancellationToken);
        var text =
            TranscriptText.Of(await response.Content.ReadAsStringAsync(cancellationToken))
            ?? throw new SourceException(
                FailureKind.Source,
                "Something else than a transcript came. The next run tries again."
            );
        var name = string.IsNullOrWhiteSpace(meeting?.Subject) ? $"Meeting of {user.Name}" : meeting.Subject.Trim();
        var readers = (meeting?.Participants?.All ?? [])
            .Select(participant => GraphMarks.Normal(participant.Upn))
            .Append(GraphMarks.Normal(user.Address))
            .OfType<string>();
        return new ReadItem.Found(
            new Document
            {
                Id = row.DocumentId,
                Title = string.Create(CultureInfo.InvariantCulture, $"{name}, {row.CreatedDateTime:yyyy-MM-dd}"),
                Link = meeting?.JoinWebUrl,
                Sections = [new Section(text)],
                Version = row.Version,
                CreatedAt = row.CreatedDateTime,
                UpdatedAt = row.EndDateTime ?? row.CreatedDateTime,
                PrimaryOwners = [new Owner(user.Name, GraphMarks.Normal(user.Address))],
                Metadata = new Dictionary<string, MetadataValue> { ["meeting"] = name, ["type"] = "transcript" },
                Access = new DocumentAccess(false, [.. readers.Distinct().Order(StringComparer.Ordinal)], []),
            }
        );
    }

    /// <summary>The meeting; null for one that is gone, whose transcript may be left.</summary>
    private async Task<OnlineMeeting?> MeetingAsync(TeamsUser user, string? id, CancellationToken cancellationToken)
    {
        try
        {
            return await context.Http.GraphAsync(
                config.Root.At($"users/{user.Id}/onlineMeetings/{id}"),
                TeamsJson.Default.OnlineMeeting,
                cancellationToken
            );
        }
        catch (SourceException exception) when (GraphFailures.IsNotToBeHad(exception))
        {
            return null;
        }
    }

    private IAsyncEnumerable<MeetingChat> ChatsAsync(TeamsUser user, CancellationToken cancellationToken) =>
        !config.IncludeMeetingChats
            ? AsyncEnumerable.Empty<MeetingChat>()
            : context
                .Http.GraphItemsAsync(
                    config.Root.At($"users/{user.Id}/chats", ("$top", ChatsPerPage)),
                    TeamsJson.Default.GraphCollectionMeetingChat,
                    cancellationToken
                )
                .Where(chat => chat.IsMeetingOf(user));

    /// <summary>The messages of a chat, the last changed first.</summary>
    private IAsyncEnumerable<Page<GraphCollection<ChatMessage>>> MessagesAsync(
        MeetingChat chat,
        CancellationToken cancellationToken
    ) =>
        context.Http.GraphPagesAsync(
            config.Root.At(
                $"chats/{chat.Id}/messages",
                ("$top", ChatsPerPage),
                ("$orderby", "lastModifiedDateTime desc")
            ),
            TeamsJson.Default.GraphCollectionChatMessage,
            null,
            cancellationToken,
            TeamsMessages.Preferences
        );

    private async IAsyncEnumerable<ReadItem> ReadChatsAsync(
        TeamsUser user,
        ItemReads reads,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var chat in ChatsAsync(user, cancellationToken))
        {
            var known = await context.Known.GetAsync([chat.DocumentId], cancellationToken);
            var item = await reads.ReadAsync(
                chat.DocumentId,
                chat.WebUrl,
                () => ChatAsync(chat, known.GetValueOrDefault(chat.DocumentId), cancellationToken)
            );
            if (item is not ReadItem.Deleted || known.ContainsKey(chat.DocumentId))
            {
                yield return item;
            }
        }
    }

    private async Task<ReadItem> ChatAsync(MeetingChat chat, KnownDocument? known, CancellationToken cancellationToken)
    {
        var messages = new List<ChatMessage>();
        string? version = null;
        await foreach (var page in MessagesAsync(chat, cancellationToken))
        {
            if (version is null && page.Body.Items.Count > 0)
            {
                version = chat.VersionWith(page.Body.Items.Max(message => message.ChangedAt));
            }

            if (version is not null && version == known?.Version)
            {
                return new ReadItem.Unchanged(chat.DocumentId);
            }

            messages.AddRange(page.Body.Items.Where(message => message.IsLive));
            if (messages.Count >= MostMessages)
            {
                break;
            }
        }

        if (messages.Count == 0)
        {
            return new ReadItem.Deleted(chat.DocumentId);
        }

        var readers = await MembersAsync(chat, cancellationToken);
        return new ReadItem.Found(mapping.DocumentOf(chat, readers, messages) with { Version = version });
    }

    private async Task<ChannelReaders> MembersAsync(MeetingChat chat, CancellationToken cancellationToken)
    {
        try
        {
            return await people.ReadersAsync(
                config.Root.At($"chats/{chat.Id}/members"),
                $"teams_{chat.Id}",
                cancellationToken
            );
        }
        catch (SourceException exception) when (GraphFailures.IsNotToBeHad(exception))
        {
            return ChannelReaders.Nobody;
        }
    }
}
