using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Tributary.Integrations.MicrosoftGraph;

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

internal sealed record ChatIdentity(string? Id, string? DisplayName, string? UserIdentityType)
{
    /// <summary>Not a guest's of another tenant, and not a caller's.</summary>
    public bool IsOfTheTenant => Id is not null && UserIdentityType is (null or "aadUser");
}

internal sealed record TeamsUser(string Id, string? DisplayName, string? Mail, string? UserPrincipalName)
{
    public string? Address => Mail ?? UserPrincipalName;

    public string Name => DisplayName ?? Address ?? Id;
}

internal sealed record Transcript(
    string Id,
    string? MeetingId,
    DateTimeOffset? CreatedDateTime,
    DateTimeOffset? EndDateTime
)
{
    public string DocumentId => $"teams-transcript:{Id}";

    public string Version => string.Create(CultureInfo.InvariantCulture, $"{EndDateTime ?? CreatedDateTime:O}");
}

internal sealed record MeetingParticipant(string? Upn);

internal sealed record MeetingParticipants(MeetingParticipant? Organizer, IReadOnlyList<MeetingParticipant>? Attendees)
{
    public IEnumerable<MeetingParticipant> All => (Attendees ?? []).Append(Organizer).OfType<MeetingParticipant>();
}

internal sealed record OnlineMeeting(string? Subject, string? JoinWebUrl, MeetingParticipants? Participants);

internal sealed record MeetingInfo(ChatIdentity? Organizer);

internal sealed record MeetingChat(
    string Id,
    string? Topic,
    string? ChatType,
    string? WebUrl,
    DateTimeOffset? CreatedDateTime,
    DateTimeOffset? LastUpdatedDateTime,
    MeetingInfo? OnlineMeetingInfo
)
{
    public string DocumentId => $"teams-chat:{Id}";

    public string Name => string.IsNullOrWhiteSpace(Topic) ? "Meeting chat" : Topic.Trim();

    /// <summary>A meeting's, that this user has organized.</summary>
    public bool IsMeetingOf(TeamsUser user) =>
        ChatType == "meeting" && (OnlineMeetingInfo?.Organizer?.Id is not { } organizer || organizer == user.Id);

    /// <summary>The chat's own time tells of its name and its members, not of its messages.</summary>
    public string VersionWith(DateTimeOffset? newest) =>
        string.Create(CultureInfo.InvariantCulture, $"{LastUpdatedDateTime:O} {newest:O}");
}

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
[JsonSerializable(typeof(TeamsUser))]
[JsonSerializable(typeof(OnlineMeeting))]
[JsonSerializable(typeof(GraphCollection<Transcript>))]
[JsonSerializable(typeof(GraphCollection<MeetingChat>))]
[JsonSerializable(typeof(ChatMessage))]
[JsonSerializable(typeof(DriveItem))]
[JsonSerializable(typeof(GraphCollection<DriveItem>))]
[JsonSerializable(typeof(GraphCollection<Team>))]
[JsonSerializable(typeof(GraphCollection<Channel>))]
[JsonSerializable(typeof(GraphCollection<ChannelMember>))]
[JsonSerializable(typeof(GraphCollection<ChatMessage>))]
internal sealed partial class TeamsJson : JsonSerializerContext;
