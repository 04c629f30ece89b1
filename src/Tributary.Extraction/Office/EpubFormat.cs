using Tributary.Extraction.Archives;
using Tributary.Extraction.Formats;
using Tributary.Extraction.Html;
using Tributary.Extraction.Text;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Office;

/// <summary>EPUB books (EPUB 3.3 and 2.0.1): the chapters in the order of the spine.</summary>
internal sealed class EpubFormat(HtmlConverter html, ExtractionLimits limits) : IFormat
{
    private static readonly HtmlOptions ChapterOptions = new() { MainContentOnly = false, SectionPerHeading = false };

    public string Name => "an EPUB book";

    public bool Recognises(FileProbe probe) => OfficeProbe.KindOf(probe) == "epub";

    public async Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken)
    {
        var package = new ZipPackage(file, limits, cancellationToken);
        if (package.Has("META-INF/encryption.xml") && package.Has("META-INF/rights.xml"))
        {
            throw new ContentException(
                ContentProblem.Encrypted,
                "The book is protected by its seller and cannot be read."
            );
        }

        var root = RootFile(package);
        var facts = new DocumentFacts();
        var chapters = ReadPackage(package, root, facts);
        var collector = new TextCollector(limits.MaxCharacters, cancellationToken);
        foreach (var chapter in chapters)
        {
            if (collector.IsFull)
            {
                break;
            }

            await using var content = package.Open(chapter);
            if (content is not null)
            {
                var markup = await TextDecoder.DecodeAsync(content, null, limits.MaxCharacters, cancellationToken);
                var page = html.Convert(markup, ChapterOptions);
                foreach (var section in page.Sections)
                {
                    collector.StartSection(section.Heading ?? page.Title);
                    collector.Append(section.Text);
                }
            }
        }

        return collector.Finish(facts);
    }

    // OCF 3.3, 4.2.6.3.1: the first root file is the book.
    private static string RootFile(ZipPackage package)
    {
        using var xml =
            package.OpenXml("META-INF/container.xml")
            ?? throw new InvalidDataException("it has no META-INF/container.xml");
        while (xml.Read())
        {
            if (xml.IsStart && xml.Name == "rootfile" && xml.Attribute("full-path") is { } path)
            {
                return path;
            }
        }

        throw new InvalidDataException("its container names no book");
    }

    private static List<string> ReadPackage(ZipPackage package, string root, DocumentFacts facts)
    {
        var items = new Dictionary<string, string>();
        var chapters = new List<string>();
        using var xml = package.OpenXml(root) ?? throw new InvalidDataException($"it has no part {root}");
        while (xml.Read())
        {
            switch (xml.IsStart ? xml.Name : "")
            {
                case "title" when facts.Title is null:
                    facts.Title = xml.ElementText();
                    break;
                case "creator":
                    facts.AddAuthor(xml.ElementText());
                    break;
                case "language":
                    facts.Metadata["language"] = xml.ElementText().Trim();
                    break;
                case "meta" when xml.Attribute("property") == "dcterms:modified":
                    facts.SetModifiedAt(xml.ElementText());
                    break;
                case "item" when xml.Attribute("id") is { } id && xml.Attribute("href") is { } href:
                    items[id] = ZipPackage.Resolve(root, Uri.UnescapeDataString(href));
                    break;
                case "itemref" when xml.Attribute("idref") is { } idref && items.TryGetValue(idref, out var part):
                    chapters.Add(part);
                    break;
            }
        }

        return chapters;
    }
}
