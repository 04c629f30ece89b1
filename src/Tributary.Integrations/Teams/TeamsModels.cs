using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Integrations.SharePoint;

namespace Tributary.Integrations.Teams;

internal sealed record Team(string Id, string? DisplayName, string? TenantId)
{
    public string Name => DisplayName ?? Id;
}

internal sealed partial record Channel(
    string Id,
    string? DisplayName,
    string? MembershipType,
    string? TenantId,
    [property: JsonPropertyName("@odata.id")] string? Address
)
{
    public bool IsShared => MembershipType is "shared" or "unknownFutureValue";

    /// <summary>The team that hosts it, which for an incoming shared channel is another one.</summary>
    public string HostOf(Team team) =>
        Address is not null && Host().Match(Address) is { Success: true } match ? match.Groups[1].Value : team.Id;

    [GeneratedRegex(@"/teams(?:/|\(')([0-9A-Fa-f-]{36})(?:'\))?/(?:channels|allChannels|incomingChannels)")]
    private static partial Regex Host();
}

internal sealed record ChannelMember(string? UserId, string? Email, string? DisplayName);

internal sealed record ChatBody(string? ContentType, string? Content);

internal sealed record ChatIdentity(string? Id, string? DisplayName);

internal sealed record ChatFrom(ChatIdentity? User, ChatIdentity? Application, ChatIdentity? Device)
{
    public ChatIdentity? Any => User ?? Application ?? Device;
}

internal sealed record ChatAttachment(string? ContentType, string? Content, string? Name, string? ContentUrl);

internal sealed record ChatMessage(
    string Id,
    string? ReplyToId,
    string? MessageType,
    DateTimeOffset? CreatedDateTime,
    DateTimeOffset? LastModifiedDateTime,
    DateTimeOffset? DeletedDateTime,
    string? Subject,
    ChatBody? Body,
    ChatFrom? From,
    string? WebUrl,
    IReadOnlyList<ChatAttachment>? Attachments,
    IReadOnlyList<ChatMessage>? Replies,
    [property: JsonPropertyName("replies@odata.nextLink")] string? MoreReplies
)
{
    private const string Unknown = "Unknown User";

    /// <summary>Neither deleted nor of the system's own.</summary>
    public bool IsLive => DeletedDateTime is null && MessageType is (null or "message");

    /// <summary>The post that it belongs to.</summary>
    public string RootId => ReplyToId ?? Id;

    public string Author => From?.Any?.DisplayName is { Length: > 0 } name ? name : Unknown;

    public DateTimeOffset? ChangedAt =>
        DeletedDateTime > LastModifiedDateTime || LastModifiedDateTime is null
            ? DeletedDateTime ?? CreatedDateTime
            : LastModifiedDateTime;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Team))]
[JsonSerializable(typeof(ChatMessage))]
[JsonSerializable(typeof(DriveItem))]
[JsonSerializable(typeof(GraphCollection<Team>))]
[JsonSerializable(typeof(GraphCollection<Channel>))]
[JsonSerializable(typeof(GraphCollection<ChannelMember>))]
[JsonSerializable(typeof(GraphCollection<ChatMessage>))]
internal sealed partial class TeamsJson : JsonSerializerContext;
