using System.Globalization;
using System.Text.RegularExpressions;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Markup;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Slack;

/// <summary>Makes documents of threads, one section for each message, and of the files of their first messages.</summary>
internal sealed partial class SlackMapping(
    ReaderContext context,
    SlackApi api,
    SlackWorkspace workspace,
    SlackPeople people,
    bool withBots
)
{
    private const int RepliesPerPage = 200;
    private const int MostMessages = 5_000;
    private const int MostMembers = 1_000;
    private const int TitleLength = 50;

    private (string Channel, DocumentAccess Access)? _access;

    public static string IdOf(SlackChannel channel, string thread) => $"{channel.Id}__{thread}";

    public static string IdOf(SlackChannel channel, SlackMessage message, SlackFile file) =>
        $"{IdOf(channel, message.Ts)}__{file.Id}";

    /// <summary>A mark of a file's state; files do not change, but snippets and canvases do.</summary>
    public static string VersionOf(SlackFile file) =>
        string.Create(CultureInfo.InvariantCulture, $"{file.Updated ?? file.Created}|{file.Size}");

    public IEnumerable<SlackFile> FilesOf(SlackMessage message) =>
        workspace.ReadsFiles
            ? (message.Files ?? [])
                .Where(file => file?.Id is { Length: > 0 } && file.IsReadable)
                .DistinctBy(file => file.Id)
            : [];

    /// <summary>A thread by its first message.</summary>
    public async Task<ReadItem> ReadThreadAsync(
        SlackChannel channel,
        SlackMessage first,
        CancellationToken cancellationToken
    ) =>
        await DocumentAsync(
            channel,
            first.ReplyCount > 0 ? await RepliesAsync(channel, first.Ts, cancellationToken) : [first],
            first.Version,
            cancellationToken
        );

    /// <summary>A thread of which only the name is known.</summary>
    public async Task<ReadItem> ReadThreadAsync(
        SlackChannel channel,
        string thread,
        CancellationToken cancellationToken
    )
    {
        var messages = await RepliesAsync(channel, thread, cancellationToken);
        return messages is [var first, ..] && first.Ts == thread && first.IsWanted(withBots)
            ? await DocumentAsync(channel, messages, first.Version, cancellationToken)
            : new ReadItem.Deleted(IdOf(channel, thread));
    }

    public async Task<ReadItem> ReadFileAsync(
        SlackChannel channel,
        SlackMessage message,
        SlackFile file,
        CancellationToken cancellationToken
    )
    {
        var owner = await AuthorAsync(message, cancellationToken);
        return new ReadItem.Found(
            new Document
            {
                Id = IdOf(channel, message, file),
                Title = file.Label,
                Link = file.Permalink ?? workspace.LinkTo(channel, message.Ts, message.Ts),
                File = new FileContent
                {
                    Name = file.Name ?? file.Label,
                    ContentType = file.Mimetype,
                    Length = file.Size,
                    OpenAsync = cancellation => OpenAsync(file, cancellation),
                },
                Version = VersionOf(file),
                CreatedAt = TimeOf(message.Ts),
                UpdatedAt = TimeOf(file.Updated?.ToString(CultureInfo.InvariantCulture)) ?? TimeOf(message.Ts),
                PrimaryOwners = [owner],
                Metadata = Facts(channel),
                Access = await AccessAsync(channel, cancellationToken),
            }
        );
    }

    /// <summary>Without the right to read files, Slack leads to its login page instead of refusing.</summary>
    private async ValueTask<Stream> OpenAsync(SlackFile file, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, AddressOf(file));
        var response = await context.Http.SendAnyAsync(
            request,
            cancellationToken,
            HttpCompletionOption.ResponseHeadersRead
        );
        var isLogin =
            response.Content.Headers.ContentType?.MediaType == "text/html"
            && file is { Mimetype: not "text/html", Mode: null or "hosted" or "snippet" };
        if (response.IsSuccessStatusCode && !isLogin)
        {
            return await response.Content.ReadAsStreamAsync(cancellationToken);
        }

        using (response)
        {
            throw isLogin
                ? new SourceException(
                    FailureKind.Source,
                    $"Slack shows a login page in place of the file '{file.Label}'. Does the app have the scope files:read?"
                )
                : SourceHttp.FailureOf(request, response);
        }
    }

    /// <summary>When a message was posted.</summary>
    public static DateTimeOffset? TimeOf(string? ts) =>
        decimal.TryParse(ts, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
        && seconds is >= 0 and < 253_402_300_799m
            ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond))
            : null;

    private async Task<ReadItem> DocumentAsync(
        SlackChannel channel,
        IReadOnlyList<SlackMessage> messages,
        string version,
        CancellationToken cancellationToken
    )
    {
        var first = messages[0];
        var sections = new List<Section>();
        var owners = new List<Owner>();
        foreach (var message in messages.Where(message => message.IsWanted(withBots)).Take(MostMessages))
        {
            var author = await AuthorAsync(message, cancellationToken);
            var text = await TextAsync(message, cancellationToken);
            sections.Add(new Section($"{author}: {text}", workspace.LinkTo(channel, first.Ts, message.Ts)));
            if (!owners.Contains(author))
            {
                owners.Add(author);
            }
        }

        if (sections.Count == 0)
        {
            return new ReadItem.Deleted(IdOf(channel, first.Ts));
        }

        var times = messages.SelectMany(message => new[] { TimeOf(message.Ts), TimeOf(message.Edited?.Ts) });
        var opening = await TextAsync(first, cancellationToken);
        return new ReadItem.Found(
            new Document
            {
                Id = IdOf(channel, first.Ts),
                Title = $"{owners[0]} in #{channel.Name ?? channel.Id}: {Beginning(opening)}",
                Link = workspace.LinkTo(channel, first.Ts, first.Ts),
                Sections = sections,
                Version = version,
                CreatedAt = TimeOf(first.Ts),
                UpdatedAt = times.Max(),
                PrimaryOwners = [owners[0]],
                SecondaryOwners = [.. owners.Skip(1)],
                Metadata = new Dictionary<string, MetadataValue>(Facts(channel))
                {
                    ["reply_count"] = string.Create(CultureInfo.InvariantCulture, $"{messages.Count - 1}"),
                    ["participants"] = MetadataValue.FromList(owners.Select(owner => owner.ToString())),
                },
                Access = await AccessAsync(channel, cancellationToken),
            }
        );
    }

    private async Task<IReadOnlyList<SlackMessage>> RepliesAsync(
        SlackChannel channel,
        string thread,
        CancellationToken cancellationToken
    )
    {
        var messages = new List<SlackMessage>();
        var pages = api.MessagesAsync(
            "conversations.replies",
            cancellationToken,
            ("channel", channel.Id),
            ("ts", thread),
            ("limit", RepliesPerPage)
        );
        await foreach (var page in pages)
        {
            // Some pages begin with the thread's first message again.
            messages.AddRange(messages.Count == 0 ? page : page.Where(message => message.Ts != thread));
            if (messages.Count >= MostMessages)
            {
                break;
            }
        }

        return messages.Count > 0
            ? messages
            : throw new SourceException(
                FailureKind.Source,
                "Slack's conversations.replies answered a thread without messages. The next run tries again."
            );
    }

    private async Task<Owner> AuthorAsync(SlackMessage message, CancellationToken cancellationToken) =>
        message is { User: { Length: > 0 } user, BotProfile: null, Username: null }
            ? await people.FindAsync(user, cancellationToken)
            : new Owner(message.Username ?? message.BotProfile?.Name ?? message.User ?? message.BotId ?? "Somebody");

    private async Task<string> TextAsync(SlackMessage message, CancellationToken cancellationToken)
    {
        var mrkdwn = SlackBlocks.TextOf(message);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match mention in Mention().Matches(mrkdwn))
        {
            var id = mention.Groups["id"].Value;
            var name =
                mention.Groups["kind"].Value == "@"
                    ? (await people.FindAsync(id, cancellationToken)).ToString()
                    : await people.GroupAsync(id, cancellationToken);
            names.TryAdd(id, name ?? id);
        }

        var text = SlackMarkup.ToMarkdown(mrkdwn, names.GetValueOrDefault);
        var files = (message.Files ?? []).Where(file => file?.Id is not null).Select(file => file.Label).ToList();
        return files.Count == 0 ? text : $"{text}\n\n{string.Join('\n', files.Select(name => $"📎 {name}"))}".Trim();
    }

    /// <summary>Everybody for public channels (guests are not told apart), the members of private ones.</summary>
    private async Task<DocumentAccess> AccessAsync(SlackChannel channel, CancellationToken cancellationToken)
    {
        if (channel.IsPrivate != true)
        {
            return new DocumentAccess(true, [], []);
        }

        if (_access is { } known && known.Channel == channel.Id)
        {
            return known.Access;
        }

        var users = new List<string>();
        var pages = api.PagesAsync(
            "conversations.members",
            SlackJson.Default.MembersAnswer,
            cancellationToken,
            ("channel", channel.Id),
            ("limit", RepliesPerPage)
        );
        await foreach (var page in pages)
        {
            var members = page.Body.Members ?? throw SlackApi.Incomplete("conversations.members");
            foreach (var member in members.OfType<string>())
            {
                if ((await people.FindAsync(member, cancellationToken)).Email is { Length: > 0 } email)
                {
                    users.Add(email);
                }
            }

            if (users.Count >= MostMembers)
            {
                break;
            }
        }

        var access = new DocumentAccess(false, users, [$"slack_{channel.Id}"]);
        _access = (channel.Id, access);
        return access;
    }

    private static Dictionary<string, MetadataValue> Facts(SlackChannel channel) =>
        new()
        {
            ["channel"] = channel.Name ?? channel.Id,
            ["channel_id"] = channel.Id,
            ["is_private"] = channel.IsPrivate == true ? "true" : "false",
        };

    private static Uri AddressOf(SlackFile file) =>
        Uri.TryCreate(file.Address, UriKind.Absolute, out var address) && address.Scheme is "https" or "http"
            ? address
            : throw new SourceException(FailureKind.Source, $"Slack gives no address for the file '{file.Label}'.");

    private static string Beginning(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (line.Length <= TitleLength)
        {
            return line;
        }

        var end = char.IsHighSurrogate(line[TitleLength - 1]) ? TitleLength - 1 : TitleLength;
        return line[..end].TrimEnd() + "…";
    }

    [GeneratedRegex(@"<(?<kind>@|!subteam\^)(?<id>[A-Z0-9]+)>")]
    private static partial Regex Mention();
}
