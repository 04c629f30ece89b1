using System.Buffers.Text;
using System.Text;
using Tributary.Contract.Emulators;
using Tributary.Contract.Google;
using Tributary.Integrations.Gmail;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Contract.Gmail;

/// <summary>
/// Mailboxes of a domain: items are threads, replies further messages, attachments belong to the first message. Ada has
/// all of them; everybody else has those that they wrote.
/// </summary>
public sealed class GmailEmulator : GoogleEmulator
{
    private const int MaxPage = 10;
    private const int FirstDay = 1_000;

    /// <summary>Users without Gmail.</summary>
    public HashSet<string> WithoutMail { get; } = [];

    /// <summary>The history is no longer known as far back as is asked for.</summary>
    public bool HasForgotten { get; set; }

    /// <summary>Page tokens of listings are refused, however new they are.</summary>
    public bool RefusesPages { get; set; }

    /// <summary>Searches know no operators, and so find nothing.</summary>
    public bool KnowsNoWords { get; set; }

    /// <summary>There is no history.</summary>
    public bool HasNoHistory { get; set; }

    /// <summary>The directory may not be read.</summary>
    public bool HasNoDirectory { get; set; }

    /// <summary>Payloads of first messages in place of the usual ones, by the thread's subject.</summary>
    public Dictionary<string, object> Payloads { get; } = [];

    /// <summary>Labels of first messages in place of the usual ones, by the thread's subject.</summary>
    public Dictionary<string, string[]> Labels { get; } = [];

    /// <summary>Bodies that are fetched by an id of their own.</summary>
    public Dictionary<string, byte[]> Bodies { get; } = [];

    public override object Config => new GmailConfig { ApiBaseUrl = Root.AbsoluteUri };

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new("a revoked sign-in", Config, Tokens("revoked"), FailureKind.Credentials),
            new("a service account by itself", Config, ServiceAccount(null), FailureKind.Credentials),
        ];

    protected override IReadOnlyList<string> Vendors => ["gmail", "google_directory", "google_oauth"];

    public override void Equip(ReaderHarness harness) => harness.Html = Content.Html;

    protected override EmulatorAnswer? Refuse(EmulatorCall call)
    {
        var path = call.Request.Path.Value!;
        return base.Refuse(call)
            ?? (
                HasNoDirectory && path.Contains("/admin/", StringComparison.Ordinal)
                    ? Error(403, "forbidden", "Not Authorized to access this resource/api")
                : !path.Contains("/users/", StringComparison.Ordinal) ? null
                : path.Split('/')[4] is var user && user != "me" && user != UserOf(call)
                    ? Error(403, "forbidden", $"Delegation denied for {UserOf(call)}")
                : WithoutMail.Contains(UserOf(call)) ? Error(400, "failedPrecondition", "Mail service not enabled")
                : null
            );
    }

    protected override void Map(EmulatorRoutes routes)
    {
        base.Map(routes);
        routes.Get(
            "/gmail/v1/users/{user}/profile",
            call =>
                Answer(
                    call,
                    new
                    {
                        emailAddress = UserOf(call),
                        messagesTotal = 7,
                        threadsTotal = 7,
                        historyId = $"{HistoryOf(Company.Now)}",
                    }
                )
        );
        routes.Get("/gmail/v1/users/{user}/threads", Threads);
        routes.Get("/gmail/v1/users/{user}/threads/{id}", Thread);
        routes.Get("/gmail/v1/users/{user}/history", History);
        routes.Get(
            "/gmail/v1/users/{user}/messages/{message}/attachments/{id}",
            call =>
                Bodies.TryGetValue(call["id"], out var body)
                    ? Answer(call, new { size = body.Length, data = Base64Url.EncodeToString(body) })
                    : NotFound()
        );
    }

    private IEnumerable<CompanyItem> Mailbox(EmulatorCall call, IEnumerable<CompanyItem> items) =>
        items.Where(item => UserOf(call) == "ada@example.com" || Company.PersonOf(item.AuthorId).Email == UserOf(call));

    private static long HistoryOf(DateTimeOffset time) => time.Ticks / 10_000;

    private static string IdOf(CompanyItem item) => $"18f{item.Id:x6}";

    private string[] LabelsOf(CompanyItem item) => Labels.GetValueOrDefault(item.Title) ?? ["INBOX"];

    private EmulatorAnswer Threads(EmulatorCall call)
    {
        if (RefusesPages && call.Query("pageToken") is not null)
        {
            return Error(400, "invalidArgument", "Invalid pageToken");
        }

        var query = call.Query("q") ?? "";
        var subject = query.Split("subject:") is [_, var wanted] ? wanted : "";
        var labels = call.Queries("labelIds");
        if (labels.Contains("Nowhere"))
        {
            return Error(400, "invalidArgument", "Invalid label: Nowhere");
        }
        var excluded = new[]
        {
            ("DRAFT", "-in:drafts"),
            ("CHAT", "-in:chats"),
            ("CATEGORY_PROMOTIONS", "-category:promotions"),
        }
            .Where(pair => query.Contains(pair.Item2, StringComparison.Ordinal))
            .Select(pair => pair.Item1)
            .Concat(["SPAM", "TRASH"]);
        var found = Mailbox(call, Company.Items)
            .Where(item => item.Replies.Count > 0 || !LabelsOf(item).Intersect(excluded).Any())
            .Where(item => !KnowsNoWords || !query.Contains("-in:", StringComparison.Ordinal))
            .Where(item => item.Title.Contains(subject, StringComparison.Ordinal))
            .Where(item => labels.All(LabelsOf(item).Contains));
        var (page, next) = PageOf(
            found,
            item => -item.Id,
            call.Query("pageToken"),
            Math.Min(call.Number("maxResults", 100), MaxPage)
        );
        return Answer(
            call,
            new
            {
                // Gmail leaves an empty list out.
                threads = page.Count == 0
                    ? null
                    : page.Select(item => new { id = IdOf(item), historyId = $"{HistoryOf(item.UpdatedAt)}" }),
                nextPageToken = next,
                resultSizeEstimate = 201,
            }
        );
    }

    private EmulatorAnswer Thread(EmulatorCall call)
    {
        if (Mailbox(call, Company.Items).SingleOrDefault(item => IdOf(item) == call["id"]) is not { } item)
        {
            return Error(404, "notFound", "Requested entity was not found.");
        }

        return item.IsBroken
            ? Error(500, "backendError", "Internal error encountered.")
            : Answer(
                call,
                new
                {
                    id = IdOf(item),
                    historyId = $"{HistoryOf(item.UpdatedAt)}",
                    messages = item
                        .Replies.Select(reply =>
                            Message(
                                item,
                                $"{reply.Id}",
                                reply.AuthorId,
                                reply.CreatedAt,
                                ["INBOX"],
                                Plain(item, reply.AuthorId, "Re: ", reply.Text)
                            )
                        )
                        .Prepend(
                            Message(
                                item,
                                $"{FirstDay + item.Id}",
                                item.AuthorId,
                                item.CreatedAt,
                                LabelsOf(item),
                                Payloads.GetValueOrDefault(item.Title) ?? First(item)
                            )
                        ),
                }
            );
    }

    private static object Message(
        CompanyItem item,
        string id,
        int author,
        DateTimeOffset at,
        string[] labels,
        object payload
    ) =>
        new
        {
            id = $"m{id}",
            threadId = IdOf(item),
            labelIds = labels,
            internalDate = $"{at.ToUnixTimeMilliseconds()}",
            snippet = author.ToString(System.Globalization.CultureInfo.InvariantCulture),
            payload,
        };

    private object First(CompanyItem item)
    {
        if (item.Attachments.Count == 0)
        {
            return Plain(item, item.AuthorId, "", item.Text);
        }

        foreach (var file in item.Attachments)
        {
            Bodies[$"a{item.Id}-{file.Id}"] = file.Content;
        }

        return new
        {
            mimeType = "multipart/mixed",
            filename = "",
            headers = Headers(item, item.AuthorId, "", "multipart/mixed"),
            body = new { size = 0 },
            parts = item
                .Attachments.Select(file => new
                {
                    partId = $"{file.Id}",
                    mimeType = file.ContentType,
                    filename = file.Name,
                    headers = Array.Empty<object>(),
                    body = (object)new { attachmentId = $"a{item.Id}-{file.Id}", size = file.Content.Length },
                })
                .Prepend(
                    new
                    {
                        partId = "0",
                        mimeType = "text/plain",
                        filename = "",
                        headers = Array.Empty<object>(),
                        body = (object)Body(item.Text),
                    }
                ),
        };
    }

    private object Plain(CompanyItem item, int author, string prefix, string text) =>
        new
        {
            partId = "",
            mimeType = "text/plain",
            filename = "",
            headers = Headers(item, author, prefix, "text/plain; charset=\"UTF-8\""),
            body = Body(text),
        };

    /// <summary>A body with its bytes.</summary>
    public static object Body(string text) =>
        new { size = text.Length, data = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text)) };

    /// <summary>A header.</summary>
    public static object Header(string name, string value) => new { name, value };

    private object[] Headers(CompanyItem item, int author, string prefix, string type) =>
        [
            Header("from", $"\"{Company.PersonOf(author).Name}\" <{Company.PersonOf(author).Email}>"),
            Header("To", "\"Admin, Ada\" <ada@example.com>, zoe@example.com"),
            Header("Subject", prefix + item.Title),
            Header("Date", "Thu, 99 Foo 2001 25:61:00 +9999"),
            Header("Content-Type", type),
        ];

    private EmulatorAnswer History(EmulatorCall call)
    {
        var since = long.Parse(call.Query("startHistoryId")!);
        if (HasForgotten || HasNoHistory)
        {
            HasForgotten = false;
            return Error(404, "notFound", "Requested entity was not found.");
        }

        var changed = Mailbox(call, Company.Items.Concat(Company.Deleted))
            .Where(item => HistoryOf(item.UpdatedAt) > since);
        var (page, next) = PageOf(
            changed,
            item => (HistoryOf(item.UpdatedAt) * 10_000) + (item.Id % 10_000),
            call.Query("pageToken"),
            MaxPage
        );
        return Answer(
            call,
            new
            {
                history = page.Count == 0
                    ? null
                    : page.Select(item =>
                    {
                        var message = new { id = $"m{FirstDay + item.Id}", threadId = IdOf(item) };
                        return new
                        {
                            id = $"{HistoryOf(item.UpdatedAt)}",
                            messagesDeleted = Company.Deleted.Contains(item) ? new[] { new { message } } : null,
                            messagesAdded = Company.Deleted.Contains(item) ? null : new[] { new { message } },
                        };
                    }),
                historyId = $"{HistoryOf(Company.Now)}",
                nextPageToken = next,
            }
        );
    }
}
