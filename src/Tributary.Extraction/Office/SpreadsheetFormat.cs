using Tributary.Extraction.Formats;
using Tributary.Extraction.Text;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Office;

/// <summary>
/// Excel workbooks (.xlsx, .xlsm; ECMA-376 part 1, 18): one section a visible sheet, a Markdown table whose header is the
/// first row with text; formulas by their cached values, dates by the workbook's calendar; then the sheet's comments.
/// </summary>
internal sealed class SpreadsheetFormat(ExtractionLimits limits) : IFormat
{
    public string Name => "an Excel workbook";

    public bool Recognises(FileProbe probe) => OfficeProbe.KindOf(probe) == "xlsx";

    public Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken)
    {
        var package = new OfficePackage(file, limits, cancellationToken);
        var facts = package.ReadFacts();
        var main = package.MainPart("xl/workbook.xml");
        var relations = package.RelationsOf(main);
        var targets = relations.ToLookup(relation => relation.Id, relation => relation.Target);
        var (sheets, starts1904) = ReadWorkbook(package, main);
        var strings = new SharedStrings(package, TargetOf(relations, "sharedStrings"));
        var formats = CellFormats.Read(package, TargetOf(relations, "styles"), starts1904);
        var collector = new TextCollector(limits.MaxCharacters, cancellationToken);
        foreach (var (name, id) in sheets)
        {
            if (targets[id].FirstOrDefault() is { } part && !collector.IsFull)
            {
                collector.StartSection(name);
                ReadSheet(package, part, strings, formats, collector);
            }
        }

        return Task.FromResult(collector.Finish(facts));
    }

    private static string? TargetOf(IReadOnlyList<Relation> relations, string kind) =>
        relations.FirstOrDefault(relation => relation.Kind == kind)?.Target;

    private static (List<(string Name, string Id)> Sheets, bool Starts1904) ReadWorkbook(
        OfficePackage package,
        string main
    )
    {
        var sheets = new List<(string, string)>();
        var starts1904 = false;
        using var xml = package.OpenXml(main);
        while (xml?.Read() == true)
        {
            if (xml.IsStart && xml.Name == "workbookPr")
            {
                starts1904 = xml.Attribute("date1904") is "1" or "true";
            }
            else if (
                xml.IsStart
                && xml.Name == "sheet"
                && xml.Attribute("state") is null or "visible"
                && xml.RelationId() is { } id
            )
            {
                sheets.Add((xml.Attribute("name") ?? "", id));
            }
        }

        return (sheets, starts1904);
    }

    private static void ReadSheet(
        OfficePackage package,
        string part,
        SharedStrings strings,
        CellFormats formats,
        TextCollector collector
    )
    {
        using (var xml = package.OpenXml(part))
        {
            if (xml is not null)
            {
                new SheetRows(xml, strings, formats).WriteTo(collector);
            }
        }

        foreach (var relation in package.RelationsOf(part).Where(relation => !relation.IsExternal))
        {
            if (relation.Kind == "comments")
            {
                ReadComments(package, relation.Target, collector);
            }
            else if (relation.Kind == "drawing")
            {
                ReadTextBoxes(package, relation.Target, collector);
            }
        }
    }

    private static void ReadComments(OfficePackage package, string part, TextCollector collector)
    {
        var authors = new List<string>();
        using var xml = package.OpenXml(part);
        while (!collector.IsFull && xml?.Read() == true)
        {
            if (xml.IsStart && xml.Name == "author")
            {
                authors.Add(xml.ElementText());
            }
            else if (xml.IsStart && xml.Name == "comment")
            {
                var cell = xml.Attribute("ref");
                var author = int.TryParse(xml.Attribute("authorId"), out var index)
                    ? authors.ElementAtOrDefault(index)
                    : null;
                var text = TextCleaner.OneLine(xml.ElementText());
                collector.Append("\n");
                collector.AppendLine(
                    $"Comment on {cell}{(string.IsNullOrEmpty(author) ? "" : $" by {author}")}: {text}"
                );
            }
        }
    }

    private static void ReadTextBoxes(OfficePackage package, string part, TextCollector collector)
    {
        using var xml = package.OpenXml(part);
        while (!collector.IsFull && xml?.Read() == true)
        {
            if (xml.IsStart && xml.Name == "txBody" && TextCleaner.OneLine(xml.ElementText()) is { Length: > 0 } text)
            {
                collector.Append("\n");
                collector.AppendLine(text);
            }
        }
    }
}
