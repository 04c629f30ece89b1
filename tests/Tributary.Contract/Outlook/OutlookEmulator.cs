using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tributary.Contract.Emulators;
using Tributary.Contract.MicrosoftGraph;
using Tributary.Integrations.Outlook;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Contract.Outlook;

/// <summary>
/// Exchange Online: people are mailboxes, items are threads that everybody has a copy of who is named on a message, places
/// are folders, replies are mails.
/// </summary>
public sealed partial class OutlookEmulator : GraphEmulator
{
    private const int Jürgen = 2;

    /// <summary>Whom a mail names, author and recipients: the item and the reply, null for the first mail.</summary>
    public Func<CompanyItem, Reply?, IEnumerable<int>> Named { get; set; } = (item, _) => [item.AuthorId, 1, 2, 3, 4];

    /// <summary>Mailboxes that do not open, with the status.</summary>
    public Dictionary<int, int> Closed { get; } = [];

    /// <summary>Threads that were thrown into the bin, by mailbox and item.</summary>
    public HashSet<(int Person, int Item)> Trashed { get; } = [];

    /// <summary>Copies that were not kept, by mailbox and item.</summary>
    public HashSet<(int Person, int Item)> Unkept { get; } = [];

    /// <summary>There are no feeds of changes, as in the Chinese cloud.</summary>
    public bool HasNoDelta { get; set; }

    /// <summary>Filters of users are taken no notice of.</summary>
    public bool IgnoresFilters { get; set; }

    /// <summary>What the bin is called.</summary>
    public string Bin { get; set; } = "Gelöschte Elemente";

    public List<JsonObject> Meetings { get; } = [];

    /// <summary>Members of the group "Sales &amp; 'Friends'".</summary>
    public List<int> Group { get; } = [3, 4];

    public override object Config =>
        new OutlookConfig
        {
            Mailboxes = ["juergen.gross@example.com"],
            AuthorityHost = Root.AbsoluteUri,
            GraphApiHost = Root.AbsoluteUri,
        };

    public OutlookConfig WholeTenant => (OutlookConfig)Config with { Mailboxes = null };

    public override object Credentials =>
        new OutlookCredentials
        {
            OutlookClientId = ClientId,
            OutlookDirectoryId = Tenant,
            OutlookClientSecret = Secret,
        };

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new(
                "a wrong secret",
                Config,
                (OutlookCredentials)Credentials with
                {
                    OutlookClientSecret = "bad",
                },
                FailureKind.Credentials
            ),
            new(
                "an unknown mailbox",
                (OutlookConfig)Config with
                {
                    Mailboxes = ["nobody@example.com"],
                },
                null,
                FailureKind.Configuration
            ),
            new(
                "an unknown group",
                (OutlookConfig)Config with
                {
                    MailboxGroups = ["Gardeners"],
                },
                null,
                FailureKind.Configuration
            ),
        ];

    public override void Equip(ReaderHarness harness) => harness.Html = Content.Html;

    protected override void MapGraph(EmulatorRoutes routes)
    {
        routes.Get("/v1.0/users", UsersOf);
        routes.Get("/v1.0/groups", GroupsOf);
        routes.Get(
            "/v1.0/groups/{id}/transitiveMembers/microsoft.graph.user",
            call =>
                Page(
                    call,
                    Company.People.Where(person => Group.Contains(person.Id)),
                    KeyOf,
                    person => UserOf(call, person)
                )
        );
        routes.Get("/v1.0/groups/{id}/transitiveMembers", AllMembersOf);
        routes.Get("/v1.0/users/{user}", call => With(call, person => Json(UserOf(call, person)), isProbed: false));
        routes.Get("/v1.0/users/{user}/mailFolders", call => With(call, person => FoldersOf(call, person, "root")));
        routes.Get(
            "/v1.0/users/{user}/mailFolders/{folder}/childFolders",
            call => With(call, person => FoldersOf(call, person, call["folder"]))
        );
        routes.Get(
            "/v1.0/users/{user}/mailFolders/{folder}/messages/delta",
            call => With(call, person => DeltaOf(call, person))
        );
        routes.Get(
            "/v1.0/users/{user}/mailFolders/{folder}/messages",
            call => With(call, person => ListOf(call, person))
        );
        routes.Get("/v1.0/users/{user}/mailFolders/{folder}", call => With(call, person => FolderOf(call, person)));
        routes.Get("/v1.0/users/{user}/messages", call => With(call, person => ConversationOf(call, person)));
        routes.Get("/v1.0/users/{user}/messages/{id}", call => With(call, person => MessageOf(call, person)));
        routes.Get(
            "/v1.0/users/{user}/messages/{id}/attachments",
            call => With(call, person => AttachmentsOf(call, person))
        );
        routes.Get(
            "/v1.0/users/{user}/messages/{id}/attachments/{file}/$value",
            call =>
                With(
                    call,
                    person =>
                        EmulatorAnswer.File(
                            Find(call, person)!
                                .Item.Attachments.Single(file => $"file{file.Id}=" == call["file"])
                                .Content,
                            "application/octet-stream"
                        )
                )
        );
        routes.Get(
            "/v1.0/users/{user}/calendarView/delta",
            call =>
                HasNoDelta
                    ? Error(400, "ErrorInvalidRequest", "The request is not supported.")
                    : With(call, _ => Delta(call, _ => Meetings, IdOf, item => item.DeepClone().AsObject()))
        );
        routes.Get(
            "/v1.0/users/{user}/calendarView",
            call => With(call, _ => Page(call, Meetings, IdOf, item => item.DeepClone().AsObject()))
        );
        routes.Get(
            "/v1.0/users/{user}/events/{id}",
            call => With(call, _ => Json(Masters.Single(item => IdOf(item) == call["id"])))
        );
    }

    /// <summary>Masters of series, which the view does not show.</summary>
    public List<JsonObject> Masters { get; } = [];

    private static EmulatorAnswer Json(JsonObject value) => EmulatorAnswer.Json(value);

    private static string IdOf(JsonObject item) => item["id"]!.GetValue<string>();

    private static string KeyOf(Person person) => GuidOf(person.Id);

    private static JsonObject UserOf(EmulatorCall call, Person person) =>
        Selected(
            call,
            new
            {
                id = GuidOf(person.Id),
                mail = person.Email,
                userPrincipalName = $"{person.Handle}@contoso.example",
                displayName = person.Name,
                accountEnabled = person.IsActive,
            }
        );

    private EmulatorAnswer UsersOf(EmulatorCall call)
    {
        var filter = call.Query("$filter") ?? "";
        return Page(
            call,
            Company.People.Where(person =>
                IgnoresFilters || filter == "accountEnabled eq true"
                    ? person.IsActive
                    : filter == $"mail eq '{person.Email}'"
            ),
            KeyOf,
            person => UserOf(call, person)
        );
    }

    private EmulatorAnswer AllMembersOf(EmulatorCall call)
    {
        IEnumerable<JsonObject> people = Company
            .People.Where(person => Group.Contains(person.Id))
            .Select(person => Typed(UserOf(call, person), "user"));
        var group = new JsonObject { ["id"] = GuidOf(78), ["mail"] = "juergen.gross@example.com" };
        return Page(call, people.Append(Typed(group, "group")), IdOf, member => member);
    }

    private static JsonObject Typed(JsonObject json, string type)
    {
        json["@odata.type"] = $"#microsoft.graph.{type}";
        return json;
    }

    private EmulatorAnswer GroupsOf(EmulatorCall call)
    {
        string[] found = call.Query("$filter") == "displayName eq 'Sales & ''Friends'''" ? ["Sales & 'Friends'"] : [];
        return Page(call, found, name => name, name => Selected(call, new { id = GuidOf(77), displayName = name }));
    }

    private EmulatorAnswer With(EmulatorCall call, Func<Person, EmulatorAnswer> answer, bool isProbed = true) =>
        Company.People.FirstOrDefault(person =>
            call["user"] == GuidOf(person.Id) || call["user"] == $"{person.Handle}@contoso.example"
        )
            is not { } found
            ? Error(404, "Request_ResourceNotFound", "Resource does not exist.")
        : isProbed && Closed.TryGetValue(found.Id, out var status)
            ? Error(status, "ErrorAccessDenied", "Access is denied.")
        : answer(found);

    [GeneratedRegex("^receivedDateTime ge 1970-01-01T00:00:00Z and conversationId eq '([^']+)'$")]
    private static partial Regex Conversation();

    [GeneratedRegex("_([0-9]{6,})[x=]")]
    private static partial Regex ItemNumber();

    [GeneratedRegex("^lastModifiedDateTime ge (.+)$")]
    private static partial Regex Changed();

    [GeneratedRegex("^receivedDateTime ge (.+)$")]
    private static partial Regex Received();
}
