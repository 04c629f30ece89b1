using System.Globalization;
using ExcelDataReader;
using ExcelDataReader.Exceptions;
using Tributary.Extraction.Formats;
using Tributary.Extraction.Text;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Office;

/// <summary>Old Excel workbooks (.xls, BIFF 2 to 8), and new ones that are encrypted with the given password.</summary>
internal sealed class LegacySpreadsheetFormat(ExtractionLimits limits) : IFormat
{
    public string Name => "an Excel workbook";

    public bool Recognises(FileProbe probe) =>
        probe.Compound is { } compound && (compound.Has("Workbook") || compound.Has("Book"))
        // BIFF 2 to 4 came before compound files: a BOF record of four to eight bytes.
        || probe.Extension == "xls" && probe.Head.Span is [0x09, 0x00 or 0x02 or 0x04, >= 4 and <= 8, 0, ..];

    public Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken)
    {
        var facts = new DocumentFacts();
        file.Probe.Compound?.ReadSummary(facts);
        return Task.FromResult(Read(file, facts, isBinary: true, limits, cancellationToken));
    }

    /// <summary>Reads any workbook that the library knows.</summary>
    public static ExtractedText Read(
        SourceFile file,
        DocumentFacts facts,
        bool isBinary,
        ExtractionLimits limits,
        CancellationToken cancellationToken
    )
    {
        var configuration = new ExcelReaderConfiguration { Password = file.Password, LeaveOpen = true };
        try
        {
            file.Content.Position = 0;
            using var reader = isBinary
                ? ExcelReaderFactory.CreateBinaryReader(file.Content, configuration)
                : ExcelReaderFactory.CreateOpenXmlReader(file.Content, configuration);
            var collector = new TextCollector(limits.MaxCharacters, cancellationToken);
            do
            {
                if (reader.VisibleState == "visible")
                {
                    collector.StartSection(reader.Name);
                    WriteRows(reader, collector, cancellationToken);
                }
            } while (!collector.IsFull && reader.NextResult());
            return collector.Finish(facts);
        }
        catch (InvalidPasswordException exception)
        {
            throw new ContentException(
                ContentProblem.Encrypted,
                "The workbook is encrypted. Give its password, or save it without one.",
                exception
            );
        }
    }

    private static void WriteRows(IExcelDataReader reader, TextCollector collector, CancellationToken cancellationToken)
    {
        var table = new MarkdownTable(collector);
        var row = new List<string>();
        while (!collector.IsFull && reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            row.Clear();
            for (var i = 0; i < Math.Min(reader.FieldCount, MarkdownTable.MaxColumns); i++)
            {
                row.Add(Show(reader.GetValue(i), reader.GetNumberFormatString(i)));
            }

            table.AddRow(row);
        }
    }

    private static string Show(object? value, string? format) =>
        value switch
        {
            null => "",
            DateTime time => time.ToString(
                time.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm",
                CultureInfo.InvariantCulture
            ),
            double number when format?.Contains('%') == true => (number * 100).ToString(
                "G12",
                CultureInfo.InvariantCulture
            ) + "%",
            double number => number.ToString("G15", CultureInfo.InvariantCulture),
            bool isTrue => isTrue ? "TRUE" : "FALSE",
            IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString() ?? "",
        };
}
