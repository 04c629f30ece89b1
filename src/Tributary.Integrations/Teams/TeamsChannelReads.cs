using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk.Incremental;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Teams;

/// <summary>Reads a channel: its posts by when they changed, the pictures in them, its files.</summary>
internal sealed class TeamsChannelReads(
    ReaderContext context,
    TeamsConfig config,
    TeamsChannels channels,
    TeamsPeople people,
    TeamsMapping mapping
)
{
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    // The feed of changes goes back eight months.
    private static readonly TimeSpan FeedReach = TimeSpan.FromDays(230);

    private readonly TeamsMessages _messages = new(context, config);
    private readonly TeamsFiles _files = new(context, config);
    private readonly TeamsImages _images = new(context, config);

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        TeamChannel channel,
        JsonElement? from,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var position = from?.Deserialize<ChannelPosition>(SettingsJson.Options) ?? new ChannelPosition();
        var readers = await channels.ReadersAsync(channel, cancellationToken);
        // Every document names its readers: when they are others than before, all are told again.
        if (position.Next is null && position.Readers != readers.Mark)
        {
            position = new ChannelPosition { Readers = readers.Mark };
        }

        var reads = new ItemReads();
        var since = position.Next is null || position.IsDelta ? SinceOf(position) : null;
        var isDelta = since is not null;
        // A listing that was interrupted too long ago cannot be gone on with: then it begins anew.
        var pages = DeltaFeed.ReadAsync(
            position.Next,
            next => PagesAsync(next),
            () => PagesAsync(null),
            exception =>
                exception.Status is HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Gone,
            cancellationToken
        );
        await foreach (var (page, _) in pages)
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
                var shown = new List<ChatMessage>();
                var item = await reads.ReadAsync(
                    id,
                    row?.WebUrl,
                    () =>
                        ThreadAsync(
                            channel,
                            readers,
                            root.Key,
                            // The feed of changes tells of a post itself, and not of all its replies.
                            isDelta && row is not null
                                ? row with
                                {
                                    Replies = null,
                                    MoreReplies = null,
                                }
                                : row,
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

        if (config.IncludeAttachments)
        {
            await foreach (var item in FilesAsync(channel, readers, cancellationToken))
            {
                yield return item;
            }
        }

        yield return ReadItem.Checkpoint.From(position.Complete());

        IAsyncEnumerable<Page<GraphCollection<ChatMessage>>> PagesAsync(string? next) =>
            isDelta
                ? _messages.ChangedAsync(channel, since!.Value, next, cancellationToken)
                : _messages.AllAsync(channel, withReplies: true, next, cancellationToken);
    }

    /// <summary>The ids of everything that the channel has.</summary>
    public async IAsyncEnumerable<string> ListAsync(
        TeamChannel channel,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var id in ListThreadsAsync(channel, cancellationToken))
        {
            yield return id;
        }

        if (!config.IncludeAttachments)
        {
            yield break;
        }

        await foreach (var (_, item) in _files.OfAsync(channel, cancellationToken))
        {
            yield return TeamsFiles.IdOf(item);
        }
    }

    private async IAsyncEnumerable<string> ListThreadsAsync(
        TeamChannel channel,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // Replies have pictures, too, and are not told without being asked for.
        var withReplies = config.IncludeInlineImages;
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

        var addresses = await people.WithAuthorsAsync(readers.Addresses, shown, cancellationToken);
        return new ReadItem.Found(mapping.DocumentOf(channel, readers with { Addresses = addresses }, root, replies));
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

        var known = await context.Known.GetAsync(
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
            var known = await context.Known.GetAsync([id], cancellationToken);
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
}
