using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Markup;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Confluence;

/// <summary>Makes documents of pages: a section for the body and one for each comment. Attachments are documents of their own.</summary>
internal sealed class ConfluenceMapping(ReaderContext context, ConfluenceApi wiki)
{
    /// <summary>What has to come along with a whole page.</summary>
    public const string Expand =
        "body.storage,version,space,metadata.labels,history.lastUpdated,ancestors,restrictions.read.restrictions.user,restrictions.read.restrictions.group";

    private readonly Uri _site = wiki.Config.Wiki;
    private readonly ConfluenceAccess _access = new(context, wiki);
    private readonly ConfluencePeople _people = new(context, wiki);

    /// <summary>Addresses of pages hold their space and title, which change; the number stays.</summary>
    public string IdOf(string contentId) => _site.At($"pages/{contentId}").AbsoluteUri;

    public string IdOf(Content content) =>
        content.Type == "attachment" ? _site.At($"attachments/{content.Id}").AbsoluteUri : IdOf(content.Id);

    public string LinkTo(Content content) =>
        content.Links?.Webui is { Length: > 1 } path && path[0] == '/'
            ? _site.AbsoluteUri.TrimEnd('/') + path
            : _site.AbsoluteUri.TrimEnd('/') + "/pages/viewpage.action?pageId=" + Uri.EscapeDataString(content.Id);

    /// <summary>A comment does not touch its page, so that the page's own number is not enough.</summary>
    public static string VersionOf(Content content, IEnumerable<Content> comments)
    {
        var marks = string.Join(
            ' ',
            comments.Select(comment => $"{comment.Id}.{comment.Version?.Number}").Order(StringComparer.Ordinal)
        );
        var comment =
            marks.Length > 0 ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(marks)))[..16] : "";
        return $"{content.Version?.Number} {content.ChangedAt:O} {comment}".TrimEnd();
    }

    public async Task<Document> DocumentOfAsync(
        Content page,
        IEnumerable<Content> comments,
        CancellationToken cancellationToken
    )
    {
        var link = LinkTo(page);
        var all = comments.ToList();
        var mentioned = all.Append(page).SelectMany(content => ConfluenceStorage.PeopleIn(BodyOf(content)));
        var names = await _people.OfAsync(mentioned, cancellationToken);
        var sections = all.Select(comment => new Section(
                TextOf(comment, link, names),
                $"{link}{(link.Contains('?', StringComparison.Ordinal) ? '&' : '?')}focusedCommentId={Uri.EscapeDataString(comment.Id)}",
                comment.Version?.By?.DisplayName
            ))
            .Prepend(new Section(TextOf(page, link, names), link));
        var owners = new[] { page.Version?.By, page.History?.CreatedBy }
            .Select(OwnerOf)
            .OfType<Owner>()
            .Distinct()
            .ToList();
        return new Document
        {
            Id = IdOf(page),
            Title = page.Title,
            Link = link,
            Sections = [.. sections.Where(section => section.Text.Length > 0)],
            Version = VersionOf(page, all),
            CreatedAt = page.History?.CreatedDate,
            UpdatedAt = page.ChangedAt,
            PrimaryOwners = [.. owners.Take(1)],
            SecondaryOwners = [.. owners.Skip(1)],
            Metadata = MetadataOf(page),
            Access = await _access.OfAsync(page, cancellationToken),
        };
    }

    /// <summary>Null when the wiki does not say where the file is.</summary>
    public async Task<Document?> DocumentOfAsync(Content page, Content attachment, CancellationToken cancellationToken)
    {
        if (wiki.FileOf(page.Id, attachment) is not { } address)
        {
            return null;
        }

        // An attachment that changed below a page that did not: who may see the page has to be asked for.
        if (page.Space is null)
        {
            page = await wiki.PagesOfAsync([page.Id], Expand, cancellationToken) is [var whole, ..] ? whole : page;
        }

        var name = attachment.Title is { Length: > 0 } title ? title : attachment.Id;
        var mediaType = attachment.Metadata?.MediaType ?? attachment.Extensions?.MediaType;
        return new Document
        {
            Id = IdOf(attachment),
            Title = name,
            Link = LinkTo(attachment.Links?.Webui is null ? page : attachment),
            File = context.Http.FileAt(address, name, mediaType, attachment.Extensions?.FileSize),
            Version = VersionOf(attachment, []),
            UpdatedAt = attachment.ChangedAt,
            PrimaryOwners = [.. new[] { OwnerOf(attachment.Version?.By) }.OfType<Owner>()],
            Metadata = new Dictionary<string, MetadataValue>
            {
                ["space"] = page.Space?.Key ?? "",
                ["page"] = page.Title ?? "",
                ["attachment_of"] = IdOf(page.Id),
                ["labels"] = MetadataValue.FromList(attachment.LabelNames),
            },
            Access = await _access.OfAsync(page, cancellationToken),
        };
    }

    private static Dictionary<string, MetadataValue> MetadataOf(Content page) =>
        new()
        {
            ["space"] = page.Space?.Key ?? "",
            ["space_name"] = page.Space?.Name ?? "",
            ["type"] = page.Type ?? "",
            ["status"] = page.Status ?? "",
            ["labels"] = MetadataValue.FromList(page.LabelNames),
            ["ancestors"] = MetadataValue.FromList(
                (page.Ancestors ?? []).Select(ancestor => ancestor.Title).OfType<string>()
            ),
            ["version"] = page.Version?.Number?.ToString(CultureInfo.InvariantCulture) ?? "",
        };

    private static string BodyOf(Content content) => content.Body?.Storage?.Value ?? "";

    private string TextOf(Content content, string link, IReadOnlyDictionary<string, string> names) =>
        context.Html.ToMarkdown(ConfluenceStorage.ToHtml(BodyOf(content), names), link);

    private static Owner? OwnerOf(User? user) =>
        user is null || string.IsNullOrEmpty(user.DisplayName) && string.IsNullOrEmpty(user.Email)
            ? null
            : new Owner(
                string.IsNullOrEmpty(user.DisplayName) ? null : user.DisplayName,
                string.IsNullOrEmpty(user.Email) ? null : user.Email
            );
}
