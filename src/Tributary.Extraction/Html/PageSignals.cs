using System.Text.Json;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Tributary.Extraction.Formats;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Html;

/// <summary>What a page says to programs: its head and its links.</summary>
internal sealed class PageSignals
{
    private const int MaxJsonLdCharacters = 500_000;
    private readonly List<HtmlLink> _links = [];
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Uri?> _resolved = new(StringComparer.Ordinal);

    private PageSignals(Uri? page) => BaseUri = page;

    /// <summary>Where relative links start from: the base element, else the page's address.</summary>
    private Uri? BaseUri { get; set; }

    public string? Title { get; private set; }

    public IReadOnlyList<HtmlLink> Links => _links;

    public Uri? Canonical { get; private set; }

    public Uri? RefreshTarget { get; private set; }

    public Uri? EditUri { get; private set; }

    public bool NoIndex { get; private set; }

    public bool NoFollow { get; private set; }

    public string? Language { get; private set; }

    public string? Description { get; private set; }

    public string? SiteName { get; private set; }

    public DateTimeOffset? ModifiedAt { get; private set; }

    public bool HasScript { get; private set; }

    /// <summary>The absolute http or https address of a link of this page; null when it is no such.</summary>
    public Uri? Resolve(string? href)
    {
        if (href is null)
        {
            return null;
        }

        // Parsing addresses is a good part of what a page costs, and each is asked for twice at least.
        return _resolved.TryGetValue(href, out var known) ? known : _resolved[href] = Addresses.Resolve(BaseUri, href);
    }

    public static PageSignals Read(IHtmlDocument document, Uri? page)
    {
        var signals = new PageSignals(page);
        signals.ReadBase(document);
        signals.Language = NullIfBlank(document.DocumentElement?.GetAttribute("lang"));
        if (document.DocumentElement is { } root)
        {
            signals.ReadBelow(root);
        }

        return signals;
    }

    // By hand: the document's own list of all elements goes over the tree several times as slowly. Its depth is bounded.
    private void ReadBelow(IElement element)
    {
        var children = element.ChildNodes;
        for (var i = 0; i < children.Length; i++)
        {
            if (children[i] is IElement child)
            {
                Read(child);
                ReadBelow(child);
            }
        }
    }

    // Before all links: the element may stand after some of them.
    private void ReadBase(IHtmlDocument document)
    {
        if (document.Head?.QuerySelector("base[href]") is { } element)
        {
            BaseUri = Addresses.Resolve(BaseUri, element.GetAttribute("href")) ?? BaseUri;
        }
    }

    private void Read(IElement element)
    {
        switch (element.LocalName)
        {
            case "a" or "area":
                AddLink(element, "href");
                break;
            case "frame":
                AddLink(element, "src");
                break;
            case "title" when Title is null && element.ParentElement?.LocalName == "head":
                Title = NullIfBlank(TextCleaner.OneLine(element.TextContent));
                break;
            case "link":
                ReadLink(element);
                break;
            case "meta":
                ReadMeta(element);
                break;
            case "script":
                HasScript = true;
                if (ModifiedAt is null && element.GetAttribute("type") == "application/ld+json")
                {
                    ReadJsonLd(element.TextContent);
                }

                break;
        }
    }

    private void AddLink(IElement element, string attribute)
    {
        if (Resolve(element.GetAttribute(attribute)) is { } target && _seen.Add(target.AbsoluteUri))
        {
            _links.Add(new HtmlLink(target, HasToken(element.GetAttribute("rel"), "nofollow")));
        }
    }

    private void ReadLink(IElement element)
    {
        var rel = element.GetAttribute("rel");
        if (HasToken(rel, "canonical"))
        {
            Canonical ??= Addresses.Resolve(BaseUri, element.GetAttribute("href"));
        }
        else if (HasToken(rel, "EditURI"))
        {
            EditUri ??= Addresses.Resolve(BaseUri, element.GetAttribute("href"));
        }
    }

    private void ReadMeta(IElement element)
    {
        var content = element.GetAttribute("content");
        if (string.IsNullOrWhiteSpace(content))
        {
            return;
        }

        switch ((element.GetAttribute("name") ?? element.GetAttribute("property") ?? "").ToLowerInvariant())
        {
            case "robots":
                NoIndex |= HasToken(content, "noindex") || HasToken(content, "none");
                NoFollow |= HasToken(content, "nofollow") || HasToken(content, "none");
                break;
            case "description":
                Description ??= TextCleaner.OneLine(content);
                break;
            case "og:description" when Description is null:
                Description = TextCleaner.OneLine(content);
                break;
            case "og:site_name":
                SiteName ??= TextCleaner.OneLine(content);
                break;
            case "article:modified_time" or "og:updated_time" or "last-modified" or "dcterms.modified":
                ModifiedAt ??= DocumentFacts.ParseTime(content);
                break;
        }

        if (string.Equals(element.GetAttribute("http-equiv"), "refresh", StringComparison.OrdinalIgnoreCase))
        {
            RefreshTarget ??= Addresses.Resolve(BaseUri, RefreshAddress(content));
        }
    }

    // "5; url='there'": https://html.spec.whatwg.org/#shared-declarative-refresh-steps
    private static string? RefreshAddress(string content)
    {
        var separator = content.AsSpan().IndexOfAny(';', ',');
        if (separator < 0)
        {
            return null;
        }

        var address = content[(separator + 1)..].Trim();
        if (address.StartsWith("url", StringComparison.OrdinalIgnoreCase))
        {
            var equals = address.IndexOf('=');
            address = equals < 0 ? address : address[(equals + 1)..].Trim();
        }

        return address.Trim('"', '\'');
    }

    private void ReadJsonLd(string json)
    {
        if (!json.Contains("dateModified", StringComparison.Ordinal) || json.Length > MaxJsonLdCharacters)
        {
            return;
        }

        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowTrailingCommas = true });
            ModifiedAt = DocumentFacts.ParseTime(DateIn(document.RootElement));
        }
        catch (JsonException)
        {
            // Written by hand more often than one would think; the page is fine without.
        }
    }

    private static string? DateIn(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Array => element.EnumerateArray().Select(DateIn).FirstOrDefault(date => date is not null),
            JsonValueKind.Object => element.TryGetProperty("dateModified", out var date)
            && date.ValueKind == JsonValueKind.String
                ? date.GetString()
            : element.TryGetProperty("@graph", out var graph) ? DateIn(graph)
            : null,
            _ => null,
        };

    private static bool HasToken(string? list, string token)
    {
        foreach (var range in list.AsSpan().SplitAny(' ', ',', '\t', '\n'))
        {
            if (list.AsSpan()[range].Equals(token, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static string? NullIfBlank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
