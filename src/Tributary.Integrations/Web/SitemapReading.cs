using Tributary.Sdk;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Web;

/// <summary>The sitemaps of a pass, and the list of an upload, which is read like one.</summary>
internal sealed class SitemapReading(
    ReaderContext context,
    WebConfig config,
    CrawlPass pass,
    Frontier frontier,
    SiteHttp http,
    RobotsCache robots
)
{
    private readonly SitemapFinder _finder = new(http, robots);

    /// <summary>Finds the sitemaps to begin with.</summary>
    /// <exception cref="SourceException">There is none.</exception>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        var (sitemaps, isItself) = await _finder.FindAsync(pass.Start, cancellationToken);
        pass.FoundSitemap(isItself);

        // Several are parts of one, as those of an index are.
        var level = sitemaps.Count > 1 ? 2 : 1;
        await frontier.AddAsync([.. sitemaps.Select(url => frontier.Sitemap(url, level))], cancellationToken);
    }

    /// <summary>Brings the entries of a sitemap, or of the uploaded list, into the frontier.</summary>
    /// <exception cref="SourceException">It cannot be read, and the pass is not whole without it.</exception>
    public async Task ReadAsync(Visit visit, List<ReadItem> said, CancellationToken cancellationToken)
    {
        var isList = config.WebConnectorType == WebConnectorType.Upload;
        var source = new SitemapEntries(
            pass.Scope,
            robots,
            frontier,
            visit.Url,
            visit.Data.Level ?? 1,
            isList,
            async url =>
                pass.IsListing && (await context.Known.GetAsync([IdOf(url)], cancellationToken)).ContainsKey(IdOf(url))
        );
        try
        {
            await using var sitemap = isList
                ? await OpenListAsync(cancellationToken)
                : await _finder.OpenAsync(visit.Url, cancellationToken);
            await source.AddAllAsync(sitemap, said, cancellationToken);
        }
        catch (Exception error) when (SitemapEntries.ProblemOf(visit.Url, error, cancellationToken) is { } problem)
        {
            // One broken part of a large sitemap does not keep the rest from being read, but a listing has to be whole.
            if (pass.IsListing || visit.Data.Level is null or 1)
            {
                throw problem;
            }

            said.Add(new ReadItem.Failed(visit.Url, visit.Url, problem.Message));
            pass.NoteReason(problem.Message, problem.Kind == FailureKind.Transient);
        }
    }

    private async Task<Sitemap> OpenListAsync(CancellationToken cancellationToken) =>
        await context.Files.FindAsync(pass.Start, cancellationToken) is { } file
            ? (
                await Sitemap.OpenAsync(
                    await context.Files.OpenAsync(file.Id, cancellationToken),
                    isList: true,
                    cancellationToken
                )
            )!
            : throw StartFailure.NoFile(pass.Start);

    private string IdOf(string url) => UrlRewriting.Apply(config.UrlRewrites, url);
}
