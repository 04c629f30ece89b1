using System.Globalization;
using System.Text.Json.Nodes;
using Tributary.Contract.Emulators;

namespace Tributary.Contract.Outlook;

/// <summary>Folders and mails.</summary>
public sealed partial class OutlookEmulator
{
    private sealed record Mail(Person Owner, CompanyItem Item, Reply? Reply, int Number)
    {
        public string Id => $"AAMk-{Owner.Id}_{Item.Id:D6}x{Number:D4}=";

        public string Conversation => $"AAQk-{Owner.Id}_{Item.Id:D6}=";

        public DateTimeOffset Time => Reply?.CreatedAt ?? Item.CreatedAt;

        /// <summary>An edit of the company's is one of the first mail.</summary>
        public DateTimeOffset ModifiedAt => Reply?.CreatedAt ?? Item.UpdatedAt;
    }

    private static readonly (string Id, string Name, string Parent)[] Folders =
    [
        ("fldInbox=", "Posteingang", "root"),
        ("fldEngineering=", "Engineering", "fldInbox="),
        ("fldSent=", "Gesendete Elemente", "root"),
        ("fldArchive=", "Archiv", "root"),
        ("fldDrafts=", "Entwürfe", "root"),
        ("fldTrash=", "Gelöschte Elemente", "root"),
        ("fldJunk=", "Junk-E-Mail", "root"),
        ("fldSearch=", "Ungelesen", "root"),
        ("fldHidden=", "Conversation Action Settings", "root"),
    ];

    private static string? WellKnown(string name) =>
        name switch
        {
            "inbox" => "fldInbox=",
            "sentitems" => "fldSent=",
            "archive" => "fldArchive=",
            "drafts" => "fldDrafts=",
            "deleteditems" => "fldTrash=",
            "junkemail" => "fldJunk=",
            _ => null,
        };

    private string FolderOf(Mail mail) =>
        Trashed.Contains((mail.Owner.Id, mail.Item.Id)) ? "fldTrash="
        : mail.Item.IsArchived ? "fldArchive="
        : (mail.Reply?.AuthorId ?? mail.Item.AuthorId) == mail.Owner.Id ? "fldSent="
        : mail.Item.PlaceId == 2 ? "fldEngineering="
        : "fldInbox=";

    private IEnumerable<Mail> MailsOf(Person person, IEnumerable<CompanyItem> items) =>
        items.SelectMany(item =>
            item.Replies.Select((reply, index) => new Mail(person, item, reply, index + 1))
                .Prepend(new Mail(person, item, null, 0))
                .Where(mail => Named(mail.Item, mail.Reply).Contains(person.Id))
                .Where(mail => !Unkept.Contains((person.Id, mail.Item.Id)))
        );

    private Mail? Find(EmulatorCall call, Person person) =>
        MailsOf(person, Of(call["id"])).SingleOrDefault(mail => mail.Id == call["id"]);

    /// <summary>The item that is named in the id of a mail or of a conversation.</summary>
    private IEnumerable<CompanyItem> Of(string id) =>
        ItemNumber().Match(id) is { Success: true } match
        && Company.Find(int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)) is { } item
            ? [item]
            : [];

    private EmulatorAnswer FoldersOf(EmulatorCall call, Person person, string parent) =>
        Page(
            call,
            Folders.Where(folder => folder.Parent == parent),
            folder => folder.Id,
            folder => JsonOf(call, folder)
        );

    private EmulatorAnswer FolderOf(EmulatorCall call, Person person)
    {
        var id = WellKnown(call["folder"]) ?? call["folder"];
        return Folders.FirstOrDefault(folder => folder.Id == id) is { Id: not null } found
            ? Json(JsonOf(call, found))
            : Error(404, "ErrorItemNotFound", "The specified object was not found in the store.");
    }

    private JsonObject JsonOf(EmulatorCall call, (string Id, string Name, string Parent) folder)
    {
        var json = Selected(
            call,
            new
            {
                id = folder.Id,
                displayName = folder.Id == "fldTrash=" ? Bin : folder.Name,
                parentFolderId = folder.Parent,
                childFolderCount = Folders.Count(child => child.Parent == folder.Id),
                isHidden = folder.Id == "fldHidden=",
            }
        );
        json["@odata.type"] =
            folder.Id == "fldSearch=" ? "#microsoft.graph.mailSearchFolder" : "#microsoft.graph.mailFolder";
        return json;
    }

    private EmulatorAnswer ListOf(EmulatorCall call, Person person)
    {
        var filter = Changed().Match(call.Query("$filter") ?? "");
        var from = filter.Success
            ? DateTimeOffset.Parse(filter.Groups[1].Value, CultureInfo.InvariantCulture)
            : DateTimeOffset.MinValue;
        return Page(
            call,
            MailsOf(person, Company.Items).Where(mail => FolderOf(mail) == call["folder"] && mail.ModifiedAt >= from),
            mail => mail.Id,
            mail => Selected(call, JsonOf(mail))
        );
    }

    private EmulatorAnswer DeltaOf(EmulatorCall call, Person person)
    {
        if (HasNoDelta)
        {
            return Error(400, "ErrorInvalidRequest", "The request is not supported.");
        }

        if (call["folder"] is "fldDrafts=")
        {
            return Delta<JsonObject>(
                call,
                time => person.Id == Jürgen && time is null ? [DraftOf()] : [],
                IdOf,
                draft => draft
            );
        }

        var filter = Received().Match(call.Query("$filter") ?? "");
        var from = filter.Success
            ? DateTimeOffset.Parse(filter.Groups[1].Value, CultureInfo.InvariantCulture)
            : DateTimeOffset.MinValue;
        return Delta(
            call,
            since =>
                MailsOf(person, Company.Items)
                    .Where(mail => FolderOf(mail) == call["folder"] && mail.Time >= from)
                    .Where(mail => since is null || mail.ModifiedAt > since)
                    .Select(mail => (mail, isGone: false))
                    .Concat(since is { } time ? GoneSince(person, call["folder"], time) : []),
            pair => pair.mail.Id,
            pair =>
                pair.isGone
                    ? new JsonObject
                    {
                        ["id"] = pair.mail.Id,
                        ["@removed"] = new JsonObject { ["reason"] = "deleted" },
                    }
                    : Selected(call, JsonOf(pair.mail))
        );
    }

    /// <summary>What was deleted for good, and what was thrown into the bin.</summary>
    private IEnumerable<(Mail mail, bool isGone)> GoneSince(Person person, string folder, DateTimeOffset since) =>
        MailsOf(person, Company.Deleted)
            .Where(mail => FolderOf(mail) == folder && mail.Item.UpdatedAt > since)
            .Concat(
                folder == "fldTrash=" ? [] : MailsOf(person, Company.Items).Where(mail => FolderOf(mail) == "fldTrash=")
            )
            .Select(mail => (mail, true));

    private static JsonObject DraftOf() =>
        new()
        {
            ["id"] = "AAMk-draft=",
            ["conversationId"] = "AAQk-draft=",
            ["parentFolderId"] = "fldDrafts=",
            ["isDraft"] = true,
        };

    private EmulatorAnswer ConversationOf(EmulatorCall call, Person person)
    {
        var wanted = Conversation().Match(call.Query("$filter") ?? "");
        if (!wanted.Success || call.Query("$orderby") != "receivedDateTime desc")
        {
            return Error(400, "InefficientFilter", "The restriction or sort order is too complex for this operation.");
        }

        var mails = MailsOf(person, Of(wanted.Groups[1].Value))
            .Where(mail => mail.Conversation == wanted.Groups[1].Value)
            .ToList();
        return mails.Any(mail => mail.Item.IsBroken)
            ? Error(500, "ErrorInternalServerError", "An internal server error occurred.")
            : Page(
                call,
                mails,
                mail => $"{long.MaxValue - mail.Time.UtcTicks:D20}{mail.Number:D5}",
                mail => Selected(call, JsonOf(mail))
            );
    }

    private EmulatorAnswer MessageOf(EmulatorCall call, Person person) =>
        Find(call, person) is { } mail
            ? Json(Selected(call, JsonOf(mail)))
            : Error(404, "ErrorItemNotFound", "The specified object was not found in the store.");

    private EmulatorAnswer AttachmentsOf(EmulatorCall call, Person person) =>
        Page(
            call,
            Find(call, person)!.Item.Attachments,
            file => $"{file.Id}",
            file =>
            {
                var json = Selected(
                    call,
                    new
                    {
                        id = $"file{file.Id}=",
                        name = file.Name,
                        size = file.Content.Length,
                        isInline = false,
                        contentType = file.ContentType,
                    }
                );
                json["@odata.type"] = "#microsoft.graph.fileAttachment";
                return json;
            }
        );

    private object JsonOf(Mail mail)
    {
        var author = mail.Reply?.AuthorId ?? mail.Item.AuthorId;
        var text = System.Net.WebUtility.HtmlEncode(mail.Reply?.Text ?? mail.Item.Text);
        var index = new byte[mail.Number == 0 ? 22 : 27];
        BitConverter.TryWriteBytes(index.AsSpan(1), 4_711_000L + mail.Item.Id);
        if (mail.Number > 0)
        {
            index[26] = (byte)mail.Number;
        }

        return new
        {
            id = mail.Id,
            conversationId = mail.Conversation,
            conversationIndex = Convert.ToBase64String(index),
            internetMessageId = $"<{mail.Item.Id}.{mail.Number}@example.com>",
            parentFolderId = FolderOf(mail),
            subject = (mail.Number == 0 ? "" : "RE: ") + mail.Item.Title,
            sender = Recipient(author),
            from = Recipient(author),
            toRecipients = Named(mail.Item, mail.Reply).Where(id => id != author).Distinct().Select(Recipient),
            ccRecipients = Array.Empty<object>(),
            bccRecipients = Array.Empty<object>(),
            receivedDateTime = mail.Time,
            sentDateTime = mail.Time,
            lastModifiedDateTime = mail.ModifiedAt,
            isDraft = false,
            hasAttachments = mail.Number == 0 && mail.Item.Attachments.Count > 0,
            webLink = $"https://outlook.office365.com/owa/?ItemID={Uri.EscapeDataString(mail.Id)}",
            body = new
            {
                contentType = "html",
                content = $"<html><body><p>{text}</p><hr><p>From: somebody, quoted: all that was said before</p></body></html>",
            },
            uniqueBody = new { contentType = "html", content = $"<html><body><p>{text}</p></body></html>" },
        };
    }

    private object Recipient(int person) =>
        new { emailAddress = new { name = Company.PersonOf(person).Name, address = Company.PersonOf(person).Email } };
}
