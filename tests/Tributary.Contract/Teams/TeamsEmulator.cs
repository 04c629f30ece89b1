using System.Globalization;
using System.Text.Json.Nodes;
using Tributary.Contract.Emulators;
using Tributary.Contract.MicrosoftGraph;
using Tributary.Integrations.Teams;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Contract.Teams;

/// <summary>Microsoft Teams: one team whose channels are the places; items are posts, replies are replies.</summary>
public sealed partial class TeamsEmulator : GraphEmulator
{
    public const string TeamName = "O'Brien & Co";
    private static readonly string TeamId = GuidOf(900);

    /// <summary>What the team is called at the moment.</summary>
    public string Name { get; set; } = TeamName;

    /// <summary>Posts that a bot has made with a card.</summary>
    public HashSet<int> Bots { get; } = [];

    /// <summary>Channels that do not open, with the status.</summary>
    public Dictionary<int, int> Closed { get; } = [];

    /// <summary>The tenant that channels name.</summary>
    public int ChannelTenant { get; set; } = 1000;

    public override object Config =>
        new TeamsConfig
        {
            Teams = [TeamName],
            MaxWorkers = 1,
            AuthorityHost = Root.AbsoluteUri,
            GraphApiHost = Root.AbsoluteUri,
        };

    public override object Credentials =>
        new TeamsCredentials
        {
            TeamsClientId = ClientId,
            TeamsDirectoryId = Tenant,
            TeamsClientSecret = Secret,
        };

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new(
                "a wrong secret",
                Config,
                (TeamsCredentials)Credentials with
                {
                    TeamsClientSecret = "bad",
                },
                FailureKind.Credentials
            ),
            new("an unknown team", (TeamsConfig)Config with { Teams = ["Gardeners"] }, null, FailureKind.Configuration),
        ];

    public override void Equip(ReaderHarness harness) => harness.Html = Content.Html;

    protected override void MapGraph(EmulatorRoutes routes)
    {
        MapMeetings(routes);
        routes.Get("/v1.0/teams", TeamsOf);
        routes.Get(
            "/v1.0/teams/{team}",
            call => call["team"] == TeamId ? EmulatorAnswer.Json(TeamOf(call)) : NotFound()
        );
        routes.Get(
            "/v1.0/teams/{team}/allChannels",
            call => Page(call, Company.Places, place => ChannelOf(place), JsonOf)
        );
        routes.Get(
            "/v1.0/teams/{team}/channels",
            call => Page(call, Company.Places, place => ChannelOf(place), JsonOf)
        );
        routes.Get(
            "/v1.0/teams/{team}/channels/{channel}/members",
            call => With(call, place => MembersOf(call, place))
        );
        routes.Get(
            "/v1.0/teams/{team}/channels/{channel}/messages",
            call => With(call, place => MessagesOf(call, place))
        );
        routes.Get(
            "/v1.0/teams/{team}/channels/{channel}/messages/delta",
            call => With(call, place => DeltaOf(call, place))
        );
        routes.Get(
            "/v1.0/teams/{team}/channels/{channel}/messages/{id}/replies",
            call => With(call, place => RepliesOf(call, place))
        );
        routes.Get(
            "/v1.0/teams/{team}/channels/{channel}/messages/{id}",
            call => With(call, place => Find(call, place) is { } item ? EmulatorAnswer.Json(PostOf(item)) : NotFound())
        );
        routes.Get(
            "/v1.0/teams/{team}/channels/{channel}/filesFolder",
            call => With(call, place => EmulatorAnswer.Json(FolderOf(place)))
        );
        routes.Get("/v1.0/drives/{drive}/items/{folder}/delta", FilesOf);
        routes.Get(
            "/v1.0/drives/{drive}/items/{file}/content",
            call =>
                EmulatorAnswer.File(
                    Company
                        .Items.SelectMany(item => item.Attachments)
                        .Single(file => $"01FILE{file.Id}" == call["file"])
                        .Content,
                    "application/octet-stream"
                )
        );
    }

    private static string ChannelOf(Place place) => $"19:place{place.Id}@thread.tacv2";

    private static string IdOf(CompanyItem item) => $"{1_736_928_000_000 + item.Id}";

    private EmulatorAnswer With(EmulatorCall call, Func<Place, EmulatorAnswer> answer) =>
        Company.Places.SingleOrDefault(place => ChannelOf(place) == call["channel"]) is not { } found ? NotFound()
        : Closed.TryGetValue(found.Id, out var status)
            ? Error(status, "Forbidden", "Missing role permissions on the request.")
        : answer(found);

    private EmulatorAnswer TeamsOf(EmulatorCall call)
    {
        var filter = call.Query("$filter");
        var wanted = $"displayName eq '{Name.Replace("'", "''")}'";
        string[] teams = filter is null || wanted.Equals(filter, StringComparison.OrdinalIgnoreCase) ? [TeamId] : [];
        return Page(call, teams, id => id, _ => TeamOf(call));
    }

    private JsonObject TeamOf(EmulatorCall call) =>
        Selected(
            call,
            new
            {
                id = TeamId,
                displayName = Name,
                tenantId = GuidOf(1000),
            }
        );

    private JsonObject JsonOf(Place place) =>
        EmulatorAnswer.Sparse(
            new
            {
                id = ChannelOf(place),
                displayName = place.Name,
                membershipType = place.IsPrivate ? "private" : "standard",
                tenantId = GuidOf(ChannelTenant),
                webUrl = "https://teams.microsoft.com/l/channel/x",
            }
        );

    private EmulatorAnswer MembersOf(EmulatorCall call, Place place) =>
        Page(
            call,
            Company.People.Where(person =>
                !Left.Contains(person.Id) && (place.IsPrivate ? place.ReaderIds.Contains(person.Id) : person.IsActive)
            ),
            person => GuidOf(person.Id),
            MemberOf
        );

    private static JsonObject MemberOf(Person person) =>
        EmulatorAnswer.Sparse(
            new Dictionary<string, object>
            {
                ["@odata.type"] = "#microsoft.graph.aadUserConversationMember",
                ["id"] = $"member{person.Id}",
                ["userId"] = GuidOf(person.Id),
                ["displayName"] = person.Name,
                ["email"] = person.Email,
                ["roles"] = Array.Empty<string>(),
            }
        );

    private CompanyItem? Find(EmulatorCall call, Place place) =>
        Company
            .Items.Concat(Company.Deleted)
            .SingleOrDefault(item => item.PlaceId == place.Id && IdOf(item) == call["id"]);

    private IEnumerable<CompanyItem> In(Place place) =>
        Company.Items.Concat(Company.Deleted).Where(item => item.PlaceId == place.Id);

    private EmulatorAnswer MessagesOf(EmulatorCall call, Place place)
    {
        var posts = In(place)
            .Select(item =>
                (Time: item.UpdatedAt, Json: PostOf(item, call.Query("$expand") == "replies" ? call : null))
            )
            .Append((Time: DateTimeOffset.UnixEpoch, Json: Joined(call)));
        return Page(
            call,
            posts,
            post => $"{long.MaxValue - post.Time.UtcTicks:D20}{post.Json["id"]}",
            post => post.Json
        );
    }

    private EmulatorAnswer DeltaOf(EmulatorCall call, Place place)
    {
        var since = DateTimeOffset.Parse(
            call.Query("$filter")!["lastModifiedDateTime gt ".Length..],
            CultureInfo.InvariantCulture
        );
        return Delta(
            call,
            _ => In(place).Where(item => item.UpdatedAt > since),
            item => $"{item.UpdatedAt.UtcTicks:D20}{IdOf(item)}",
            item => PostOf(item)
        );
    }

    private EmulatorAnswer RepliesOf(EmulatorCall call, Place place) =>
        Find(call, place) is not { } item ? NotFound()
        : item.IsBroken ? Error(500, "InternalServerError", "Failed to execute request.")
        : Page(call, item.Replies, reply => $"{reply.Id:D10}", reply => ReplyOf(item, reply));

    /// <param name="expandFor">The call whose answer has replies in it; null for none.</param>
    private JsonObject PostOf(CompanyItem item, EmulatorCall? expandFor = null)
    {
        var isDeleted = Company.Deleted.Contains(item);
        var json = MessageOf(
            IdOf(item),
            null,
            isDeleted ? "" : item.Text,
            item.AuthorId,
            item.CreatedAt,
            item.UpdatedAt,
            item.Title.StartsWith("item", StringComparison.Ordinal) ? null : item.Title
        );
        if (Pictured.Contains(item.Id))
        {
            Paste(json, ChannelOf(Company.PlaceOf(item.PlaceId)), IdOf(item));
        }

        if (isDeleted)
        {
            json["deletedDateTime"] = item.UpdatedAt;
        }

        if (Bots.Contains(item.Id))
        {
            json["from"] = new JsonObject
            {
                ["application"] = new JsonObject { ["id"] = "bot", ["displayName"] = "Build bot" },
            };
            json["body"]!["content"] = "<attachment id=\"1\"></attachment>";
            json["attachments"] = new JsonArray(
                new JsonObject
                {
                    ["id"] = "1",
                    ["contentType"] = "application/vnd.microsoft.card.adaptive",
                    ["content"] = $$"""{"type":"AdaptiveCard","body":[{"type":"TextBlock","text":"{{item.Text}}"}]}""",
                }
            );
        }

        if (expandFor is not null)
        {
            const int Expanded = 20;
            json["replies"] = new JsonArray([.. item.Replies.Take(Expanded).Select(reply => ReplyOf(item, reply))]);
            if (item.IsBroken || item.Replies.Count > Expanded)
            {
                json["replies@odata.nextLink"] =
                    $"{Root.AbsoluteUri.TrimEnd('/')}{expandFor.Request.Path.ToUriComponent()}/{IdOf(item)}/replies?$skiptoken=x";
            }
        }

        return json;
    }

    private JsonObject ReplyOf(CompanyItem item, Reply reply)
    {
        var id = $"{1_736_990_000_000 + reply.Id}";
        var json = MessageOf(id, IdOf(item), reply.Text, reply.AuthorId, reply.CreatedAt, reply.CreatedAt, null);
        if (Pictured.Contains(item.Id))
        {
            Paste(json, ChannelOf(Company.PlaceOf(item.PlaceId)), $"{IdOf(item)}/replies/{id}");
        }

        return json;
    }

    private JsonObject MessageOf(
        string id,
        string? replyTo,
        string text,
        int author,
        DateTimeOffset created,
        DateTimeOffset modified,
        string? subject
    ) =>
        EmulatorAnswer.Sparse(
            new
            {
                id,
                replyToId = replyTo,
                messageType = "message",
                createdDateTime = created,
                lastModifiedDateTime = modified,
                subject,
                body = new
                {
                    contentType = "html",
                    content = $"<p>{System.Net.WebUtility.HtmlEncode(text)} <at id=\"0\">Ada</at> <emoji id=\"x\" alt=\"🎉\" title=\"Party\"></emoji></p>",
                },
                from = author == 5
                    ? null
                    : new { user = new { id = GuidOf(author), displayName = Company.PersonOf(author).Name } },
                webUrl = $"https://teams.microsoft.com/l/message/c/{id}?tenantId=t",
                attachments = Array.Empty<object>(),
            }
        );

    private static JsonObject Joined(EmulatorCall call) =>
        EmulatorAnswer.Sparse(
            new
            {
                id = "1",
                messageType = (call.Header("Prefer") ?? "").Contains(
                    "include-unknown-enum-members",
                    StringComparison.Ordinal
                )
                    ? "systemEventMessage"
                    : "unknownFutureValue",
                createdDateTime = DateTimeOffset.UnixEpoch,
                lastModifiedDateTime = DateTimeOffset.UnixEpoch,
                body = new { contentType = "html", content = "<systemEventMessage/>" },
            }
        );

    private static JsonObject FolderOf(Place place) =>
        new()
        {
            ["id"] = $"01FOLDER{place.Id}",
            ["name"] = place.Name,
            ["parentReference"] = new JsonObject { ["driveId"] = "b!drive" },
        };

    private EmulatorAnswer FilesOf(EmulatorCall call) =>
        Delta(
            call,
            _ =>
                Company
                    .Items.Where(item => $"01FOLDER{item.PlaceId}" == call["folder"])
                    .SelectMany(item => item.Attachments.Select(file => (item, file))),
            pair => $"{pair.file.Id:D10}",
            pair =>
                Selected(
                    call,
                    new
                    {
                        id = $"01FILE{pair.file.Id}",
                        name = pair.file.Name,
                        size = pair.file.Content.Length,
                        file = new { mimeType = pair.file.ContentType },
                        lastModifiedDateTime = pair.item.CreatedAt,
                    }
                )
        );
}
