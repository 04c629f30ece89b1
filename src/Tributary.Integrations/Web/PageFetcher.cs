using Tributary.Sdk;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Web;

/// <summary>Fetches one address and says what came of it. Safe for concurrent use; never throws but when cancelled.</summary>
internal sealed class PageFetcher(ReaderContext context, WebConfig config, SiteHttp http, RobotsCache robots)
{
    private readonly string _fingerprint = Fingerprint.Of(config);
    private readonly RenderJavascript _render = config.ScrollBeforeScraping
        ? RenderJavascript.Always
        : config.RenderJavascript;

    /// <summary>Fetches.</summary>
    public async Task<PageOutcome> FetchAsync(PageRequest page, CancellationToken cancellationToken)
    {
        try
        {
            return await TryFetchAsync(page, cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed($"{page.Url} did not answer in time.", isOutage: true);
        }
        catch (ContentException error) when (error.Problem == ContentProblem.TooLarge)
        {
            return new PageOutcome.Skip(SkipReasons.TooLarge, PageLinks.None);
        }
        catch (ContentException error)
        {
            return Failed($"{page.Url} cannot be read: {error.Message}", isOutage: false);
        }
        catch (SourceException error)
        {
            return new PageOutcome.Fail(error, error.Kind == FailureKind.Transient);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or TimeoutException)
        {
            return error.InnerException is SourceException inner
                ? new PageOutcome.Fail(inner, inner.Kind == FailureKind.Transient)
                : Failed($"{page.Url} could not be reached: {error.Message}", isOutage: true);
        }
    }

    private async Task<PageOutcome> TryFetchAsync(PageRequest page, CancellationToken cancellationToken)
    {
        var rules = await robots.ForAsync(page.Url, cancellationToken);
        if (rules.Outage is { } outage)
        {
            return new PageOutcome.Fail(outage, IsOutage: true);
        }

        if (!rules.Allows(page.Url))
        {
            return new PageOutcome.Skip(SkipReasons.Disallowed, PageLinks.None);
        }

        // A page is only asked for conditionally when its links are known: they are to be followed all the same.
        var notedLinks = page.Known is null ? null : LinkNote.Read(page.Url, page.Known.Note);
        var validators =
            notedLinks is null || _render == RenderJavascript.Always
                ? null
                : Validators.Unpack(FingerprintOf(page), page.Known!.Version);
        var uri = new Uri(page.Url);
        var wish = new SiteRequest(SiteHttp.MaxPageBytes, validators, rules.Rules.CrawlDelay);
        var response = await http.GetAsync(uri, wish, cancellationToken);
        try
        {
            var status = (int)response.StatusCode;
            return status switch
            {
                304 when validators is not null => new PageOutcome.NotModified(new PageLinks(notedLinks!, [])),
                >= 300 and < 400 when SiteHttp.RedirectOf(response, uri) is { } target => new PageOutcome.Moved(target),
                404 or 410 => new PageOutcome.Gone(status),
                429 or 502 or 503 or 504 => Failed($"{page.Url} answers {status}.", isOutage: true),
                >= 500 => Failed($"{page.Url} answers {status}.", isOutage: false),
                200 or 203 => await ReadAsync(page, uri, response, rules, cancellationToken),
                _ => new PageOutcome.Skip(SkipReasons.Status(status), PageLinks.None, status),
            };
        }
        finally
        {
            response.Dispose();
        }
    }

    private async Task<PageOutcome> ReadAsync(
        PageRequest page,
        Uri uri,
        HttpResponseMessage response,
        HostRules rules,
        CancellationToken cancellationToken
    )
    {
        var type = PageType.Of(response.Content.Headers, uri);
        var tags = config.RespectRobots ? RobotsTags.Of(response, http.ProductToken) : default;
        if (type == PageType.Kind.Other)
        {
            return new PageOutcome.Skip(SkipReasons.WrongType, PageLinks.None);
        }

        if (type == PageType.Kind.File)
        {
            return tags.NoIndex
                ? new PageOutcome.Skip(SkipReasons.NoIndex, PageLinks.None)
                : await FileAsync(page, uri, response, rules, cancellationToken);
        }

        if (response.Content.Headers.ContentLength > SiteHttp.MaxPageBytes)
        {
            return new PageOutcome.Skip(SkipReasons.TooLarge, PageLinks.None);
        }

        ReadOnlyMemory<byte> bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (bytes.IsEmpty && page.Known is not null)
        {
            // A slip of the server rather than a page that somebody has emptied.
            return Failed($"{page.Url} answers {(int)response.StatusCode} with nothing in it.", isOutage: false);
        }

        var charset = response.Content.Headers.ContentType?.CharSet?.Trim('"');
        var html = context.Html.Convert(bytes, OptionsFor(uri, charset));
        var isDrawn =
            context.Renderer is not null
            && (_render == RenderJavascript.Always || (_render == RenderJavascript.WhenNeeded && html.NeedsJavaScript));
        if (isDrawn)
        {
            bytes = await context.Renderer!.RenderAsync(uri, config.ScrollBeforeScraping, cancellationToken);

            // However little a browser shows, no script will add to it.
            html = context.Html.Convert(bytes, OptionsFor(uri, "utf-8")) with
            {
                NeedsJavaScript = false,
            };
        }

        return Judge(page, html, bytes.Span, tags, isDrawn ? null : Validators.Pack(FingerprintOf(page), response));
    }

    private PageOutcome Judge(
        PageRequest page,
        HtmlPage html,
        ReadOnlySpan<byte> bytes,
        RobotsTags tags,
        string? version
    )
    {
        var respects = config.RespectRobots;
        var canonical = CanonicalOf(page, html);
        var links = LinksOf(page, html, canonical, respects && (html.NoFollow || tags.NoFollow));
        if (PageReading.IsOnlyARefresh(html) && UrlNormalizer.Normalize(html.RefreshTarget!) != page.Url)
        {
            return new PageOutcome.Moved(html.RefreshTarget!);
        }

        var reason =
            respects && (html.NoIndex || tags.NoIndex) ? SkipReasons.NoIndex
            : html.NeedsJavaScript ? SkipReasons.JavaScript
            : !page.Scope.IsIncluded(page.Url) ? SkipReasons.NotIncluded
            : PageReading.WhyNotAPage(html, bytes);
        if (reason is not null)
        {
            return new PageOutcome.Skip(reason, links);
        }

        var read = new PageOutcome.Read(DocumentOf(page, html, version, links), links);
        return canonical is null || page.IgnoresCanonical ? read : new PageOutcome.Alias(canonical, read);
    }

    private static string? CanonicalOf(PageRequest page, HtmlPage html) =>
        html.Canonical is { } named
        && UrlNormalizer.Normalize(named) is { } canonical
        && !IsSamePage(canonical, page.Url)
        && PageReading.IsPlausibleCanonical(page.Url, canonical)
        && page.Scope.MoveRefusal(page.Url, canonical) is null
            ? canonical
            : null;

    private Document DocumentOf(PageRequest page, HtmlPage html, string? version, PageLinks links)
    {
        var metadata = new Dictionary<string, MetadataValue>(3);
        foreach (
            var (name, value) in (ReadOnlySpan<(string, string?)>)
                [("description", html.Description), ("language", html.Language), ("site_name", html.SiteName)]
        )
        {
            if (!string.IsNullOrWhiteSpace(value))
            {
                metadata[name] = value;
            }
        }

        return new Document
        {
            Id = page.Id,
            Title = html.Title,
            Link = page.Id,
            Sections = page.Id == page.Url ? html.Sections : [.. html.Sections.Select(Rewritten)],
            Version = version,
            Note = LinkNote.Write(page.Url, links.Inside),
            UpdatedAt = html.ModifiedAt ?? page.ModifiedAt,
            Metadata = metadata,
        };
    }

    private Section Rewritten(Section section) =>
        section.Link is { } link ? section with { Link = UrlRewriting.Apply(config.UrlRewrites, link) } : section;

    private async Task<PageOutcome> FileAsync(
        PageRequest page,
        Uri uri,
        HttpResponseMessage response,
        HostRules rules,
        CancellationToken cancellationToken
    )
    {
        var content = response.Content.Headers;
        var file = page.ForListing
            ? null
            : new FileContent
            {
                Name = PageType.FileNameOf(content, uri),
                ContentType = content.ContentType?.ToString(),
                Length = content.ContentLength,
                OpenAsync = await FileBody.OpenerAsync(http, uri, response, rules.Rules.CrawlDelay, cancellationToken),
            };
        return new PageOutcome.Read(
            new Document
            {
                Id = page.Id,
                Link = page.Id,
                File = file,
                Version = Validators.Pack(FingerprintOf(page), response),
                Note = LinkNote.Write(page.Url, []),
                UpdatedAt = page.ModifiedAt,
            },
            PageLinks.None
        );
    }

    private PageLinks LinksOf(PageRequest page, HtmlPage html, string? canonical, bool noFollow)
    {
        if (!page.WantsLinks || noFollow)
        {
            return PageLinks.None;
        }

        var inside = new List<string>(html.Links.Count);
        var outside = new List<(string, string)>();
        var seen = new HashSet<string>(html.Links.Count, StringComparer.Ordinal);
        if (canonical is not null)
        {
            // Noted with the links, so that it is found again when this page has not changed.
            seen.Add(canonical);
            inside.Add(canonical);
        }

        foreach (var link in html.Links)
        {
            if (UrlNormalizer.Normalize(link.Target) is not { } url || !seen.Add(url = page.Scope.Upgraded(url)))
            {
                continue;
            }

            var reason =
                page.Scope.Refusal(url)
                ?? (SiteScope.RepeatsItself(url) ? SkipReasons.Repeating : null)
                ?? (link.NoFollow && config.RespectRobots ? SkipReasons.NoFollowLink : null);
            if (reason is null)
            {
                inside.Add(url);
            }
            else
            {
                outside.Add((url, reason));
            }
        }

        return new PageLinks(inside, outside);
    }

    private HtmlOptions OptionsFor(Uri uri, string? charset) =>
        new()
        {
            BaseUri = uri,
            Charset = charset,
            DocumentationCleanup = config.MintlifyCleanup,
        };

    private string FingerprintOf(PageRequest page) => Fingerprint.Of(_fingerprint, page.Url, page.Id);

    // Canonical links with the other scheme mean this page: redirects decide about schemes.
    private static bool IsSamePage(string left, string right) =>
        left.AsSpan(left.IndexOf(':')).SequenceEqual(right.AsSpan(right.IndexOf(':')));

    private static PageOutcome.Fail Failed(string message, bool isOutage) =>
        new(new SourceException(FailureKind.Transient, message), isOutage);
}

/// <summary>An address to fetch.</summary>
internal sealed record PageRequest
{
    /// <summary>Normalised.</summary>
    public required string Url { get; init; }

    /// <summary>The id of its document, after url_rewrites.</summary>
    public required string Id { get; init; }

    /// <summary>What belongs to the crawl.</summary>
    public required SiteScope Scope { get; init; }

    /// <summary>What is stored of it.</summary>
    public KnownDocument? Known { get; init; }

    /// <summary>The time that a sitemap gives.</summary>
    public DateTimeOffset? ModifiedAt { get; init; }

    /// <summary>Its links are to be followed.</summary>
    public bool WantsLinks { get; init; }

    /// <summary>It stands for itself, whatever it names as its canonical address: that one is not there.</summary>
    public bool IgnoresCanonical { get; init; }

    /// <summary>Only its id is wanted.</summary>
    public bool ForListing { get; init; }
}
