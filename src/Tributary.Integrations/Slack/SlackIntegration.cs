using System.ComponentModel;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Slack;

/// <summary>Threads of a Slack workspace's channels.</summary>
public sealed class SlackIntegration : Integration<SlackConfig, SlackCredentials>
{
    private const string FilesHost = "https://files.slack.com";
    private const string GovernmentFilesHost = "https://files.slack-gov.com";

    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "slack",
            Name = "Slack",
            Description = "Threads of public and private channels with their files, one document for each thread.",
            Category = IntegrationCategory.Communication,
            AuthKinds = ["api_key", "oauth2"],
            VendorLimits = [new RateLimit(RateUnit.Minute, 50)],
            Capabilities = new IntegrationCapabilities
            {
                Incremental = true,
                Permissions = true,
                DeepLinks = true,
            },
            OAuth = new OAuthFacts
            {
                AuthorizeUrl = "https://slack.com/oauth/v2/authorize",
                TokenUrl = "https://slack.com/api/oauth.v2.access",
                Scopes =
                [
                    "channels:read",
                    "channels:history",
                    "channels:join",
                    "groups:read",
                    "groups:history",
                    "users:read",
                    "users:read.email",
                    "usergroups:read",
                    "team:read",
                    "files:read",
                ],
                ScopeSeparator = ",",
                UsesPkce = false,
                AccessTokenMember = "slack_bot_token",
                RefreshTokenMember = "slack_refresh_token",
                ExpiresAtMember = "expires_at",
            },
            Documentation = """
                Make an app of your own at https://api.slack.com/apps (*From scratch*, in your workspace). Under
                *OAuth & Permissions* add these bot token scopes: `channels:read`, `channels:history`, `channels:join`,
                `groups:read`, `groups:history`, `users:read`; `users:read.email` for e-mail addresses and permissions,
                `files:read` for files, `usergroups:read` for the names of groups. Install the app and copy the
                *Bot User OAuth Token* (`xoxb-…`). An app of one's own keeps Slack's usual limits; since May 2025 an app that
                is sold outside Slack's Marketplace gets one request a minute.

                Public channels are joined in order to read them, unless *join_public_channels* is off. A private channel
                is read once somebody has invited the app there (`/invite @app`), with all of its past.

                A thread is one document with one section for each message; a message without replies is a thread, too.
                Files of a thread's first message are documents of their own. Direct messages are never read.

                A refresh reads what was posted since the last one and looks again at the threads of 30 days before that. In
                Slack an edited reply does not move its thread: it is seen when the thread gets another reply, or when
                everything is read again.
                """,
        };

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(SlackConfig config, SlackCredentials credentials) =>
        (
            string.IsNullOrWhiteSpace(credentials.SlackRefreshToken)
                ? Authentication.Bearer(config.Root.AbsoluteUri, credentials.SlackBotToken)
                : Authentication.Token(
                    config.Root.AbsoluteUri,
                    TokenGrant.OAuth(
                        Manifest.OAuth! with
                        {
                            TokenUrl = config.Root.At($"oauth.v2.access").AbsoluteUri,
                        },
                        // Slack does not refuse an old token with 401: one of unknown age is renewed before it is used.
                        credentials.ExpiresAt
                            is null
                            ? null
                            : credentials.SlackBotToken,
                        credentials.SlackRefreshToken,
                        credentials.ExpiresAt is { } seconds
                            ? DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, 0, uint.MaxValue))
                            : null
                    )
                )
        ).AlsoFor(FilesHost, GovernmentFilesHost);

    /// <inheritdoc />
    protected override IReader CreateReader(ReaderContext context, SlackConfig config, SlackCredentials credentials) =>
        new SlackReader(context, config);
}

/// <summary>Which channels.</summary>
public sealed record SlackConfig : IValidatable
{
    /// <summary>Channels to read.</summary>
    [Description("Names of channels to read. None reads all that the app can see.")]
    [Example("engineering")]
    public IReadOnlyList<string> Channels { get; init; } = [];

    /// <summary>Whether they are patterns.</summary>
    [Description("The channels are regular expressions that have to match the whole name.")]
    public bool ChannelRegexEnabled { get; init; }

    /// <summary>Channels to leave out.</summary>
    [Description("Names of channels to leave out, even where they are among those to read.")]
    [Example("random")]
    public IReadOnlyList<string> ExcludeChannels { get; init; } = [];

    /// <summary>Whether they are patterns.</summary>
    [Description("The channels to leave out are regular expressions that have to match the whole name.")]
    public bool ExcludeChannelRegexEnabled { get; init; }

    /// <summary>Alerts and feeds.</summary>
    [Description("Read what bots and apps have posted, too.")]
    public bool IncludeBotMessages { get; init; }

    /// <summary>Whether to join.</summary>
    [Description("Join public channels in order to read them. Off reads only channels that the app was invited to.")]
    [Advanced]
    public bool JoinPublicChannels { get; init; } = true;

    /// <summary>The API.</summary>
    [Description("Address of the API, for GovSlack (https://slack-gov.com/api) and gateways.")]
    [Advanced]
    public string ApiBaseUrl { get; init; } = "https://slack.com/api";

    internal Uri Root => ApiAddress.Parse(ApiBaseUrl);

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (ApiAddress.Problem(ApiBaseUrl) is { } problem)
        {
            yield return SettingsProblem.Of("api_base_url", problem);
        }

        foreach (
            var (member, patterns) in new[]
            {
                ("channels", ChannelRegexEnabled ? Channels : []),
                ("exclude_channels", ExcludeChannelRegexEnabled ? ExcludeChannels : []),
            }
        )
        {
            foreach (var pattern in patterns)
            {
                if (ChannelFilter.ProblemOf(pattern) is { } wrong)
                {
                    yield return SettingsProblem.Of(member, wrong);
                }
            }
        }
    }
}

/// <summary>A token of an app that is installed in the workspace.</summary>
public sealed record SlackCredentials
{
    /// <summary>The token.</summary>
    [Description("Bot User OAuth Token (xoxb-…) from the app's page 'OAuth & Permissions'.")]
    [Example("xoxb-…")]
    [Secret]
    public required string SlackBotToken { get; init; }

    /// <summary>Renews it.</summary>
    [Description("Refresh token (xoxe-…), for apps whose token rotation is on.")]
    [Secret]
    [Advanced]
    public string? SlackRefreshToken { get; init; }

    /// <summary>When it ends.</summary>
    [Description("When the bot token expires, in seconds since 1970, for apps whose token rotation is on.")]
    [Advanced]
    public long? ExpiresAt { get; init; }
}
