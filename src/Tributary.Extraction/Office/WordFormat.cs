using Tributary.Extraction.Formats;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Office;

/// <summary>Word documents (.docx and its relatives; ECMA-376 part 1, 17): the body by headings, then notes, comments, headers and footers.</summary>
internal sealed class WordFormat(ExtractionLimits limits) : IFormat
{
    // What stands beside the body, by the kind of its relationship.
    private static readonly (string Kind, string Heading)[] SideParts =
    [
        ("footnotes", "Footnotes"),
        ("endnotes", "Endnotes"),
        ("comments", "Comments"),
        ("header", "Headers and footers"),
        ("footer", "Headers and footers"),
    ];

    public string Name => "a Word document";

    public bool Recognises(FileProbe probe) => OfficeProbe.KindOf(probe) == "docx";

    public Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken)
    {
        var package = new OfficePackage(file, limits, cancellationToken);
        var facts = package.ReadFacts();
        var main = package.MainPart("word/document.xml");
        var relations = package.RelationsOf(main);
        var styles = ReadStyles(package, relations);
        var collector = new TextCollector(limits.MaxCharacters, cancellationToken);
        ReadPart(package, main, relations, styles, collector);
        string? heading = null;
        var seen = new HashSet<string>();
        foreach (var (kind, title) in SideParts)
        {
            foreach (var part in relations.Where(relation => relation.Kind == kind && !relation.IsExternal))
            {
                // Headers repeat from section to section.
                var side = new TextCollector(limits.MaxCharacters, cancellationToken);
                ReadPart(package, part.Target, package.RelationsOf(part.Target), styles, side);
                foreach (var section in side.Finish().Where(section => seen.Add(kind + section.Text)))
                {
                    if (heading != title)
                    {
                        collector.StartSection(title);
                        heading = title;
                    }

                    collector.AppendParagraph(section.Text);
                }
            }
        }

        return Task.FromResult(collector.Finish(facts));
    }

    private static void ReadPart(
        OfficePackage package,
        string part,
        IReadOnlyList<Relation> relations,
        Dictionary<string, int> styles,
        TextCollector collector
    )
    {
        using var xml = package.OpenXml(part);
        if (xml is null)
        {
            return;
        }

        var links = relations
            .Where(relation => relation.IsExternal && relation.Kind == "hyperlink")
            .GroupBy(relation => relation.Id)
            .ToDictionary(group => group.Key, group => group.First().Target);
        new WordBody(xml, styles, links, collector, package.Limits).Read();
    }

    /// <summary>Style ids that make headings, with their levels: ids differ from language to language, names and outline levels do not.</summary>
    private static Dictionary<string, int> ReadStyles(OfficePackage package, IReadOnlyList<Relation> relations)
    {
        var levels = new Dictionary<string, int>();
        var part = relations.FirstOrDefault(relation => relation.Kind == "styles")?.Target;
        using var xml = package.OpenXml(part ?? "word/styles.xml");
        string? id = null;
        while (xml?.Read() == true)
        {
            if (!xml.IsStart)
            {
                continue;
            }

            switch (xml.Name)
            {
                case "style":
                    id = xml.Attribute("type") == "paragraph" ? xml.Attribute("styleId") : null;
                    break;
                case "name" when id is not null && xml.Attribute("val") is { } name:
                    if (name.Equals("title", StringComparison.OrdinalIgnoreCase))
                    {
                        levels[id] = 1;
                    }
                    else if (
                        name.StartsWith("heading ", StringComparison.OrdinalIgnoreCase)
                        && name.Length == 9
                        && char.IsAsciiDigit(name[8])
                    )
                    {
                        levels[id] = name[8] - '0';
                    }

                    break;
                case "outlineLvl"
                    when id is not null && int.TryParse(xml.Attribute("val"), out var level) && level is >= 0 and < 9:
                    levels.TryAdd(id, level + 1);
                    break;
            }
        }

        return levels;
    }
}
