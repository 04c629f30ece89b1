using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Tributary.Extraction.Formats;
using Tributary.Extraction.Text;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;

namespace Tributary.Extraction.Html;

/// <summary>One parse, one walk for the signals, one walk for the text.</summary>
internal sealed class HtmlConverter(ExtractionLimits limits, TimeProvider time) : IHtmlConverter
{
    // Application roots of the common frameworks, empty until their script has run.
    private static readonly string[] ApplicationRoots =
    [
        "root",
        "app",
        "__next",
        "__nuxt",
        "___gatsby",
        "main-app",
        "react-root",
        "svelte",
    ];

    private const int LittleText = 200;
    private readonly GuardedHtmlParser _parser = new(limits, time);

    public HtmlPage Convert(ReadOnlyMemory<byte> html, HtmlOptions options) =>
        Convert(TextDecoder.Decode(html.Span, options.Charset ?? HtmlCharset.Find(html.Span)), options);

    /// <summary>The same for text that is decoded already.</summary>
    public HtmlPage Convert(string html, HtmlOptions options)
    {
        using var document = _parser.Parse(html);
        var signals = PageSignals.Read(document, options.BaseUri);
        var (sections, isTruncated, firstHeading) = ReadText(document, options, signals);
        var length = sections.Sum(section => section.Text.Length);
        return new HtmlPage
        {
            Title = signals.Title ?? firstHeading,
            Sections = sections,
            Links = signals.Links,
            Canonical = signals.Canonical,
            RefreshTarget = signals.RefreshTarget,
            EditUri = signals.EditUri,
            NoIndex = signals.NoIndex,
            NoFollow = signals.NoFollow,
            Language = signals.Language,
            Description = signals.Description,
            SiteName = signals.SiteName,
            ModifiedAt = signals.ModifiedAt,
            NeedsJavaScript = length < LittleText && WaitsForScript(document, signals, length),
            IsTruncated = isTruncated,
        };
    }

    private static (IReadOnlyList<Section> Sections, bool IsTruncated, string? FirstHeading) ReadText(
        IHtmlDocument document,
        HtmlOptions options,
        PageSignals signals
    )
    {
        if (document.Body is not { } body)
        {
            return ([], false, null);
        }

        var furniture = new Furniture(options);
        var root = options.MainContentOnly ? MainContent.Find(body, furniture) : body;
        var writer = new MarkdownWriter(options, signals, furniture);
        writer.Write(root);
        var sections = writer.Finish();
        if (sections.Count == 0 && root != body)
        {
            // Whatever was taken for the main content says nothing: better everything than nothing.
            writer.Write(body);
            sections = writer.Finish();
        }

        if (sections.Count == 0 && body.QuerySelector("noscript") is not null)
        {
            writer.WriteNoScript(body);
            sections = writer.Finish();
        }

        return (sections, writer.IsTruncated, writer.FirstHeading);
    }

    private static bool WaitsForScript(IHtmlDocument document, PageSignals signals, int length)
    {
        if (!signals.HasScript)
        {
            return false;
        }

        return length == 0
            || ApplicationRoots.Any(id => document.GetElementById(id) is not null)
            || document.QuerySelector("app-root") is not null
            || document
                .QuerySelectorAll("noscript")
                .Any(element => element.TextContent.Contains("javascript", StringComparison.OrdinalIgnoreCase));
    }
}
