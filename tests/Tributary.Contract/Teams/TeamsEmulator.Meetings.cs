using System.Globalization;
using System.Text.Json.Nodes;
using Tributary.Contract.Emulators;

namespace Tributary.Contract.Teams;

/// <summary>A transcript of one of Ada's meetings.</summary>
public sealed record EmulatedTranscript(string Id, DateTimeOffset Created, string Vtt);

public sealed partial class TeamsEmulator
{
    public const string MeetingChat = "19:meeting_weekly@thread.v2";
    private const string Meeting = "MSpweekly";
    private const string Picture = "aWQ9eF8wLXd1cw==";

    /// <summary>Posts with a picture in them, that their replies have, too.</summary>
    public HashSet<int> Pictured { get; } = [];

    /// <summary>People who are no members any more.</summary>
    public HashSet<int> Left { get; } = [];

    /// <summary>What was said in Ada's meetings.</summary>
    public List<EmulatedTranscript> Transcripts { get; } = [];

    /// <summary>What was written in the chat of Ada's weekly meeting.</summary>
    public List<(int Author, string Text, DateTimeOffset At)> Written { get; } = [];

    /// <summary>The status that tells that no policy opens the meetings; 0 for none.</summary>
    public int PolicyStatus { get; set; }

    private void MapMeetings(EmulatorRoutes routes)
    {
        routes.Get("/v1.0/users/{user}", UserOf);
        routes.Get(
            "/v1.0/users/{user}/onlineMeetings/getAllTranscripts(meetingOrganizerUserId='{organizer}',startDateTime={start},endDateTime={end})",
            TranscriptsOf
        );
        routes.Get(
            "/v1.0/users/{user}/onlineMeetings/{meeting}",
            call => call["meeting"] == Meeting ? EmulatorAnswer.Json(MeetingOf()) : NotFound()
        );
        routes.Get(
            "/v1.0/users/{user}/onlineMeetings/{meeting}/transcripts/{id}/content",
            call =>
                call.Query("$format") == "text/vtt"
                && Transcripts.SingleOrDefault(item => item.Id == call["id"]) is { } found
                    ? EmulatorAnswer.Text(found.Vtt, "text/vtt")
                    : NotFound()
        );
        routes.Get("/v1.0/users/{user}/chats", ChatsOf);
        routes.Get("/v1.0/chats/{chat}/messages", ChatMessagesOf);
        routes.Get(
            "/v1.0/chats/{chat}/members",
            call => Page(call, new[] { 1, 3 }, id => GuidOf(id), id => MemberOf(Company.PersonOf(id)))
        );
        routes.Get(
            "/v1.0/teams/{team}/channels/{channel}/messages/{id}/hostedContents/{hosted}/$value",
            call => With(call, place => PictureOf(call, place))
        );
        routes.Get(
            "/v1.0/teams/{team}/channels/{channel}/messages/{id}/replies/{reply}/hostedContents/{hosted}/$value",
            call => With(call, place => PictureOf(call, place))
        );
    }

    private EmulatorAnswer UserOf(EmulatorCall call) =>
        Company.People.SingleOrDefault(person => call["user"] == GuidOf(person.Id) || call["user"] == person.Email)
            is not { IsActive: true } found
            ? NotFound()
            : EmulatorAnswer.Json(
                Selected(
                    call,
                    new
                    {
                        id = GuidOf(found.Id),
                        displayName = found.Name,
                        mail = found.Email,
                        userPrincipalName = found.Email,
                    }
                )
            );

    private EmulatorAnswer TranscriptsOf(EmulatorCall call)
    {
        if (PolicyStatus > 0)
        {
            return Error(PolicyStatus, "Forbidden", "No application access policy found for this app.");
        }

        var start = DateTimeOffset.Parse(call["start"], CultureInfo.InvariantCulture);
        return Page(
            call,
            call["organizer"] == GuidOf(1) ? Transcripts.Where(item => item.Created >= start) : [],
            item => item.Id,
            item =>
                EmulatorAnswer.Sparse(
                    new
                    {
                        id = item.Id,
                        meetingId = Meeting,
                        createdDateTime = item.Created,
                        endDateTime = item.Created.AddHours(1),
                    }
                )
        );
    }

    private JsonObject MeetingOf() =>
        EmulatorAnswer.Sparse(
            new
            {
                id = Meeting,
                subject = "Weekly",
                joinWebUrl = "https://teams.microsoft.com/l/meetup-join/weekly",
                participants = new
                {
                    organizer = new { upn = Company.PersonOf(1).Email },
                    attendees = new[] { new { upn = "Hanako@example.com" } },
                },
            }
        );

    private EmulatorAnswer ChatsOf(EmulatorCall call)
    {
        (string Id, string Type, int Organizer)[] chats =
        [
            (MeetingChat, "meeting", 1),
            ("19:meeting_other@thread.v2", "meeting", 4),
            ("19:lunch@thread.v2", "group", 0),
        ];
        return Page(
            call,
            chats,
            chat => chat.Id,
            chat =>
                EmulatorAnswer.Sparse(
                    new
                    {
                        id = chat.Id,
                        topic = chat.Id == MeetingChat ? "Weekly" : null,
                        chatType = chat.Type,
                        lastUpdatedDateTime = new DateTimeOffset(2025, 1, 10, 8, 0, 0, TimeSpan.Zero),
                        webUrl = "https://teams.microsoft.com/l/chat/weekly",
                        onlineMeetingInfo = chat.Organizer == 0
                            ? null
                            : new { organizer = new { id = GuidOf(chat.Organizer) } },
                    }
                )
        );
    }

    private EmulatorAnswer ChatMessagesOf(EmulatorCall call)
    {
        if (call.Query("$orderby") != "lastModifiedDateTime desc")
        {
            return Error(400, "BadRequest", "$orderby is needed.");
        }

        var written = call["chat"] == MeetingChat ? Written : [];
        return Page(
            call,
            written,
            message => $"{long.MaxValue - message.At.UtcTicks:D20}",
            message =>
                MessageOf(
                    $"{message.At.ToUnixTimeMilliseconds()}",
                    null,
                    message.Text,
                    message.Author,
                    message.At,
                    message.At,
                    null
                )
        );
    }

    private EmulatorAnswer PictureOf(EmulatorCall call, Place place) =>
        Find(call, place) is { } item && Pictured.Contains(item.Id) && call["hosted"] == Picture
            ? EmulatorAnswer.File([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "application/octet-stream")
            : NotFound();

    private void Paste(JsonObject message, string channel, string path)
    {
        var address =
            $"{Root.AbsoluteUri.TrimEnd('/')}/v1.0/teams/{TeamId}/channels/{channel}/messages/{path}/hostedContents/{Picture}/$value";
        message["body"]!["content"] =
            message["body"]!["content"]!.GetValue<string>() + $"""<p><img alt="x" src="{address}" width="9"></p>""";
    }
}
