using Tributary.Extraction.Formats;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Text;

/// <summary>Everything that is text as it stands: notes, Markdown, logs, config, data, source code. The first line is kept as it is.</summary>
internal sealed class PlainTextFormat(ExtractionLimits limits) : IFormat
{
    public string Name => "a text";

    public bool Recognises(FileProbe probe) => TextProbe.IsText(probe);

    public async Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken)
    {
        var text = await ReadAsync(file, limits, cancellationToken);
        var collector = new TextCollector(limits.MaxCharacters, cancellationToken);
        collector.Append(text);
        return collector.Finish(new DocumentFacts { Title = TitleOf(text, file.Probe.Extension) });
    }

    /// <summary>The whole text, cleaned; one character more than the cap when there is more.</summary>
    public static async Task<string> ReadAsync(
        SourceFile file,
        ExtractionLimits limits,
        CancellationToken cancellationToken
    ) =>
        TextCleaner.Clean(
            await TextDecoder.DecodeAsync(file.Content, file.Probe.Charset, limits.MaxCharacters, cancellationToken)
        );

    // Markup languages have a way to say what the text is called; in others the first line is just the first line.
    private static string? TitleOf(string text, string extension)
    {
        var prefix = extension switch
        {
            "md" or "mdx" or "markdown" => "# ",
            "adoc" or "asciidoc" => "= ",
            "org" => "#+TITLE:",
            _ => null,
        };
        if (prefix is null)
        {
            return null;
        }

        var hasFrontMatter = text.StartsWith("---\n", StringComparison.Ordinal);
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                return line[prefix.Length..].Trim().ToString();
            }

            if (hasFrontMatter && line.StartsWith("title:", StringComparison.Ordinal))
            {
                return line["title:".Length..].Trim().Trim("\"'").ToString();
            }
        }

        return null;
    }
}
