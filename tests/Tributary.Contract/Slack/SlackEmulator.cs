using System.Globalization;
using System.Text;
using Tributary.Contract.Emulators;
using Tributary.Integrations.Slack;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.Slack;

/// <summary>A Slack workspace: items are threads, places are channels, replies are replies. Everything is answered with 200.</summary>
public sealed class SlackEmulator : VendorEmulator
{
    private const string Team = "T0001";

    /// <summary>The token that is good at the moment.</summary>
    public string Token { get; set; } = "xoxb-1";

    /// <summary>What the token may do.</summary>
    public HashSet<string> Scopes { get; } =
    [
        "channels:read",
        "channels:history",
        "channels:join",
        "groups:read",
        "groups:history",
        "users:read",
        "users:read.email",
        "files:read",
        "usergroups:read",
    ];

    /// <summary>Channels that the bot is in, by place.</summary>
    public HashSet<int> Joined { get; } = [1, 4];

    /// <summary>Channels that are archived, by place.</summary>
    public HashSet<int> Archived { get; } = [];

    /// <summary>The largest page of messages; 15 for apps outside the Marketplace.</summary>
    public int MaxMessages { get; set; } = 15;

    /// <summary>Further messages of channels, as Slack writes them, by place.</summary>
    public List<(int Place, string Ts, object Message)> Further { get; } =
    [
        (
            1,
            "1736900000.000001",
            new
            {
                type = "message",
                subtype = "channel_join",
                user = "U00000002",
                text = "<@U00000002> has joined the channel",
                ts = "1736900000.000001",
            }
        ),
        (
            1,
            "1736900000.000002",
            new
            {
                type = "message",
                subtype = "bot_message",
                bot_id = "B0001",
                username = "Alerts",
                text = "Disk full",
                ts = "1736900000.000002",
            }
        ),
    ];

    public override object Config => new SlackConfig { ApiBaseUrl = Root.AbsoluteUri };

    public override object Credentials => new SlackCredentials { SlackBotToken = Token };

    public override TokenDesk Desk { get; } =
        new("/oauth.v2.access")
        {
            IsSilent = true,
            Life = 43_200,
            TokenOf = number => $"xoxe.xoxb-{number}",
            Answer = (access, refresh, life) =>
                new
                {
                    ok = true,
                    access_token = access,
                    refresh_token = refresh,
                    token_type = "bot",
                    expires_in = life,
                    team = new { id = Team, name = "Company" },
                },
            Refusal = EmulatorAnswer.Json(new { ok = false, error = "invalid_refresh_token" }),
        };

    public override object SignedIn =>
        new SlackCredentials { SlackBotToken = Desk.AccessToken, SlackRefreshToken = Desk.RefreshToken };

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new("a wrong token", Config, new SlackCredentials { SlackBotToken = "xoxb-0" }, FailureKind.Credentials),
            new(
                "an unknown channel",
                new SlackConfig { ApiBaseUrl = Root.AbsoluteUri, Channels = ["general", "gardening"] },
                null,
                FailureKind.Configuration
            ),
            new(
                "a pattern that no channel fits",
                new SlackConfig
                {
                    ApiBaseUrl = Root.AbsoluteUri,
                    Channels = ["zzz.*"],
                    ChannelRegexEnabled = true,
                },
                null,
                FailureKind.Configuration
            ),
        ];

    public static string Channel(Place place) => $"C{place.Id:D8}";

    public static string User(int id) => $"U{id:D8}";

    public static string Ts(DateTimeOffset at, int id) => $"{at.ToUnixTimeSeconds()}.{id:D6}";

    public static string Ts(CompanyItem item) => Ts(item.CreatedAt, item.Id);

    public override bool ExpireToken()
    {
        Token = "xoxb-" + (int.Parse(Token[5..], CultureInfo.InvariantCulture) + 1);
        return true;
    }

    protected override IReadOnlyList<string> Vendors => ["slack"];

    protected override string Prefix => "/api";

    protected override EmulatorAnswer? Refuse(EmulatorCall call) =>
        call.Header("Authorization") switch
        {
            null => Error("not_authed"),
            var given when given == $"Bearer {Token}" || Desk.IsGood(call) => null,
            _ => Error("invalid_auth"),
        };

    protected override EmulatorAnswer NotFound() => Error("unknown_method");

    protected override void Map(EmulatorRoutes routes)
    {
        routes.Get(
            "/auth.test",
            _ =>
                Good(
                    new
                    {
                        ok = true,
                        url = "https://company.slack.com/",
                        team = "Company",
                        team_id = Team,
                        user = "tributary",
                        user_id = "U00000099",
                        bot_id = "B0099",
                    }
                )
        );
        routes.Get(
            "/conversations.list",
            call =>
                Missing("channels:read", "groups:read")
                ?? ChannelsOf(
                    call,
                    Company.Places.Where(place => !place.IsPrivate || Joined.Contains(place.Id)),
                    withMember: true
                )
        );
        routes.Get(
            "/users.conversations",
            call =>
                Missing("channels:read", "groups:read")
                ?? ChannelsOf(call, Company.Places.Where(place => Joined.Contains(place.Id)), withMember: false)
        );
        routes.Post("/conversations.join", Join);
        routes.Get("/conversations.history", History);
        routes.Get("/conversations.replies", Replies);
        routes.Get("/conversations.members", Members);
        routes.Get(
            "/users.list",
            _ =>
                Missing("users:read")
                ?? Good(new { ok = true, members = Company.People.Where(person => person.IsActive).Select(UserOf) })
        );
        routes.Get(
            "/users.info",
            call =>
                Company.People.SingleOrDefault(person => User(person.Id) == call.Query("user")) is { } person
                    ? Good(new { ok = true, user = UserOf(person) })
                    : Error("user_not_found")
        );
        routes.Get(
            "/usergroups.list",
            _ =>
                Missing("usergroups:read")
                ?? Good(
                    new
                    {
                        ok = true,
                        usergroups = new[]
                        {
                            new
                            {
                                id = "S0001",
                                handle = "captains",
                                name = "Captains",
                            },
                        },
                    }
                )
        );
        routes.Get(
            "/files-pri/{id}/{name}",
            call => Missing("files:read") is null ? FileOf(call) : EmulatorAnswer.Text("<h1>Sign in</h1>", "text/html")
        );
    }

    private EmulatorAnswer ChannelsOf(EmulatorCall call, IEnumerable<Place> places, bool withMember)
    {
        const int PageSize = 2;
        var all = places
            .Where(place => call.Query("exclude_archived") != "true" || !Archived.Contains(place.Id))
            .ToList();
        var from = CursorOf(call) is { } cursor ? int.Parse(cursor, CultureInfo.InvariantCulture) : 0;
        var next = from + PageSize < all.Count ? $"{from + PageSize}" : "";
        return Good(
            new
            {
                ok = true,
                channels = all.Skip(from)
                    .Take(PageSize)
                    .Select(place =>
                        EmulatorAnswer.Sparse(
                            new
                            {
                                id = Channel(place),
                                name = place.Slug,
                                is_channel = true,
                                is_private = place.IsPrivate,
                                is_archived = Archived.Contains(place.Id),
                                is_member = withMember ? Joined.Contains(place.Id) : (bool?)null,
                            }
                        )
                    ),
                response_metadata = new { next_cursor = Cursor(next) },
            }
        );
    }

    private EmulatorAnswer Join(EmulatorCall call)
    {
        var place = PlaceOf(call.Form.GetValueOrDefault("channel"));
        return Missing("channels:join")
            ?? (
                place is null ? Error("channel_not_found")
                : place.IsPrivate ? Error("method_not_supported_for_channel_type")
                : Archived.Contains(place.Id) ? Error("is_archived")
                : Entered(place)
            );
    }

    private EmulatorAnswer Entered(Place place)
    {
        Joined.Add(place.Id);
        return Good(
            new
            {
                ok = true,
                channel = new
                {
                    id = Channel(place),
                    name = place.Slug,
                    is_member = true,
                },
            }
        );
    }

    private EmulatorAnswer History(EmulatorCall call)
    {
        if (Open(call, out var place) is { } refusal)
        {
            return refusal;
        }

        var oldest = call.Query("oldest") ?? "0";
        var latest = CursorOf(call) ?? call.Query("latest") ?? "9999999999.999999";
        var found = Company
            .Items.Where(item => item.PlaceId == place!.Id)
            .Select(item => (Ts: Ts(item), Message: (Func<object>)(() => ParentOf(item))))
            .Concat(
                Further
                    .Where(further => further.Place == place!.Id)
                    .Select(further => (further.Ts, Message: (Func<object>)(() => further.Message)))
            )
            .Where(pair => string.CompareOrdinal(pair.Ts, oldest) > 0 && string.CompareOrdinal(pair.Ts, latest) < 0)
            .OrderByDescending(pair => pair.Ts, StringComparer.Ordinal)
            .ToList();
        var page = found.Take(Math.Min(call.Number("limit", 100), PageSizeOf(MaxMessages))).ToList();
        return Messages(page.Select(pair => pair.Message()), page.Count < found.Count ? page[^1].Ts : "");
    }

    private EmulatorAnswer Replies(EmulatorCall call)
    {
        if (Open(call, out var place) is { } refusal)
        {
            return refusal;
        }

        if (
            Company.Items.SingleOrDefault(item => item.PlaceId == place!.Id && Ts(item) == call.Query("ts"))
            is not { } item
        )
        {
            return Error("thread_not_found");
        }

        if (item.IsBroken)
        {
            return Error("internal_error");
        }

        // The first message heads every page.
        var from = CursorOf(call) is { } cursor ? int.Parse(cursor, CultureInfo.InvariantCulture) : 0;
        var count = Math.Min(call.Number("limit", 100), PageSizeOf(MaxMessages)) - 1;
        return Messages(
            item.Replies.Skip(from).Take(count).Select(reply => ReplyOf(item, reply)).Prepend(ParentOf(item)),
            from + count < item.Replies.Count ? $"{from + count}" : ""
        );
    }

    private EmulatorAnswer Members(EmulatorCall call) =>
        Open(call, out var place)
        ?? Good(
            new
            {
                ok = true,
                members = place!.ReaderIds.Select(User),
                response_metadata = new { next_cursor = "" },
            }
        );

    /// <summary>Refuses whom a channel is closed to.</summary>
    private EmulatorAnswer? Open(EmulatorCall call, out Place? place)
    {
        place = PlaceOf(call.Query("channel"));
        return place is null ? Error("channel_not_found")
            : Missing(place.IsPrivate ? "groups:history" : "channels:history") is { } missing ? missing
            : Joined.Contains(place.Id) ? null
            : Error("not_in_channel");
    }

    private object ParentOf(CompanyItem item)
    {
        var edits = item.Version - 1 - item.Replies.Count;
        var replies = item.IsBroken ? 1 : item.Replies.Count;
        return EmulatorAnswer.Sparse(
            new
            {
                type = "message",
                user = User(item.AuthorId),
                text = item.Text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;"),
                ts = Ts(item),
                team = Team,
                edited = edits > 0 ? new { user = User(item.AuthorId), ts = Ts(item.UpdatedAt, item.Version) } : null,
                thread_ts = replies > 0 ? Ts(item) : null,
                reply_count = replies > 0 ? replies : (int?)null,
                latest_reply = replies == 0 ? null
                : item.IsBroken ? Ts(item)
                : Ts(item.Replies[^1].CreatedAt, item.Replies[^1].Id),
                files = item.Attachments.Count == 0 ? null : item.Attachments.Select(FileOf),
            }
        );
    }

    private static object ReplyOf(CompanyItem item, Reply reply) =>
        new
        {
            type = "message",
            user = User(reply.AuthorId),
            text = reply.Text,
            ts = Ts(reply.CreatedAt, reply.Id),
            thread_ts = Ts(item),
            parent_user_id = User(item.AuthorId),
        };

    private object FileOf(CompanyFile file) =>
        new
        {
            id = $"F{file.Id}",
            created = 1736928000,
            name = file.Name,
            title = file.Name,
            mimetype = file.ContentType,
            mode = "hosted",
            size = file.Content.Length,
            url_private_download = new Uri(Root, $"/files-pri/F{file.Id}/{file.Name}").AbsoluteUri,
            permalink = $"https://company.slack.com/files/F{file.Id}",
        };

    private EmulatorAnswer FileOf(EmulatorCall call) =>
        Company.Items.SelectMany(item => item.Attachments).SingleOrDefault(file => $"F{file.Id}" == call["id"])
            is { } file
            ? EmulatorAnswer.File(file.Content, file.ContentType)
            : NotFound();

    private object UserOf(Person person) =>
        new
        {
            id = User(person.Id),
            name = person.Handle,
            deleted = !person.IsActive,
            is_bot = false,
            profile = EmulatorAnswer.Sparse(
                new
                {
                    real_name = person.Name,
                    display_name = "",
                    email = Scopes.Contains("users:read.email") ? person.Email : null,
                }
            ),
        };

    private Place? PlaceOf(string? channel) => Company.Places.SingleOrDefault(place => Channel(place) == channel);

    private EmulatorAnswer? Missing(params string[] scopes) =>
        scopes.FirstOrDefault(scope => !Scopes.Contains(scope)) is { } missing
            ? EmulatorAnswer.Json(
                new
                {
                    ok = false,
                    error = "missing_scope",
                    needed = missing,
                    provided = string.Join(',', Scopes),
                }
            )
            : null;

    private EmulatorAnswer Messages(IEnumerable<object> messages, string next) =>
        Good(
            new
            {
                ok = true,
                messages,
                has_more = next.Length > 0,
                response_metadata = new { next_cursor = Cursor(next) },
            }
        );

    private static string Cursor(string next) => Convert.ToBase64String(Encoding.UTF8.GetBytes(next));

    private static string? CursorOf(EmulatorCall call) =>
        call.Query("cursor") is { Length: > 0 } cursor
            ? Encoding.UTF8.GetString(Convert.FromBase64String(cursor))
            : null;

    private EmulatorAnswer Good(object answer) =>
        EmulatorAnswer.Json(answer).With("X-OAuth-Scopes", string.Join(',', Scopes));

    private static EmulatorAnswer Error(string error) => EmulatorAnswer.Json(new { ok = false, error });
}
