using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Incremental;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Zendesk;

/// <summary>Reads articles or tickets. See https://developer.zendesk.com/api-reference.</summary>
/// <param name="context">What may be touched.</param>
/// <param name="config">What is wanted.</param>
/// <param name="root">Where the API is.</param>
/// <param name="site">Where people go.</param>
internal sealed class ZendeskReader(ReaderContext context, ZendeskConfig config, Uri root, Uri site)
    : ISearchingReader,
        ISingleReader
{
    private readonly bool _readsTickets = config.ContentType == ZendeskContentType.Tickets;
    private readonly ZendeskArticles _articles = new(context, root, site, Attached(context, config, root, site));
    private readonly ZendeskTickets _tickets = new(
        context,
        root,
        site,
        config.IncludeInternalNotes,
        Attached(context, config, root, site)
    );

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var me = await AnsweredAsync(
            () => MeAsync(cancellationToken),
            HttpStatusCode.NotFound,
            FailureKind.Configuration,
            $"There is no Zendesk account at {root.Host}: check zendesk_subdomain.",
            "credentials.zendesk_subdomain"
        );
        if (me is { User.Id: null })
        {
            throw Refused("Zendesk does not know these credentials: check zendesk_email and zendesk_token.", null);
        }

        if (
            me?.User.Role is { Length: > 0 } role
            && (role is not ("admin" or "agent") || (_readsTickets && role != "admin"))
        )
        {
            throw Refused(
                $"The token's owner has the role '{role}'. "
                    + (
                        _readsTickets
                            ? "The export of tickets needs an administrator"
                            : "Articles need an administrator or an agent"
                    )
                    + ": give a token of one, or change the role under People in the Admin Center.",
                null
            );
        }

        if (_readsTickets)
        {
            await AnsweredAsync(
                () => _tickets.CheckAsync(cancellationToken),
                HttpStatusCode.Forbidden,
                FailureKind.Configuration,
                "Zendesk refuses the export of tickets: the account has no ticketing product (Zendesk Support), or the token lacks the scope tickets:read.",
                "config.content_type"
            );
        }
        else
        {
            await AnsweredAsync(
                () => _articles.CheckAsync(cancellationToken),
                HttpStatusCode.NotFound,
                FailureKind.Configuration,
                "The account has no help centre: activate Guide in Zendesk, or read tickets.",
                "config.content_type"
            );
        }
    }

    public IAsyncEnumerable<ReadItem> ReadAsync(ReadRequest request, CancellationToken cancellationToken)
    {
        // What a position means depends on what is read: another choice begins afresh.
        var position = request.CheckpointAs<ZendeskPosition>();
        position = position?.Selection == Selection ? position : new ZendeskPosition { Selection = Selection };
        return _readsTickets
            ? _tickets.ReadAsync(position, cancellationToken)
            : _articles.ReadAsync(position, request.FromBeginning, cancellationToken);
    }

    public IAsyncEnumerable<string> ListAsync(CancellationToken cancellationToken) =>
        _readsTickets ? _tickets.ListAsync(cancellationToken) : _articles.ListAsync(cancellationToken);

    public async IAsyncEnumerable<FoundItem> SearchAsync(
        string query,
        int limit,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var address = _readsTickets
            ? root.At($"api/v2/search/export", ("query", query), ("filter[type]", "ticket"), ("page[size]", limit))
            : root.At($"api/v2/help_center/articles/search", ("query", query), ("per_page", limit));
        var answer = await context.Http.GetJsonAsync(address, ZendeskJson.Default.SearchHits, cancellationToken);
        foreach (var hit in answer.Results)
        {
            yield return new FoundItem(
                $"{hit.Id}",
                hit.Subject ?? hit.Title,
                _readsTickets ? site.At($"agent/tickets/{hit.Id}").AbsoluteUri : hit.HtmlUrl,
                hit.UpdatedAt
            );
        }
    }

    public Task<ReadItem> ReadOneAsync(string id, CancellationToken cancellationToken) =>
        !long.TryParse(id, CultureInfo.InvariantCulture, out var number)
            ? Task.FromResult<ReadItem>(new ReadItem.Deleted(id))
        : _readsTickets ? _tickets.ReadOneAsync(number, cancellationToken)
        : _articles.ReadOneAsync(number, cancellationToken);

    private string Selection =>
        (
            !_readsTickets ? "articles"
            : config.IncludeInternalNotes ? "tickets with notes"
            : "tickets"
        ) + (config.IncludeAttachments ? " and files" : "");

    private static ZendeskFiles Attached(ReaderContext context, ZendeskConfig config, Uri root, Uri site) =>
        new(context, root, site, config.IncludeAttachments);

    /// <summary>HTML as Markdown.</summary>
    internal static IReadOnlyList<Section> Convert(ReaderContext context, string html, Uri address, bool perHeading) =>
        context
            .Html.Convert(
                Encoding.UTF8.GetBytes($"<html><body>{html}</body></html>"),
                new HtmlOptions
                {
                    BaseUri = address,
                    Charset = "utf-8",
                    MainContentOnly = false,
                    SectionPerHeading = perHeading,
                }
            )
            .Sections;

    internal static SourceException NoWayOn() =>
        new(
            FailureKind.Source,
            "Zendesk says that a listing goes on, and not where. The next run tries again; when it stays so, tell Zendesk."
        );

    /// <summary>Not to be had here: of what a reader can do without, it does.</summary>
    internal static bool IsRefused(SourceException exception) =>
        exception.Status
            is HttpStatusCode.Forbidden
                or HttpStatusCode.NotFound
                or HttpStatusCode.BadRequest
                or HttpStatusCode.MethodNotAllowed
                or HttpStatusCode.NotImplemented;

    /// <summary>Who the token's owner is; null where an OAuth token may not ask.</summary>
    private async Task<UserAnswer?> MeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await context.Http.GetJsonAsync(
                root.At($"api/v2/users/me"),
                ZendeskJson.Default.UserAnswer,
                cancellationToken
            );
        }
        catch (SourceException exception) when (exception.Status == HttpStatusCode.Forbidden)
        {
            return null;
        }
    }

    private static SourceException Refused(string message, SourceException? inner) =>
        new(FailureKind.Credentials, message, inner) { Status = inner?.Status, Member = "credentials.zendesk_token" };

    private static async Task<T> AnsweredAsync<T>(
        Func<Task<T>> ask,
        HttpStatusCode status,
        FailureKind kind,
        string message,
        string member
    )
    {
        try
        {
            return await ask();
        }
        catch (SourceException exception) when (exception.Status == HttpStatusCode.Unauthorized)
        {
            throw Refused(
                "Zendesk does not accept these credentials: check zendesk_email and zendesk_token, and that access by API "
                    + "tokens is switched on in the Admin Center.",
                exception
            );
        }
        catch (SourceException exception) when (exception.Status == status)
        {
            throw new SourceException(kind, message, exception) { Status = status, Member = member };
        }
    }
}

/// <summary>Where a read stands.</summary>
internal sealed record ZendeskPosition
{
    /// <summary>What is being read.</summary>
    public required string Selection { get; init; }

    /// <summary>Articles: how far back.</summary>
    public Watermark Watermark { get; init; } = new();

    /// <summary>Articles: where in the list a pass was cut off. Tickets: where the export goes on, also in the next run.</summary>
    public string? Next { get; init; }

    /// <summary>Tickets that could not be read: the export does not name them again.</summary>
    public IReadOnlyCollection<long> Failed { get; init; } = [];
}
