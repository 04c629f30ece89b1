using Tributary.Extraction.Formats;
using Tributary.Extraction.Text;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Html;

/// <summary>HTML and XHTML files.</summary>
internal sealed class HtmlFormat(HtmlConverter converter, ExtractionLimits limits) : IFormat
{
    public string Name => "an HTML page";

    public bool Recognises(FileProbe probe)
    {
        if (!TextProbe.IsText(probe))
        {
            return false;
        }

        var start = TextDecoder.Decode(probe.Head.Span[..Math.Min(probe.Head.Length, 1024)]).AsSpan().TrimStart();
        if (
            start.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || start.StartsWith("<html", StringComparison.OrdinalIgnoreCase)
        )
        {
            return true;
        }

        var claims =
            probe.Extension is "html" or "htm" or "xhtml" or "shtml"
            || probe.MediaType is "text/html" or "application/xhtml+xml";
        return claims && start.Contains('<');
    }

    public async Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken)
    {
        // Markup around the text is several times as long as the text.
        var head = file.Probe.Head.Span;
        var charset = file.Probe.Charset ?? HtmlCharset.Find(head);
        var markup = await TextDecoder.DecodeAsync(file.Content, charset, limits.MaxCharacters * 2, cancellationToken);
        var page = converter.Convert(markup, new HtmlOptions { MaxCharacters = limits.MaxCharacters });
        var facts = new DocumentFacts { Title = page.Title, ModifiedAt = page.ModifiedAt };
        if (page.Language is not null)
        {
            facts.Metadata["language"] = page.Language;
        }

        if (page.Description is not null)
        {
            facts.Metadata["description"] = page.Description;
        }

        var collector = new TextCollector(limits.MaxCharacters, cancellationToken);
        KeepFirstLine(markup, collector);
        foreach (var section in page.Sections)
        {
            collector.StartSection(section.Heading, section.Link);
            collector.Append(section.Text);
        }

        if (page.IsTruncated || markup.Length > limits.MaxCharacters * 2)
        {
            facts.Metadata["truncated"] = "true";
        }

        return collector.Finish(facts);
    }

    // A comment on the first line may carry facts for those who read the text after us; it ends up as a first section.
    private static void KeepFirstLine(string markup, TextCollector collector)
    {
        var end = markup.IndexOf('\n');
        var line = markup.AsSpan(0, end < 0 ? Math.Min(markup.Length, 100_000) : end);
        if (line.StartsWith("<!-- ONYX_METADATA=") || line.StartsWith("<!-- DANSWER_METADATA="))
        {
            collector.AppendLine(line);
        }
    }
}
