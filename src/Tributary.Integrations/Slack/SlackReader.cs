using System.Runtime.CompilerServices;
using Tributary.Sdk;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Slack;

/// <summary>
/// Reads channel by channel: to its beginning when it is new, down to 30 days before the last pass when it is known. Replies
/// are fetched only for threads that have changed. See https://docs.slack.dev/reference/methods/conversations.history.
/// </summary>
internal sealed class SlackReader(ReaderContext context, SlackConfig config) : IReader
{
    private const int MessagesPerPage = 200;
    private const int MessagesPerListingPage = 999;

    private readonly SlackApi _api = new(context.Http, config.Root);
    private readonly ItemReads _reads = new();

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var workspace = await SlackWorkspace.OpenAsync(_api, config, cancellationToken);
        await workspace.CheckAsync(cancellationToken);
    }

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var workspace = await SlackWorkspace.OpenAsync(_api, config, cancellationToken);
        var people = new SlackPeople(_api, workspace.Teams);
        var mapping = new SlackMapping(context, _api, workspace, people, config.IncludeBotMessages);
        var position = request.CheckpointAs<SlackPosition>();
        if (position?.WithBots != config.IncludeBotMessages)
        {
            position = new SlackPosition { WithBots = config.IncludeBotMessages };
        }

        // What was posted while a pass was interrupted is in channels that it has done: a second pass looks there.
        for (var passes = position.Channel is null ? 1 : 2; passes > 0; passes--)
        {
            await foreach (var item in ReadPassAsync(workspace, mapping, position, cancellationToken))
            {
                yield return item;
                position = (item as ReadItem.Checkpoint)?.As<SlackPosition>() ?? position;
            }
        }
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var workspace = await SlackWorkspace.OpenAsync(_api, config, cancellationToken);
        var mapping = new SlackMapping(
            context,
            _api,
            workspace,
            new SlackPeople(_api, workspace.Teams),
            config.IncludeBotMessages
        );
        foreach (var channel in (await workspace.ChannelsAsync(cancellationToken)).Values)
        {
            if (await workspace.EnterAsync(channel, cancellationToken) is not null)
            {
                continue;
            }

            await foreach (var page in HistoryAsync(channel, null, null, MessagesPerListingPage, cancellationToken))
            {
                foreach (var message in (page ?? []).Where(IsThread))
                {
                    yield return SlackMapping.IdOf(channel, message.Ts);
                    foreach (var file in mapping.FilesOf(message))
                    {
                        yield return SlackMapping.IdOf(channel, message, file);
                    }
                }
            }
        }
    }

    private async IAsyncEnumerable<ReadItem> ReadPassAsync(
        SlackWorkspace workspace,
        SlackMapping mapping,
        SlackPosition position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var read = ReadChannels.Parse(position.Read);
        var channels = await workspace.ChannelsAsync(cancellationToken);
        foreach (var channel in channels.Values)
        {
            if (string.CompareOrdinal(channel.Id, position.Channel) < 0)
            {
                continue;
            }

            if (channel.Id != position.Channel)
            {
                position = position with { Channel = channel.Id, Before = null, HasFailed = false };
            }

            if (await workspace.EnterAsync(channel, cancellationToken) is { } reason)
            {
                yield return new ReadItem.Skipped(channel.Name ?? channel.Id, reason);
                continue;
            }

            var isKnown = read.Contains(channel.Id);
            var oldest = isKnown ? position.Oldest : null;
            await foreach (
                var page in HistoryAsync(channel, oldest, position.Before, MessagesPerPage, cancellationToken)
            )
            {
                if (page is null)
                {
                    position = position with { HasFailed = true };
                    yield return new ReadItem.Skipped(channel.Name ?? channel.Id, "the app is not in the channel");
                    break;
                }

                position = position.See(page);
                await foreach (var item in ReadPageAsync(mapping, channel, page, oldest, cancellationToken))
                {
                    position = item is ReadItem.Failed ? position with { HasFailed = true } : position;
                    yield return item;
                }

                // Only a walk to the beginning is so long that it has to go on where it stood.
                var lowest = page.Select(message => message.Ts).Min(StringComparer.Ordinal);
                position = position with { Before = oldest is null ? lowest ?? position.Before : null };
                yield return ReadItem.Checkpoint.From(position);
            }

            if (position.HasFailed)
            {
                read.Remove(channel.Id);
            }
            else
            {
                read.Add(channel.Id);
            }

            position = position with { Read = read.ToString() };
        }

        read.KeepOnly(channels.Keys);
        yield return ReadItem.Checkpoint.From(position.Complete(read));
    }

    private async IAsyncEnumerable<ReadItem> ReadPageAsync(
        SlackMapping mapping,
        SlackChannel channel,
        IReadOnlyList<SlackMessage> page,
        string? oldest,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var ids = page.SelectMany(message =>
            mapping
                .FilesOf(message)
                .Select(file => SlackMapping.IdOf(channel, message, file))
                .Prepend(SlackMapping.IdOf(channel, message.IsReply ? message.ThreadTs! : message.Ts))
        );
        var known = await context.Known.GetAsync([.. ids.Distinct()], cancellationToken);
        foreach (var message in page)
        {
            var id = SlackMapping.IdOf(channel, message.Ts);
            if (message.IsReply)
            {
                // A thread that is too old to be listed, and was answered in the channel.
                var thread = SlackMapping.IdOf(channel, message.ThreadTs!);
                if (
                    string.CompareOrdinal(message.ThreadTs, oldest ?? "") < 0
                    && !Covers(known.GetValueOrDefault(thread), message)
                )
                {
                    yield return await _reads.ReadAsync(
                        thread,
                        null,
                        () => mapping.ReadThreadAsync(channel, message.ThreadTs!, cancellationToken)
                    );
                }

                continue;
            }

            if (!IsThread(message))
            {
                if (message.IsTombstone)
                {
                    yield return new ReadItem.Deleted(id);
                }

                continue;
            }

            yield return known.GetValueOrDefault(id)?.Version == message.Version
                ? new ReadItem.Unchanged(id)
                : await _reads.ReadAsync(id, null, () => mapping.ReadThreadAsync(channel, message, cancellationToken));
            foreach (var file in mapping.FilesOf(message))
            {
                var fileId = SlackMapping.IdOf(channel, message, file);
                yield return known.GetValueOrDefault(fileId)?.Version == SlackMapping.VersionOf(file)
                    ? new ReadItem.Unchanged(fileId)
                    : await _reads.ReadAsync(
                        fileId,
                        file.Permalink,
                        () => mapping.ReadFileAsync(channel, message, file, cancellationToken)
                    );
            }
        }
    }

    /// <summary>A channel's messages, newest first; null where the channel cannot be read.</summary>
    private async IAsyncEnumerable<IReadOnlyList<SlackMessage>?> HistoryAsync(
        SlackChannel channel,
        string? oldest,
        string? latest,
        int limit,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var pages = _api.MessagesAsync(
                "conversations.history",
                cancellationToken,
                ("channel", channel.Id),
                ("oldest", oldest),
                ("latest", latest),
                ("limit", limit)
            )
            .GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            bool isMore;
            var isClosed = false;
            try
            {
                isMore = await pages.MoveNextAsync();
            }
            catch (SourceException exception) when (SlackWorkspace.IsOfChannel(SlackApi.ErrorOf(exception)))
            {
                isMore = false;
                isClosed = true;
            }

            if (isClosed)
            {
                yield return null;
            }

            if (!isMore)
            {
                yield break;
            }

            yield return pages.Current;
        }
    }

    private bool IsThread(SlackMessage message) => !message.IsReply && message.IsWanted(config.IncludeBotMessages);

    /// <summary>Whether a stored thread has this reply already.</summary>
    private static bool Covers(KnownDocument? known, SlackMessage reply) =>
        known?.Version?.Split('|')[^1] is { } latest && string.CompareOrdinal(latest, reply.Ts) >= 0;
}
