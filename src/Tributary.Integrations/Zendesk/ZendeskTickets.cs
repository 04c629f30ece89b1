using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Markup;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Zendesk;

/// <summary>
/// Tickets by the incremental export, which has archived ones, too, and tombstones. It goes by the time of the last change,
/// of whatever kind, so that a cursor from the end of one run is where the next one begins.
/// </summary>
internal sealed class ZendeskTickets(ReaderContext context, Uri root, Uri site, bool withNotes, ZendeskFiles attached)
{
    private const int PerPage = 100;
    private const int PerListedPage = 1_000;
    private const int MostFailed = 1_000;
    private const int MostCommentPages = 100;
    private const int MostCharacters = 20_000_000;
    private const int MostCompared = 200;
    private const long System = -1;
    private const string Includes = "users,groups,organizations";

    private readonly ItemReads _reads = new();
    private readonly ItemReads _retries = new(int.MaxValue);
    private readonly ZendeskPeople _people = new(context, root);
    private readonly ZendeskNames<long, BrandsAnswer> _brands = new(
        context.Http,
        after => ZendeskPage.At(root, $"api/v2/brands", PerPage, after),
        ZendeskJson.Default.BrandsAnswer,
        answer => answer.Brands.Select(brand => (brand.Id, brand.Name))
    );

    public Task<ExportAnswer> CheckAsync(CancellationToken cancellationToken) =>
        context.Http.GetJsonAsync(
            Export(null, 1, exclude: null, include: null),
            ZendeskJson.Default.ExportAnswer,
            cancellationToken
        );

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ZendeskPosition position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var failed = new SortedSet<long>(position.Failed);
        var retries = new SortedSet<long>(position.Failed);
        var pages = context.Http.PagesByCursorAsync(
            cursor => Export(cursor, PerPage, exclude: null, Includes),
            ZendeskJson.Default.ExportAnswer,
            answer => answer.Next,
            position.Next,
            cancellationToken
        );
        await foreach (var page in pages)
        {
            var body = page.Body;
            var known = await context.Known.GetAsync([.. body.Tickets.Select(IdOf)], cancellationToken);
            var people = body.Tickets.SelectMany(PeopleOf);
            var users = await _people.OfAsync(body.Users, people, cancellationToken);
            var names = new TicketNames(users, body.Groups ?? [], body.Organizations ?? []);
            foreach (var ticket in body.Tickets)
            {
                var before = known.GetValueOrDefault(IdOf(ticket));
                var files = new List<Attachment>();
                var item =
                    ticket.IsDeleted ? new ReadItem.Deleted(IdOf(ticket))
                    : before?.Version == attached.VersionOf(ticket.Version) ? new ReadItem.Unchanged(IdOf(ticket))
                    : await _reads.ReadAsync(
                        IdOf(ticket),
                        LinkTo(ticket.Id),
                        () => ReadAsync(ticket, names, files, cancellationToken)
                    );
                Note(failed, ticket.Id, item);
                retries.Remove(ticket.Id);
                yield return item;
                foreach (var file in attached.After(item, files, before))
                {
                    yield return file;
                }
            }

            position = position with { Next = body.AfterCursor ?? position.Next, Failed = [.. failed] };
            yield return ReadItem.Checkpoint.From(position);
        }

        // The export does not name again what could not be read earlier.
        foreach (var id in retries)
        {
            var files = new List<Attachment>();
            var item = await _retries.ReadAsync(
                $"zendesk_ticket_{id}",
                LinkTo(id),
                () => ReadOneAsync(id, cancellationToken, files)
            );
            Note(failed, id, item);
            yield return item;
            foreach (var file in attached.After(item, files, null))
            {
                yield return file;
            }
        }

        yield return ReadItem.Checkpoint.From(position with { Failed = [.. failed] });
    }

    /// <summary>
    /// The live tickets by their list, which archived ones have left, and all by the export, which leaves out what changed in
    /// the last minute. Some come twice.
    /// </summary>
    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var listed = context.Http.PagesByCursorAsync(
            after => ZendeskPage.At(root, $"api/v2/tickets", PerPage, after),
            ZendeskJson.Default.ListedTickets,
            answer => answer.Next,
            null,
            cancellationToken
        );
        await using var pages = listed.GetAsyncEnumerator(cancellationToken);
        for (var isFirst = true; await MoveAsync(pages, isFirst); isFirst = false)
        {
            await foreach (var id in ListAsync(pages.Current.Body.Tickets, cancellationToken))
            {
                yield return id;
            }
        }

        var exported = context.Http.PagesByCursorAsync(
            cursor => Export(cursor, PerListedPage, exclude: true, include: null),
            ZendeskJson.Default.ExportAnswer,
            answer => answer.Next,
            null,
            cancellationToken
        );
        await foreach (var page in exported)
        {
            await foreach (var id in ListAsync(page.Body.Tickets, cancellationToken))
            {
                yield return id;
            }
        }
    }

    private async IAsyncEnumerable<string> ListAsync(
        IReadOnlyList<Ticket> tickets,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var known = attached.IsOn
            ? await context.Known.GetAsync([.. tickets.Select(IdOf)], cancellationToken)
            : new Dictionary<string, KnownDocument>();
        foreach (var ticket in tickets.Where(ticket => !ticket.IsDeleted))
        {
            yield return IdOf(ticket);
            var before = known.GetValueOrDefault(IdOf(ticket));

            // Updates of the system bring no files, and lists do not tell of them.
            var isSame = before?.Version?.StartsWith($"{ticket.UpdatedAt:O} ", StringComparison.Ordinal) == true;
            var files =
                !attached.IsOn ? []
                : isSame && ZendeskFiles.IdsIn(before) is { } named ? named
                : await FilesOfAsync(ticket, cancellationToken);
            foreach (var id in files)
            {
                yield return id;
            }
        }
    }

    private async Task<IReadOnlyList<string>> FilesOfAsync(Ticket ticket, CancellationToken cancellationToken)
    {
        var files = new List<Attachment>();
        try
        {
            await CommentsAsync(ticket, files, cancellationToken);
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.NotFound)
        {
            // It vanished after it was listed.
        }

        return [.. files.Select(ZendeskFiles.IdOf)];
    }

    /// <summary>The next page; none at all where there is no such list: then the export has to do.</summary>
    private static async Task<bool> MoveAsync(IAsyncEnumerator<Page<ListedTickets>> pages, bool isFirst)
    {
        try
        {
            return await pages.MoveNextAsync();
        }
        catch (SourceException exception) when (isFirst && ZendeskReader.IsRefused(exception))
        {
            return false;
        }
    }

    private Uri Export(string? cursor, int size, bool? exclude, string? include) =>
        root.At(
            $"api/v2/incremental/tickets/cursor",
            ("start_time", cursor is null ? 0 : null),
            ("cursor", cursor),
            ("per_page", size),
            ("exclude_deleted", exclude),
            ("include", include)
        );

    private static string IdOf(Ticket ticket) => $"zendesk_ticket_{ticket.Id}";

    private string LinkTo(long id) => site.At($"agent/tickets/{id}").AbsoluteUri;

    private static IEnumerable<long?> PeopleOf(Ticket ticket) =>
        [ticket.RequesterId, ticket.SubmitterId, ticket.AssigneeId];

    private static void Note(SortedSet<long> failed, long id, ReadItem item)
    {
        failed.Remove(id);
        if (item is ReadItem.Failed && failed.Add(id) && failed.Count > MostFailed)
        {
            throw new SourceException(
                FailureKind.Source,
                $"More than {MostFailed} tickets cannot be read. The run goes on from here when Zendesk answers for them again."
            );
        }
    }

    public async Task<ReadItem> ReadOneAsync(
        long id,
        CancellationToken cancellationToken,
        List<Attachment>? files = null
    )
    {
        var answer = await context.Http.GetJsonAsync(
            root.At($"api/v2/tickets/{id}", ("include", Includes)),
            ZendeskJson.Default.TicketAnswer,
            cancellationToken
        );
        var users = await _people.OfAsync(answer.Users, PeopleOf(answer.Ticket), cancellationToken);
        return answer.Ticket.IsDeleted
            ? new ReadItem.Deleted(IdOf(answer.Ticket))
            : await ReadAsync(
                answer.Ticket,
                new TicketNames(users, answer.Groups ?? [], answer.Organizations ?? []),
                files ?? [],
                cancellationToken
            );
    }

    private async Task<ReadItem> ReadAsync(
        Ticket ticket,
        TicketNames names,
        List<Attachment> files,
        CancellationToken cancellationToken
    )
    {
        var metadata = new Dictionary<string, MetadataValue> { ["tags"] = MetadataValue.FromList(ticket.Tags ?? []) };
        metadata.AddText("status", ticket.Status);
        metadata.AddText("priority", ticket.Priority);
        metadata.AddText("ticket_type", ticket.Type);
        metadata.AddText("group", names.Groups.FirstOrDefault(group => group.Id == ticket.GroupId)?.Name);
        metadata.AddText(
            "organization",
            names.Organizations.FirstOrDefault(organization => organization.Id == ticket.OrganizationId)?.Name
        );
        metadata.AddText(
            "brand",
            ticket.BrandId is { } brand ? await _brands.FindAsync(brand, cancellationToken) : null
        );
        var requester = names.Users.GetValueOrDefault(ticket.RequesterId ?? 0);
        var submitter = names.Users.GetValueOrDefault(ticket.SubmitterId ?? 0);
        var assignee = names.Users.GetValueOrDefault(ticket.AssigneeId ?? 0);
        return new ReadItem.Found(
            new Document
            {
                Id = IdOf(ticket),
                Title = $"Ticket #{ticket.Id}: {ticket.Subject}".TrimEnd(' ', ':'),
                Link = LinkTo(ticket.Id),
                Sections = await CommentsAsync(ticket, files, cancellationToken),
                Version = attached.VersionOf(ticket.Version),
                Note = attached.NoteOf(files),
                CreatedAt = ticket.CreatedAt,
                UpdatedAt = ticket.UpdatedAt,
                PrimaryOwners = ZendeskPeople.Owners(requester ?? submitter),
                SecondaryOwners =
                [
                    .. ZendeskPeople.Owners(submitter, assignee).Except(ZendeskPeople.Owners(requester ?? submitter)),
                ],
                Metadata = metadata,
                Access = AccessOf(ticket, assignee),
            }
        );
    }

    /// <summary>Agents whose view is not restricted, and those restricted to the ticket's group or organisation.</summary>
    private static DocumentAccess AccessOf(Ticket ticket, User? assignee)
    {
        List<string> groups = ["zendesk_unrestricted_agents"];
        if (ticket.GroupId is { } group)
        {
            groups.Add($"zendesk_group_{group}");
        }

        if (ticket.OrganizationId is { } organization)
        {
            groups.Add($"zendesk_organization_{organization}");
        }

        return new DocumentAccess(false, assignee?.Email is { Length: > 0 } email ? [email] : [], groups);
    }

    /// <summary>A section for each comment, oldest first; the first one is the ticket's description.</summary>
    private async Task<IReadOnlyList<Section>> CommentsAsync(
        Ticket ticket,
        List<Attachment> files,
        CancellationToken cancellationToken
    )
    {
        var sections = new List<Section>();
        var (pageCount, characters) = (0, 0L);
        var description = LettersOf(ticket.Description, MostCompared);

        // The first comment is the description, and who may not read it may not read that either.
        var isMissing = description.Length > 0 && (ticket.IsPublic != false || withNotes);
        var pages = context.Http.PagesByCursorAsync(
            after =>
                ZendeskPage.At(
                    root,
                    $"api/v2/tickets/{ticket.Id}/comments",
                    PerPage,
                    after,
                    ("sort", "created_at"),
                    ("include", "users")
                ),
            ZendeskJson.Default.CommentsAnswer,
            answer => answer.Next,
            null,
            cancellationToken
        );
        await foreach (var page in pages)
        {
            isMissing =
                isMissing
                && (pageCount > 0 || page.Body.Comments is not [{ IsPublic: false }, ..] || withNotes)
                && !page.Body.Comments.Any(comment =>
                    LettersOf(comment.Body ?? comment.HtmlBody, int.MaxValue)
                        .Contains(description, StringComparison.Ordinal)
                );
            var shown = page.Body.Comments.Where(comment => comment.IsPublic || withNotes).ToList();
            files.AddRange(attached.Chosen(shown.SelectMany(comment => comment.Attachments ?? [])));
            var authors = shown.Select(comment => comment.AuthorId);
            var users = await _people.OfAsync(page.Body.Users, authors, cancellationToken);
            sections.AddRange(
                shown.Select(comment => SectionOf(ticket, comment, users)).Where(section => section.Text.Length > 0)
            );
            characters += page.Body.Comments.Sum(comment => (long)(comment.HtmlBody ?? comment.Body ?? "").Length);
            if (++pageCount > MostCommentPages || characters > MostCharacters)
            {
                throw new SourceException(
                    FailureKind.Source,
                    $"Ticket {ticket.Id} is longer than Zendesk allows a ticket to be: it is left out."
                );
            }
        }

        return isMissing ? [new Section(ticket.Description!.Trim(), LinkTo(ticket.Id)), .. sections] : sections;
    }

    /// <summary>What is left where a text is written in another markup.</summary>
    private static string LettersOf(string? text, int most) =>
        string.Concat((text ?? "").Where(char.IsLetterOrDigit).Take(most));

    private Section SectionOf(Ticket ticket, Comment comment, IReadOnlyDictionary<long, User> users)
    {
        var html = comment.HtmlBody is { Length: > 0 } body
            ? ZendeskReader.Convert(context, body, new Uri(LinkTo(ticket.Id)), perHeading: false)
            : [];
        var text = html.Count > 0 ? string.Join("\n\n", html.Select(part => part.Text)) : comment.Body ?? "";
        text = comment.Via?.Channel == "email" ? QuotedMail.Trim(text) : text;
        if (comment.Attachments is { Count: > 0 } files)
        {
            text += $"\n\nAttachments: {string.Join(", ", files.Select(file => file.FileName))}";
        }

        var author =
            comment.AuthorId == System ? "Zendesk"
            : users.GetValueOrDefault(comment.AuthorId ?? 0) is { } user
            && (user.Name ?? user.Email) is { Length: > 0 } name
                ? name
            : "somebody";
        var time = comment.CreatedAt?.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        return new Section(
            text.Trim(),
            LinkTo(ticket.Id),
            (comment.IsPublic ? "" : "Internal note ") + $"by {author}" + (time is null ? "" : $" at {time}")
        );
    }
}

/// <summary>What came along with a page of tickets.</summary>
internal sealed record TicketNames(
    IReadOnlyDictionary<long, User> Users,
    IReadOnlyList<Named> Groups,
    IReadOnlyList<Named> Organizations
);
