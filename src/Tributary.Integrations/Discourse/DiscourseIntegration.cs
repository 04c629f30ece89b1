using System.ComponentModel;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Discourse;

/// <summary>Topics of a forum that runs Discourse.</summary>
public sealed class DiscourseIntegration : Integration<DiscourseConfig, DiscourseCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "discourse",
            Name = "Discourse",
            Description =
                "Topics of a Discourse forum with all their posts: the whole forum, or categories with what is below them.",
            Category = IntegrationCategory.Support,
            AuthKinds = ["none", "api_key"],
            VendorLimits = [new RateLimit(RateUnit.Minute, 60, RateStrategy.Spread)],
            Capabilities = new IntegrationCapabilities
            {
                Incremental = true,
                Permissions = true,
                DeepLinks = true,
            },
            Documentation = """
                A public forum needs no credentials. For one that asks for a login, make a key at `/admin/api/keys`: for all
                users with the username `system`, or for a single user, who then decides what is read. The scopes
                *topics: read and read_lists*, *posts: list* and *categories: list and show* are enough.

                Private messages, whispers and deleted posts are never read. Who may see a category is known only to a key
                that may list its permissions; without one, topics of restricted categories are shown to nobody.

                A refresh reads the topics with new replies, and those whose last post was edited. An edit of an earlier post
                does not move a topic in Discourse: it is seen when the topic moves, or when everything is read again.
                """,
        };

    /// <inheritdoc />
    public override IReadOnlyList<IntegrationAction> Actions =>
        [
            SearchAction("topics", "Searches topics and their posts by the forum's own search."),
            GetAction("topic", "Reads one topic with its posts, by its number."),
        ];

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(DiscourseConfig config, DiscourseCredentials credentials) =>
        // Empty headers are refused, so a forum without a key gets none.
        credentials is { DiscourseApiKey: { Length: > 0 } key, DiscourseApiUsername: { Length: > 0 } user }
            ? Authentication.Headers(config.Root.AbsoluteUri, ("Api-Key", key), ("Api-Username", user))
            : Authentication.None;

    /// <inheritdoc />
    protected override IReader CreateReader(
        ReaderContext context,
        DiscourseConfig config,
        DiscourseCredentials credentials
    ) => new DiscourseReader(context, config);
}

/// <summary>Which forum, and what of it.</summary>
public sealed record DiscourseConfig : IValidatable
{
    /// <summary>The forum.</summary>
    [Description("The forum's address, with its folder where it has one.")]
    [Example("https://forum.example.com")]
    public required string BaseUrl { get; init; }

    /// <summary>Categories.</summary>
    [Description("Names of categories to read, with those below them. None reads all.")]
    [Example("Support")]
    public IReadOnlyList<string> Categories { get; init; } = [];

    internal Uri Root => ApiAddress.Parse(BaseUrl);

    internal IReadOnlyList<string> Names => [.. Categories.Select(name => name.Trim()).Where(name => name.Length > 0)];

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (ApiAddress.Problem(BaseUrl) is { } problem)
        {
            yield return SettingsProblem.Of("base_url", problem);
        }
    }
}

/// <summary>Whose eyes read the forum; empty for the public's.</summary>
public sealed record DiscourseCredentials : IValidatable
{
    /// <summary>The key.</summary>
    [Description("API key from the forum's /admin/api/keys. Empty reads what the public sees.")]
    [Secret]
    public string? DiscourseApiKey { get; init; }

    /// <summary>The user.</summary>
    [Description("User that the key acts as: 'system' for a key of all users, else the key's owner.")]
    [Example("system")]
    public string? DiscourseApiUsername { get; init; }

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (string.IsNullOrEmpty(DiscourseApiKey) != string.IsNullOrEmpty(DiscourseApiUsername))
        {
            yield return SettingsProblem.Of(
                "discourse_api_username",
                "Should be given together with discourse_api_key, or neither"
            );
        }
    }
}
