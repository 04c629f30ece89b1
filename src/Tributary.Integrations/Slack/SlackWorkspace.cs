using System.Runtime.CompilerServices;
using Tributary.Sdk;

namespace Tributary.Integrations.Slack;

/// <summary>A workspace as a token sees it: its address, its teams and the channels that are to be read.</summary>
internal sealed class SlackWorkspace(SlackApi api, SlackConfig config, AuthTest identity, IReadOnlyList<string>? scopes)
{
    private const int ChannelsPerPage = 200;
    private readonly ChannelFilter _filter = new(config);

    /// <summary>Teams to name in requests: those of an organisation's token; null for that of a workspace, which needs no name.</summary>
    public IReadOnlyList<string?> Teams { get; private set; } = [null];

    /// <summary>Whether files may be read; assumed where Slack does not tell.</summary>
    public bool ReadsFiles => scopes?.Contains("files:read") ?? true;

    /// <summary>A bot sees public channels from within alone; a person's token must not enter any.</summary>
    private bool MustJoin => identity.BotId is { Length: > 0 };

    public static async Task<SlackWorkspace> OpenAsync(
        SlackApi api,
        SlackConfig config,
        CancellationToken cancellationToken
    )
    {
        var (identity, scopes) = await api.IdentifyAsync(cancellationToken);
        var workspace = new SlackWorkspace(api, config, identity, scopes);
        if (identity.IsEnterpriseInstall == true)
        {
            var teams = new List<string?>();
            var pages = api.PagesAsync(
                "auth.teams.list",
                SlackJson.Default.TeamsAnswer,
                cancellationToken,
                ("limit", ChannelsPerPage)
            );
            await foreach (var page in pages)
            {
                teams.AddRange(
                    (page.Body.Teams ?? throw SlackApi.Incomplete("auth.teams.list"))
                        .Select(team => team?.Id)
                        .OfType<string>()
                );
            }

            workspace.Teams = teams;
        }

        return workspace;
    }

    /// <summary>Where a message stands.</summary>
    public string LinkTo(SlackChannel channel, string thread, string ts) =>
        $"{(identity.Url ?? "https://slack.com/").TrimEnd('/')}/archives/{channel.Id}/p{ts.Replace(".", "", StringComparison.Ordinal)}"
        + (ts == thread ? "" : $"?thread_ts={thread}&cid={channel.Id}");

    /// <summary>The channels that are to be read, by id. What is kept is little, also in workspaces with ten thousand of them.</summary>
    /// <exception cref="SourceException">One that is named does not exist.</exception>
    public async Task<SortedDictionary<string, SlackChannel>> ChannelsAsync(CancellationToken cancellationToken)
    {
        var channels = new SortedDictionary<string, SlackChannel>(StringComparer.Ordinal);
        var missing = new HashSet<string>(_filter.Names, StringComparer.OrdinalIgnoreCase);
        await foreach (var channel in VisibleAsync(cancellationToken))
        {
            Strike(missing, channel);
            if (_filter.Takes(channel) && MayRead(channel))
            {
                channels[channel.Id] = channel;
            }
        }

        return missing.Count == 0 ? channels : throw Unknown(missing);
    }

    /// <summary>Makes sure that the token can read what is to be read, with as few requests as that takes.</summary>
    /// <exception cref="SourceException">It cannot.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var missing = new HashSet<string>(_filter.Names, StringComparer.OrdinalIgnoreCase);
        var samples = new Dictionary<bool, SlackChannel>();
        var mustJoin = false;
        var isAny = false;
        await foreach (var channel in VisibleAsync(cancellationToken))
        {
            Strike(missing, channel);
            if (_filter.Takes(channel) && MayRead(channel))
            {
                isAny = true;
                mustJoin |= channel.IsMember != true;
                if (channel.IsMember == true)
                {
                    samples.TryAdd(channel.IsPrivate == true, channel);
                }
            }

            // Listing thousands of channels takes minutes, and somebody is waiting.
            if (missing.Count == 0 && isAny && (samples.Count > 0 || mustJoin))
            {
                break;
            }
        }

        if (missing.Count > 0)
        {
            throw Unknown(missing);
        }

        if (!isAny && (config.Channels.Count > 0 || !config.JoinPublicChannels))
        {
            throw new SourceException(
                FailureKind.Configuration,
                "There is no channel to read: none that this app can see fits the settings. Invite the app to channels with /invite, "
                    + "or choose others."
            )
            {
                Member = "config.channels",
            };
        }

        if (mustJoin && MustJoin && scopes?.Contains("channels:join") == false)
        {
            throw new SourceException(
                FailureKind.Credentials,
                "The token lacks the scope 'channels:join', without which public channels cannot be read. Add it at "
                    + "https://api.slack.com/apps under OAuth & Permissions and install the app again, or turn join_public_channels off."
            )
            {
                Member = "credentials.slack_bot_token",
            };
        }

        foreach (var sample in samples.Values)
        {
            await api.GetAsync(
                "conversations.history",
                SlackJson.Default.MessagesAnswer,
                cancellationToken,
                ("channel", sample.Id),
                ("limit", 1)
            );
        }

        await api.GetAsync(
            "users.list",
            SlackJson.Default.UsersAnswer,
            cancellationToken,
            ("limit", 1),
            ("team_id", Teams is [var team, ..] ? team : null)
        );
    }

    /// <summary>Enters a channel where that is needed.</summary>
    /// <returns>Null, or why it cannot be read.</returns>
    public async Task<string?> EnterAsync(SlackChannel channel, CancellationToken cancellationToken)
    {
        if (channel.IsMember == true || !MustJoin)
        {
            return null;
        }

        if (channel.IsArchived == true)
        {
            return "an archived channel that the app was not in";
        }

        try
        {
            await api.JoinAsync(channel.Id, cancellationToken);
            return null;
        }
        catch (SourceException exception) when (SlackApi.ErrorOf(exception) is { } error && IsOfChannel(error))
        {
            return $"the app may not join the channel ({error})";
        }
    }

    /// <summary>Whether an error says that this one channel cannot be read.</summary>
    public static bool IsOfChannel(string? error) =>
        error
            is "channel_not_found"
                or "not_in_channel"
                or "is_archived"
                or "method_not_supported_for_channel_type"
                or "restricted_action"
                or "channel_is_limited_access"
                or "user_is_restricted"
                or "user_is_ultra_restricted";

    private bool MayRead(SlackChannel channel) =>
        channel.IsMember == true || (channel.IsPrivate != true && config.JoinPublicChannels);

    private static void Strike(HashSet<string> missing, SlackChannel channel)
    {
        missing.Remove(channel.Name ?? "");
        missing.Remove(channel.Id);
    }

    private async IAsyncEnumerable<SlackChannel> VisibleAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // "Only those that it is in" has a method of its own that is quick in large workspaces.
        var method = config.JoinPublicChannels ? "conversations.list" : "users.conversations";
        foreach (var team in Teams)
        {
            var pages = api.PagesAsync(
                method,
                SlackJson.Default.ChannelsAnswer,
                cancellationToken,
                ("types", "public_channel,private_channel"),
                ("exclude_archived", false),
                ("limit", ChannelsPerPage),
                ("team_id", team)
            );
            await foreach (var page in pages)
            {
                foreach (var channel in page.Body.Channels ?? throw SlackApi.Incomplete(method))
                {
                    if (channel?.Id is { Length: > 0 } && channel.IsIm != true && channel.IsMpim != true)
                    {
                        // The quick method does not say what goes without saying.
                        yield return config.JoinPublicChannels ? channel : channel with { IsMember = true };
                    }
                }
            }
        }
    }

    private static SourceException Unknown(HashSet<string> missing) =>
        new(
            FailureKind.Configuration,
            $"The workspace has no channel '{missing.First()}' that this app can see. Check the name; a private channel is seen once "
                + "the app was invited to it with /invite."
        )
        {
            Member = "config.channels",
        };
}
