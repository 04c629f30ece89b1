using Tributary.Extraction.Archives;
using Tributary.Extraction.Formats;

namespace Tributary.Extraction.Office;

/// <summary>What the three OOXML formats have in common (ECMA-376 part 2): relationships, and facts in docProps/core.xml.</summary>
internal sealed class OfficePackage(SourceFile file, ExtractionLimits limits, CancellationToken cancellationToken)
{
    private readonly ZipPackage _zip = new(file, limits, cancellationToken);

    public ExtractionLimits Limits => limits;

    public SafeXml? OpenXml(string part) => _zip.OpenXml(part);

    /// <summary>The main part, which the package's relationships name; they are right where names are odd.</summary>
    public string MainPart(string usual) =>
        RelationsOf("").FirstOrDefault(relation => relation.Kind == "officeDocument")?.Target is { } named
        && _zip.Has(named)
            ? named
        : _zip.Has(usual) ? usual
        : throw new InvalidDataException($"it has no part {usual}");

    /// <summary>What the part refers to inside the package, and external addresses; never fetched.</summary>
    public IReadOnlyList<Relation> RelationsOf(string part)
    {
        var slash = part.LastIndexOf('/');
        var relations = new List<Relation>();
        using var xml = _zip.OpenXml($"{part[..(slash + 1)]}_rels/{part[(slash + 1)..]}.rels");
        while (xml?.Read() == true)
        {
            if (xml.IsStart && xml.Name == "Relationship" && xml.Attribute("Target") is { } target)
            {
                var type = xml.Attribute("Type") ?? "";
                var isExternal = xml.Attribute("TargetMode") == "External";
                relations.Add(
                    new Relation(
                        xml.Attribute("Id") ?? "",
                        type[(type.LastIndexOf('/') + 1)..],
                        isExternal ? target : ZipPackage.Resolve(part, target),
                        isExternal
                    )
                );
            }
        }

        return relations;
    }

    /// <summary>Title, authors and time of the last change.</summary>
    public DocumentFacts ReadFacts()
    {
        var facts = new DocumentFacts();
        var part = RelationsOf("").FirstOrDefault(relation => relation.Kind == "core-properties")?.Target;
        using var xml = _zip.OpenXml(part ?? "docProps/core.xml");
        while (xml?.Read() == true)
        {
            if (!xml.IsStart)
            {
                continue;
            }

            switch (xml.Name)
            {
                case "title":
                    facts.Title = xml.ElementText();
                    break;
                case "creator":
                    foreach (var author in xml.ElementText().Split(';'))
                    {
                        facts.AddAuthor(author);
                    }

                    break;
                case "lastModifiedBy":
                    facts.AddAuthor(xml.ElementText());
                    break;
                case "modified":
                    facts.SetModifiedAt(xml.ElementText());
                    break;
                case "keywords" or "subject" or "category" or "language":
                    var name = xml.Name;
                    var text = TextCleaner.OneLine(xml.ElementText());
                    if (text.Length > 0)
                    {
                        facts.Metadata[name] = text;
                    }

                    break;
            }
        }

        return facts;
    }
}

/// <summary>One reference of a part.</summary>
/// <param name="Id">As the part uses it.</param>
/// <param name="Kind">The last piece of its type: "slide", "comments".</param>
/// <param name="Target">The part's name, or an address outside.</param>
/// <param name="IsExternal">It leads out of the package.</param>
internal sealed record Relation(string Id, string Kind, string Target, bool IsExternal);
