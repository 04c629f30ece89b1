using System.Globalization;
using System.Text;
using Tributary.Extraction.Formats;
using Tributary.Extraction.Text;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Office;

/// <summary>PowerPoint presentations (.pptx; ECMA-376 part 1, 19): one section a slide, with its notes and comments; hidden slides left out.</summary>
internal sealed class PresentationFormat(ExtractionLimits limits) : IFormat
{
    // Numbers, dates and footers that stand on every slide.
    private static readonly HashSet<string> Ornaments = ["sldNum", "dt", "ftr", "hdr", "sldImg"];

    public string Name => "a PowerPoint presentation";

    public bool Recognises(FileProbe probe) => OfficeProbe.KindOf(probe) == "pptx";

    public Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken)
    {
        var package = new OfficePackage(file, limits, cancellationToken);
        var facts = package.ReadFacts();
        var main = package.MainPart("ppt/presentation.xml");
        var relations = package.RelationsOf(main).ToLookup(relation => relation.Id, relation => relation.Target);
        var collector = new TextCollector(limits.MaxCharacters, cancellationToken);
        var number = 0;
        foreach (var id in SlideIds(package, main))
        {
            number++;
            if (relations[id].FirstOrDefault() is { } slide && !collector.IsFull)
            {
                ReadSlide(package, slide, number, collector);
            }
        }

        return Task.FromResult(collector.Finish(facts));
    }

    private static List<string> SlideIds(OfficePackage package, string main)
    {
        var ids = new List<string>();
        using var xml = package.OpenXml(main);
        while (xml?.Read() == true)
        {
            // It has an id attribute without a namespace too; the relationship's is the one that begins with letters.
            if (xml.IsStart && xml.Name == "sldId" && xml.RelationId() is { } id)
            {
                ids.Add(id);
            }
        }

        return ids;
    }

    private void ReadSlide(OfficePackage package, string slide, int number, TextCollector collector)
    {
        var shapes = new SlideText(limits);
        using (var xml = package.OpenXml(slide))
        {
            if (xml is null || !shapes.Read(xml, Ornaments))
            {
                return;
            }
        }

        var heading = string.Create(CultureInfo.InvariantCulture, $"Slide {number}");
        collector.StartSection(shapes.Title is null ? heading : $"{heading}: {shapes.Title}");
        collector.AppendParagraph(shapes.Text);
        if (shapes.Text.Trim().Length == 0 && shapes.Title is not null)
        {
            collector.AppendParagraph(shapes.Title);
        }

        foreach (var relation in package.RelationsOf(slide).Where(relation => !relation.IsExternal))
        {
            var label = relation.Kind switch
            {
                "notesSlide" => "Notes",
                "comments" => "Comments",
                "diagramData" => "Diagram",
                "chart" => "Chart",
                _ => null,
            };
            if (label is null)
            {
                continue;
            }

            var side = new SlideText(limits);
            using var xml = package.OpenXml(relation.Target);
            if (xml is not null && side.Read(xml, Ornaments) && side.Text.Trim() is { Length: > 0 } text)
            {
                collector.AppendParagraph($"{label}: {text}");
            }
        }
    }
}

/// <summary>The text of the shapes of one slide, in their order.</summary>
internal sealed class SlideText(ExtractionLimits limits)
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _paragraph = new();
    private readonly List<string> _row = [];
    private readonly StringBuilder _cell = new();

    public string? Title { get; private set; }

    public string Text => _text.ToString();

    /// <summary>Reads the part; false when it is a hidden slide.</summary>
    public bool Read(SafeXml xml, HashSet<string> ornaments)
    {
        var shape = "";
        var level = 0;
        var isInCell = false;
        var hasHeader = false;
        while (_text.Length < limits.MaxCharacters && xml.Read())
        {
            if (xml.IsStart)
            {
                switch (xml.Name)
                {
                    case "sld" when xml.Attribute("show") is "0" or "false":
                        return false;
                    case "Fallback":
                        xml.SkipElement();
                        break;
                    case "sp" or "graphicFrame":
                        shape = "";
                        hasHeader = false;
                        break;
                    case "ph":
                        shape = xml.Attribute("type") ?? "body";
                        break;
                    case "pPr":
                        level = int.TryParse(xml.Attribute("lvl"), out var given) ? Math.Clamp(given, 0, 8) : 0;
                        break;
                    case "br":
                        _paragraph.Append(' ');
                        break;
                    case "t" or "text" or "v" when !xml.IsEmpty:
                        _paragraph.Append(xml.Name == "v" ? " " : "").Append(xml.ElementText());
                        break;
                    case "tc":
                        isInCell = true;
                        break;
                }
            }
            else if (xml.IsEnd)
            {
                switch (xml.Name)
                {
                    case "p" or "cm" or "ser" or "cat" or "val" or "tx":
                        EndParagraph(shape, level, isInCell, ornaments);
                        level = 0;
                        break;
                    case "tc":
                        isInCell = false;
                        _row.Add(MarkdownTable.Cell(_cell.ToString()));
                        _cell.Clear();
                        break;
                    case "tr":
                        EndRow(ref hasHeader);
                        break;
                }
            }
        }

        EndParagraph(shape, 0, isInCell: false, ornaments);
        return true;
    }

    private void EndParagraph(string shape, int level, bool isInCell, HashSet<string> ornaments)
    {
        var text = _paragraph.ToString().Trim();
        _paragraph.Clear();
        if (text.Length == 0 || ornaments.Contains(shape))
        {
            return;
        }

        if (isInCell)
        {
            _cell.Append(_cell.Length > 0 ? " " : "").Append(text);
        }
        else if (shape is "title" or "ctrTitle")
        {
            Title = Title is null ? TextCleaner.OneLine(text) : $"{Title} {TextCleaner.OneLine(text)}";
        }
        else
        {
            _text.Append(' ', level * 2).Append(level > 0 ? "- " : "").Append(text).Append('\n');
        }
    }

    private void EndRow(ref bool hasHeader)
    {
        if (_row.Count == 0)
        {
            return;
        }

        _text.Append("| ").AppendJoin(" | ", _row).Append(" |\n");
        if (!hasHeader)
        {
            _text.Append('|').Insert(_text.Length, " --- |", _row.Count).Append('\n');
            hasHeader = true;
        }

        _row.Clear();
    }
}
