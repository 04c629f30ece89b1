using System.Text.Json;
using Tributary.Extraction.Formats;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Text;

/// <summary>Jupyter notebooks (nbformat 3 and 4): Markdown cells as they are, code and its text output in code blocks.</summary>
internal sealed class NotebookFormat(ExtractionLimits limits) : IFormat
{
    private const int MaxOutputCharacters = 10_000;

    public string Name => "a Jupyter notebook";

    public bool Recognises(FileProbe probe) => probe.Extension == "ipynb" && TextProbe.IsText(probe);

    public async Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken)
    {
        using var notebook = await JsonDocument.ParseAsync(
            file.Content,
            new JsonDocumentOptions { MaxDepth = limits.MaxDepth },
            cancellationToken
        );
        var root = notebook.RootElement;
        var facts = new DocumentFacts();
        var language = "";
        if (root.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object)
        {
            facts.Title = metadata.TryGetProperty("title", out var title) ? TextOf(title) : null;
            language =
                metadata.TryGetProperty("language_info", out var info) && info.ValueKind == JsonValueKind.Object
                    ? info.TryGetProperty("name", out var name)
                        ? TextOf(name)
                        : ""
                    : "";
        }

        var collector = new TextCollector(limits.MaxCharacters, cancellationToken);
        foreach (var cell in CellsOf(root))
        {
            WriteCell(cell, language, collector);
        }

        return collector.Finish(facts);
    }

    private static IEnumerable<JsonElement> CellsOf(JsonElement root)
    {
        if (root.TryGetProperty("cells", out var cells))
        {
            return cells.EnumerateArray();
        }

        return root.TryGetProperty("worksheets", out var sheets)
            ? sheets.EnumerateArray().SelectMany(sheet => sheet.GetProperty("cells").EnumerateArray())
            : throw new JsonException("it has no cells");
    }

    private static void WriteCell(JsonElement cell, string language, TextCollector collector)
    {
        var source =
            cell.TryGetProperty("source", out var text) || cell.TryGetProperty("input", out text) ? TextOf(text) : "";
        var kind = cell.TryGetProperty("cell_type", out var type) ? type.GetString() : null;
        if (kind != "code")
        {
            collector.AppendParagraph(source);
            return;
        }

        WriteBlock(collector, language, source);
        if (!cell.TryGetProperty("outputs", out var outputs))
        {
            return;
        }

        foreach (var output in outputs.EnumerateArray())
        {
            if (output.TryGetProperty("text", out var shown) || DataOf(output, out shown))
            {
                var result = TextOf(shown);
                WriteBlock(collector, "", result.Length > MaxOutputCharacters ? result[..MaxOutputCharacters] : result);
            }
        }
    }

    private static bool DataOf(JsonElement output, out JsonElement shown)
    {
        shown = default;
        return output.TryGetProperty("data", out var data) && data.TryGetProperty("text/plain", out shown);
    }

    private static void WriteBlock(TextCollector collector, string language, string text)
    {
        if (!string.IsNullOrWhiteSpace(text))
        {
            collector.AppendParagraph($"```{language}\n{text.TrimEnd()}\n```");
        }
    }

    // A text is a string or a list of lines.
    private static string TextOf(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Array => string.Concat(value.EnumerateArray().Select(TextOf)),
            _ => "",
        };
}
