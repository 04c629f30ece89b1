using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tributary.Integrations.Slack;

/// <summary>What every answer has: Slack tells of failures in answers with the status 200.</summary>
internal abstract record SlackAnswer
{
    public bool Ok { get; init; }

    public string? Error { get; init; }

    /// <summary>The missing scope.</summary>
    public string? Needed { get; init; }

    public ResponseMetadata? ResponseMetadata { get; init; }
}

internal sealed record ResponseMetadata(string? NextCursor);

internal sealed record AuthTest : SlackAnswer
{
    public string? Url { get; init; }

    public string? TeamId { get; init; }

    public string? BotId { get; init; }

    public bool? IsEnterpriseInstall { get; init; }
}

internal sealed record TeamsAnswer : SlackAnswer
{
    public IReadOnlyList<SlackTeam>? Teams { get; init; }
}

internal sealed record SlackTeam(string Id);

internal sealed record ChannelsAnswer : SlackAnswer
{
    public IReadOnlyList<SlackChannel>? Channels { get; init; }
}

internal sealed record SlackChannel(
    string Id,
    string? Name,
    bool? IsPrivate,
    bool? IsArchived,
    bool? IsMember,
    bool? IsIm,
    bool? IsMpim
);

internal sealed record JoinAnswer : SlackAnswer;

internal sealed record MembersAnswer : SlackAnswer
{
    public IReadOnlyList<string>? Members { get; init; }
}

internal sealed record MessagesAnswer : SlackAnswer
{
    public IReadOnlyList<SlackMessage>? Messages { get; init; }

    public bool? HasMore { get; init; }
}

internal sealed record SlackMessage(
    string Ts,
    string? ThreadTs,
    int? ReplyCount,
    string? LatestReply,
    string? Subtype,
    string? User,
    string? Username,
    string? BotId,
    string? AppId,
    BotProfile? BotProfile,
    string? Text,
    JsonElement? Blocks,
    JsonElement? Attachments,
    IReadOnlyList<SlackFile>? Files,
    SlackEdit? Edited
)
{
    private static readonly HashSet<string> Noise =
    [
        "channel_join",
        "channel_leave",
        "channel_archive",
        "channel_unarchive",
        "channel_name",
        "channel_topic",
        "channel_purpose",
        "channel_posting_permissions",
        "channel_canvas_updated",
        "channel_convert_to_private",
        "channel_convert_to_public",
        "group_join",
        "group_leave",
        "group_archive",
        "group_unarchive",
        "group_name",
        "group_topic",
        "group_purpose",
        "pinned_item",
        "unpinned_item",
        "bot_add",
        "bot_remove",
        "ekm_access_denied",
        "message_deleted",
    ];

    /// <summary>A reply that was also sent to the channel: it belongs to its thread.</summary>
    [JsonIgnore]
    public bool IsReply => ThreadTs is { Length: > 0 } thread && thread != Ts;

    /// <summary>What is left of a deleted message that has replies.</summary>
    [JsonIgnore]
    public bool IsTombstone => Subtype == "tombstone";

    [JsonIgnore]
    public bool IsOfBot => Subtype == "bot_message" || BotId is { Length: > 0 } || AppId is { Length: > 0 };

    /// <summary>Its state, as far as the channel's history tells it.</summary>
    [JsonIgnore]
    public string Version =>
        string.Create(CultureInfo.InvariantCulture, $"{Edited?.Ts}|{ReplyCount ?? 0}|{LatestReply}");

    /// <summary>Somebody's words.</summary>
    public bool IsWanted(bool withBots) => !IsTombstone && !Noise.Contains(Subtype ?? "") && (withBots || !IsOfBot);
}

internal sealed record BotProfile(string? Name);

internal sealed record SlackEdit(string? Ts);

internal sealed record SlackFile(
    string Id,
    string? Name,
    string? Title,
    string? Mimetype,
    string? Mode,
    long? Size,
    long? Created,
    long? Updated,
    string? User,
    string? UrlPrivate,
    string? UrlPrivateDownload,
    string? Permalink
)
{
    /// <summary>It is Slack's own, and may hold text: no link to another service, nothing deleted, no film.</summary>
    [JsonIgnore]
    public bool IsReadable =>
        Mode is null or "hosted" or "snippet" or "canvas" or "quip" or "docs" or "post"
        && Address is not null
        && Mimetype?.Split('/')[0] is not ("video" or "audio");

    [JsonIgnore]
    public string? Address => UrlPrivateDownload ?? UrlPrivate;

    [JsonIgnore]
    public string Label => Title is { Length: > 0 } ? Title : Name ?? Id;
}

internal sealed record UsersAnswer : SlackAnswer
{
    public IReadOnlyList<SlackUser>? Members { get; init; }
}

internal sealed record UserAnswer : SlackAnswer
{
    public SlackUser? User { get; init; }
}

internal sealed record SlackUser(string Id, string? Name, string? RealName, SlackProfile? Profile)
{
    [JsonIgnore]
    public string ShownName =>
        new[] { Profile?.DisplayName, Profile?.RealName, RealName, Name }.FirstOrDefault(name =>
            !string.IsNullOrWhiteSpace(name)
        )
        ?? Id;
}

internal sealed record SlackProfile(string? DisplayName, string? RealName, string? Email);

internal sealed record GroupsAnswer : SlackAnswer
{
    public IReadOnlyList<SlackGroup>? Usergroups { get; init; }
}

internal sealed record SlackGroup(string Id, string? Handle, string? Name);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AuthTest))]
[JsonSerializable(typeof(TeamsAnswer))]
[JsonSerializable(typeof(ChannelsAnswer))]
[JsonSerializable(typeof(JoinAnswer))]
[JsonSerializable(typeof(MembersAnswer))]
[JsonSerializable(typeof(MessagesAnswer))]
[JsonSerializable(typeof(UsersAnswer))]
[JsonSerializable(typeof(UserAnswer))]
[JsonSerializable(typeof(GroupsAnswer))]
internal sealed partial class SlackJson : JsonSerializerContext;
