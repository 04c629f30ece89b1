using System.Globalization;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.SharePoint;

/// <summary>The modern pages of a site.</summary>
internal sealed class SharePointPages(ReaderContext context, SharePointConfig config)
{
    private const int PagesPerPage = 100;

    public IAsyncEnumerable<Page<GraphCollection<SitePage>>> PagesAsync(
        string site,
        CancellationToken cancellationToken
    ) =>
        context.Http.GraphPagesAsync(
            config.Root.At(
                $"sites/{site}/pages/microsoft.graph.sitePage",
                ("$select", "id,name,title,webUrl,lastModifiedDateTime,publishingState"),
                ("$top", PagesPerPage)
            ),
            SharePointJson.Default.GraphCollectionSitePage,
            null,
            cancellationToken
        );

    public static string? VersionOf(SitePage page) =>
        page.LastModifiedDateTime?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    public async Task<ReadItem> ReadAsync(SharePointTask site, SitePage listed, CancellationToken cancellationToken)
    {
        var page = await context.Http.GraphAsync(
            config.Root.At(
                $"sites/{site.SiteId}/pages/{listed.Id}/microsoft.graph.sitePage",
                ("$expand", "canvasLayout")
            ),
            SharePointJson.Default.SitePage,
            cancellationToken
        );
        var link =
            Uri.TryCreate(page.WebUrl, UriKind.Absolute, out var address) ? address
            : Uri.TryCreate(
                $"{site.SiteUrl?.TrimEnd('/')}/{page.WebUrl?.TrimStart('/')}",
                UriKind.Absolute,
                out address
            )
                ? address
            : null;
        var texts = (page.CanvasLayout?.Parts ?? [])
            .Select(part => TextOf(part, link))
            .Prepend(page.Description?.Trim());
        return new ReadItem.Found(
            new Document
            {
                Id = listed.DocumentId,
                Title = page.Title ?? page.Name,
                Link = link?.AbsoluteUri,
                Sections = [new Section(string.Join("\n\n", texts.Where(text => !string.IsNullOrEmpty(text))))],
                Version = VersionOf(listed),
                CreatedAt = page.CreatedDateTime,
                UpdatedAt = page.LastModifiedDateTime,
                PrimaryOwners = page.LastModifiedBy?.Owners ?? [],
                SecondaryOwners = page.CreatedBy?.Owners ?? [],
                Metadata = new Dictionary<string, MetadataValue> { ["site"] = site.SiteTitle, ["type"] = "page" },
            }
        );
    }

    private string TextOf(WebPart part, Uri? link)
    {
        var texts = new List<string?>
        {
            GraphText.Of(context.Html, part.InnerHtml, link),
            part.Data?.Title,
            part.Data?.Description,
        };
        texts.AddRange((part.Data?.ServerProcessedContent?.SearchablePlainTexts ?? []).Select(text => text.Value));
        return string.Join(
            "\n",
            texts.Where(text => !string.IsNullOrWhiteSpace(text)).Select(text => text!.Trim()).Distinct()
        );
    }
}
