using Tributary.Extraction.Archives;
using Tributary.Extraction.Formats;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Office;

/// <summary>OpenDocument texts, sheets and slides (.odt, .ods, .odp; OASIS OpenDocument 1.3, part 3).</summary>
internal sealed class OpenDocumentFormat(ExtractionLimits limits) : IFormat
{
    public string Name => "an OpenDocument file";

    public bool Recognises(FileProbe probe) => OfficeProbe.KindOf(probe) is "odt" or "ods" or "odp";

    public Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken)
    {
        var package = new ZipPackage(file, limits, cancellationToken);
        if (IsEncrypted(package))
        {
            throw new ContentException(
                ContentProblem.Encrypted,
                "The document is encrypted. Save it without a password."
            );
        }

        var facts = ReadFacts(package);
        var collector = new TextCollector(limits.MaxCharacters, cancellationToken);
        using (var xml = package.OpenXml("content.xml") ?? throw new InvalidDataException("it has no part content.xml"))
        {
            new OpenDocumentBody(xml, collector, limits).Read();
        }

        // Those of sheets and slides hold fields like "Page 1" and nothing else.
        if (OfficeProbe.KindOf(file.Probe) == "odt")
        {
            ReadPageTexts(package, collector);
        }

        return Task.FromResult(collector.Finish(facts));
    }

    private static bool IsEncrypted(ZipPackage package)
    {
        using var xml = package.OpenXml("META-INF/manifest.xml");
        while (xml?.Read() == true)
        {
            if (xml.IsStart && xml.Name == "encryption-data")
            {
                return true;
            }
        }

        return false;
    }

    private static DocumentFacts ReadFacts(ZipPackage package)
    {
        var facts = new DocumentFacts();
        using var xml = package.OpenXml("meta.xml");
        while (xml?.Read() == true)
        {
            switch (xml.IsStart ? xml.Name : "")
            {
                case "title":
                    facts.Title = xml.ElementText();
                    break;
                case "initial-creator" or "creator":
                    facts.AddAuthor(xml.ElementText());
                    break;
                case "date":
                    facts.SetModifiedAt(xml.ElementText());
                    break;
            }
        }

        return facts;
    }

    // Headers and footers live with the master pages.
    private void ReadPageTexts(ZipPackage package, TextCollector collector)
    {
        using var xml = package.OpenXml("styles.xml");
        var seen = new HashSet<string>();
        while (!collector.IsFull && xml?.Read() == true)
        {
            if (xml.IsStart && xml.Name is "header" or "footer" or "header-left" or "footer-left" && !xml.IsEmpty)
            {
                var text = TextCleaner.OneLine(xml.ElementText(limits.MaxCharacters));
                if (text.Length > 0 && seen.Add(text))
                {
                    if (seen.Count == 1)
                    {
                        collector.StartSection("Headers and footers");
                    }

                    collector.AppendParagraph(text);
                }
            }
        }
    }
}
