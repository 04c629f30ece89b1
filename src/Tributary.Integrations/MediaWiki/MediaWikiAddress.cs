using Tributary.Sdk;
using Tributary.Sdk.Content;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.MediaWiki;

/// <summary>Where a wiki's API is, or where to look for it.</summary>
/// <param name="Page">A page of the wiki, which points to the API; null when the API's address is known.</param>
/// <param name="Candidates">Addresses of api.php to try, best first.</param>
internal sealed record MediaWikiAddress(Uri? Page, IReadOnlyList<Uri> Candidates)
{
    private const string Script = "api.php";

    /// <summary>Families that have one host for each language, which people leave out.</summary>
    private static readonly HashSet<string> Families =
    [
        "wikipedia.org",
        "wiktionary.org",
        "wikibooks.org",
        "wikinews.org",
        "wikiquote.org",
        "wikisource.org",
        "wikiversity.org",
        "wikivoyage.org",
    ];

    /// <summary>The address of one api.php, given as such or as what stands before /w/api.php or /api.php.</summary>
    public static MediaWikiAddress OfApi(string baseUrl)
    {
        var api = Parse(baseUrl);
        return new MediaWikiAddress(
            null,
            IsScript(api) ? [api]
                : api.AbsolutePath.TrimEnd('/').EndsWith("/w", StringComparison.Ordinal) ? [Below(api, Script)]
                : [Below(api, "w/" + Script)]
        );
    }

    /// <summary>A wiki that a person names by host, or by the address of any of its pages.</summary>
    public static MediaWikiAddress OfHost(string hostname, string languageCode)
    {
        var page = Parse(hostname);
        if (IsScript(page))
        {
            return new MediaWikiAddress(null, [page]);
        }

        if (Families.Contains(page.Host))
        {
            page = new UriBuilder(page) { Host = $"{languageCode}.{page.Host}" }.Uri;
        }

        // The usual places, below the given path first (a farm of wikis on one host), then at the host's root.
        var root = new Uri(page, "/");
        return new MediaWikiAddress(
            page,
            [
                .. new[]
                {
                    Below(page, Script),
                    Below(root, "w/" + Script),
                    Below(root, Script),
                    Below(root, "wiki/" + Script),
                    Below(root, "mediawiki/" + Script),
                }.Distinct(),
            ]
        );
    }

    /// <summary>What is wrong with an address that a person gave; null when nothing is.</summary>
    public static string? Problem(string hostname)
    {
        try
        {
            return Parse(hostname) is { Scheme: "http" or "https", UserInfo: "" }
                ? null
                : "Should be a host, or an http or https address without user name and password";
        }
        catch (UriFormatException)
        {
            return "Should be a host like 'wiki.example.com' or an address like 'https://wiki.example.com/wiki'";
        }
    }

    /// <summary>The address that answers as a wiki's API does.</summary>
    /// <exception cref="SourceException">None does.</exception>
    public async Task<Uri> FindAsync(ReaderContext context, CancellationToken cancellationToken)
    {
        if (Page is null)
        {
            return Candidates[0];
        }

        SourceException? refusal = null;
        foreach (var api in Candidates.Prepend(await NamedByPageAsync(context, Page, cancellationToken)))
        {
            try
            {
                if (api is not null && await AnswersAsync(context, api, cancellationToken))
                {
                    return api;
                }
            }
            catch (SourceException exception)
            {
                refusal = exception.Kind is FailureKind.Transient or FailureKind.Credentials ? exception : refusal;
            }
        }

        throw refusal
            ?? new SourceException(
                FailureKind.Configuration,
                $"No MediaWiki API was found at {Page}: neither does the page point to one, nor does any of "
                    + $"{string.Join(", ", Candidates)} answer. Give the address of the wiki's api.php."
            )
            {
                Member = "config.hostname",
            };
    }

    private static async Task<Uri?> NamedByPageAsync(
        ReaderContext context,
        Uri page,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, page);
        // A private wiki says 403 and still points to its API, so the status does not matter.
        using var response = await context.Http.SendAnyAsync(request, cancellationToken);
        var address = response.RequestMessage?.RequestUri ?? page;
        var html = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var named = context.Html.Convert(html, new HtmlOptions { BaseUri = address }).EditUri;

        // Credentials go where the API is, so another host may not be named.
        return named is not null && named.Host == address.Host ? new Uri(named.GetLeftPart(UriPartial.Path)) : null;
    }

    private static async Task<bool> AnswersAsync(ReaderContext context, Uri api, CancellationToken cancellationToken)
    {
        var question = new Uri(api, "?action=query&meta=siteinfo&siprop=general&format=json&formatversion=2");
        var answer = await context.Http.GetJsonAsync(question, MediaWikiJson.Default.WikiAnswer, cancellationToken);
        return answer.Query?.General is not null || answer.Error?.Code is not null;
    }

    private static Uri Parse(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.Contains("://", StringComparison.Ordinal))
        {
            return new Uri(trimmed);
        }

        // A wiki on one's own machine has no certificate.
        var address = new Uri("https://" + trimmed);
        return address.IsLoopback ? new Uri("http://" + trimmed) : address;
    }

    private static bool IsScript(Uri address) => address.AbsolutePath.EndsWith("/" + Script, StringComparison.Ordinal);

    private static Uri Below(Uri address, string path) =>
        new(address.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/" + path);
}
