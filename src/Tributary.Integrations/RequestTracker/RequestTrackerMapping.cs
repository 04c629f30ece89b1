using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Tributary.Sdk;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Markup;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.RequestTracker;

/// <summary>Makes documents of tickets: a section for what opened one, each answer and each comment.</summary>
internal sealed class RequestTrackerMapping(ReaderContext context, RequestTrackerConfig config, Uri site)
{
    private const int PageSize = 100;

    /// <summary>Tickets that machines write to grow without end.</summary>
    private const int MostPages = 100;
    private const int MostCharacters = 1_000_000;

    private readonly Uri _root = site.At($"REST/2.0");
    private readonly RequestTrackerNames _names = new(context.Http, site.At($"REST/2.0"));

    public static string IdOf(long ticketId) => $"requesttracker_{ticketId}";

    public static string IdOf(Part file) => $"requesttracker_attachment_{file.Id}";

    public string LinkTo(long ticketId) => site.At($"Ticket/Display.html", ("id", ticketId)).AbsoluteUri;

    /// <summary>A ticket as it is; deleted when it is gone, or merged into another one.</summary>
    public async Task<ReadItem> ReadAsync(long ticketId, CancellationToken cancellationToken)
    {
        var ticket = await context.Http.GetJsonAsync(
            _root.At($"ticket/{ticketId}", ("fields[Queue]", "Name")),
            RequestTrackerJson.Default.Ticket,
            cancellationToken
        );
        if (ticket.Id != ticketId || ticket.Status == "deleted")
        {
            return new ReadItem.Deleted(IdOf(ticketId));
        }

        try
        {
            return new ReadItem.Found(await DocumentOfAsync(ticket, cancellationToken));
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            // The ticket itself is there.
            throw new SourceException(
                FailureKind.Source,
                $"RT shows the ticket, and not what belongs to it: {exception.Message}",
                exception
            );
        }
    }

    private async Task<Document> DocumentOfAsync(Ticket ticket, CancellationToken cancellationToken)
    {
        var ticketId = ticket.Id;
        var transactions = await TransactionsAsync(ticketId, cancellationToken);
        var parts = (await PartsAsync(ticketId, cancellationToken)).ToLookup(part =>
            RtReference.IdsOf(part.TransactionId).FirstOrDefault() ?? ""
        );
        var sections = new List<Section>();
        var left = MostCharacters;
        foreach (var transaction in transactions.TakeWhile(_ => left > 0))
        {
            var own = parts[transaction.Id.ToString(CultureInfo.InvariantCulture)].ToList();
            var text = await TextOfAsync(own, cancellationToken);
            if (text.Length > 0)
            {
                text = text.Length <= left ? text : text[..left];
                left -= text.Length;
                sections.Add(new Section(text, $"{LinkTo(ticketId)}#txn-{transaction.Id}", HeadingOf(transaction)));
            }
        }

        var requestors = RtReference.PeopleOf(ticket.Requestor).ToList();
        var others = RtReference
            .PeopleOf(ticket.Owner)
            .Concat(transactions.SelectMany(transaction => RtReference.PeopleOf(transaction.Creator)))
            .Except(requestors)
            .Distinct();
        return new Document
        {
            Id = IdOf(ticketId),
            Title = $"#{ticketId}: {ticket.Subject}",
            Link = LinkTo(ticketId),
            Sections = sections,
            Version = ticket.LastUpdated?.ToString("O", CultureInfo.InvariantCulture),
            CreatedAt = ticket.Created,
            UpdatedAt = ticket.LastUpdated,
            PrimaryOwners = await _names.OwnersOfAsync(requestors, cancellationToken),
            SecondaryOwners = await _names.OwnersOfAsync(others, cancellationToken),
            Metadata = MetadataOf(ticket, await _names.OfQueueAsync(ticket.Queue, cancellationToken)),
        };
    }

    /// <summary>The files of a ticket that belong to what is read of it; none where this account may not see them.</summary>
    public async Task<IReadOnlyList<Part>> FilesOfAsync(long ticketId, CancellationToken cancellationToken)
    {
        try
        {
            return await AllFilesOfAsync(ticketId, cancellationToken);
        }
        catch (SourceException exception) when (IsOutOfSight(exception))
        {
            return [];
        }
    }

    private async Task<IReadOnlyList<Part>> AllFilesOfAsync(long ticketId, CancellationToken cancellationToken)
    {
        var read = (await TransactionsAsync(ticketId, cancellationToken))
            .Select(transaction => transaction.Id.ToString(CultureInfo.InvariantCulture))
            .ToHashSet();
        return
        [
            .. (await PartsAsync(ticketId, cancellationToken)).Where(part =>
                part.IsFile && RtReference.IdsOf(part.TransactionId).Any(read.Contains)
            ),
        ];
    }

    public Document DocumentOf(Document ticket, Part file) =>
        new()
        {
            Id = IdOf(file),
            Title = file.Filename,
            Link = ticket.Link,
            File = new FileContent
            {
                Name = file.Filename!,
                ContentType = file.ContentType,
                OpenAsync = async cancellationToken => new MemoryStream(
                    await ContentOfAsync(file.Id, cancellationToken),
                    writable: false
                ),
            },
            // What was attached never changes.
            Version = $"{file.Id}",
            CreatedAt = file.Created,
            UpdatedAt = file.Created,
            PrimaryOwners = ticket.PrimaryOwners,
            Metadata = new Dictionary<string, MetadataValue> { ["attachment_of"] = ticket.Id },
        };

    /// <summary>A part of a ticket that this account may not see, or that was removed meanwhile.</summary>
    private static bool IsOutOfSight(SourceException exception) =>
        exception.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.Gone;

    /// <summary>The transactions with text. RT seldom tells how many there are: then the end is an empty page.</summary>
    private async Task<IReadOnlyList<Transaction>> TransactionsAsync(long ticketId, CancellationToken cancellationToken)
    {
        var all = new List<Transaction>();
        var pages = context.Http.PagesByNumberAsync(
            page =>
                _root.At(
                    $"ticket/{ticketId}/history",
                    ("fields", "Type,Creator,Created"),
                    ("per_page", PageSize),
                    ("page", page)
                ),
            RequestTrackerJson.Default.HistoryPage,
            page => page.Items.Count,
            page => page.HasMore,
            null,
            cancellationToken
        );
        await foreach (var page in pages.Take(MostPages))
        {
            all.AddRange(page.Body.Items.Where(item => item.HasText && (config.IncludeComments || !item.IsInternal)));
        }

        return [.. all.DistinctBy(transaction => transaction.Id).OrderBy(transaction => transaction.Id)];
    }

    private async Task<IReadOnlyList<Part>> PartsAsync(long ticketId, CancellationToken cancellationToken)
    {
        var all = new List<Part>();
        var pages = context.Http.PagesByNumberAsync(
            page =>
                _root.At(
                    $"ticket/{ticketId}/attachments",
                    ("fields", "Subject,Filename,ContentType,ContentLength,TransactionId,Created"),
                    ("per_page", PageSize),
                    ("page", page)
                ),
            RequestTrackerJson.Default.FilePage,
            page => page.Items.Count,
            page => page.HasMore,
            null,
            cancellationToken
        );
        await foreach (var page in pages.Take(MostPages))
        {
            foreach (var part in page.Body.Items)
            {
                all.Add(
                    part.IsBare
                        ? await context.Http.GetJsonAsync(
                            _root.At($"attachment/{part.Id}"),
                            RequestTrackerJson.Default.Part,
                            cancellationToken
                        )
                        : part
                );
            }
        }

        return [.. all.DistinctBy(part => part.Id).OrderBy(part => part.Id)];
    }

    /// <summary>The plain text of a mail where it has one, else its HTML.</summary>
    private async Task<string> TextOfAsync(IReadOnlyList<Part> parts, CancellationToken cancellationToken)
    {
        var plain = parts.Where(part => part.IsText("plain")).ToList();
        var texts = new List<string>();
        foreach (var part in plain.Count > 0 ? plain : parts.Where(part => part.IsText("html")))
        {
            try
            {
                var content = await ContentOfAsync(part.Id, cancellationToken);
                texts.Add(QuotedMail.Trim(plain.Count > 0 ? Encoding.UTF8.GetString(content) : TextOf(content)));
            }
            catch (SourceException exception) when (IsOutOfSight(exception))
            {
                // The rest of the ticket is still worth having.
            }
        }

        return string.Join("\n\n", texts.Where(text => text.Length > 0));
    }

    private string TextOf(byte[] html)
    {
        var page = context.Html.Convert(
            html,
            new HtmlOptions
            {
                Charset = "utf-8",
                MainContentOnly = false,
                SectionPerHeading = false,
            }
        );
        return string.Join("\n\n", page.Sections.Select(section => section.Text));
    }

    private async Task<byte[]> ContentOfAsync(long partId, CancellationToken cancellationToken)
    {
        var part = await context.Http.GetJsonAsync(
            _root.At($"attachment/{partId}"),
            RequestTrackerJson.Default.PartContent,
            cancellationToken
        );
        try
        {
            return Convert.FromBase64String(part.Content ?? "");
        }
        catch (FormatException exception)
        {
            throw new SourceException(
                FailureKind.Source,
                $"RT answers the attachment {partId} in a form that is not Base64.",
                exception
            );
        }
    }

    private static string? HeadingOf(Transaction transaction)
    {
        var who = RtReference.PeopleOf(transaction.Creator).FirstOrDefault();
        return transaction.IsInternal ? $"{who} (comment)".Trim() : who;
    }

    private static Dictionary<string, MetadataValue> MetadataOf(Ticket ticket, string queue)
    {
        var metadata = new Dictionary<string, MetadataValue>();
        Add("queue", queue);
        Add("status", ticket.Status);
        Add("owner", RtReference.PeopleOf(ticket.Owner).FirstOrDefault());
        Add("priority", RtReference.IdsOf(ticket.Priority).FirstOrDefault());
        Add("type", ticket.Type);
        Add("created", ticket.Created is { } created ? DateOf($"{created:O}") : null);
        Add("resolved", DateOf(ticket.Resolved));
        Add("due", DateOf(ticket.Due));
        AddAll("cc", RtReference.PeopleOf(ticket.Cc));
        AddAll("admin_cc", RtReference.PeopleOf(ticket.AdminCc));
        if (ticket.CustomFields.ValueKind == JsonValueKind.Array)
        {
            foreach (var field in ticket.CustomFields.EnumerateArray())
            {
                if (
                    field.ValueKind == JsonValueKind.Object
                    && field.TryGetProperty("name", out var name)
                    && name.ValueKind == JsonValueKind.String
                    && field.TryGetProperty("values", out var values)
                )
                {
                    AddAll(name.GetString()!, RtReference.IdsOf(values));
                }
            }
        }

        return metadata;

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                metadata[name] = value;
            }
        }

        void AddAll(string name, IEnumerable<string> values)
        {
            if (values.ToList() is { Count: > 0 } list)
            {
                metadata[name] = MetadataValue.FromList(list);
            }
        }
    }

    /// <summary>RT writes 1970 for a date that is not set.</summary>
    private static string? DateOf(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
        && time > DateTimeOffset.UnixEpoch
            ? time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : null;
}
