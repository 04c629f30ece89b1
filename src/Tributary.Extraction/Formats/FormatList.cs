using Tributary.Extraction.Converters;
using Tributary.Extraction.Html;
using Tributary.Extraction.Images;
using Tributary.Extraction.Mail;
using Tributary.Extraction.Office;
using Tributary.Extraction.Pdf;
using Tributary.Extraction.Rtf;
using Tributary.Extraction.Text;

namespace Tributary.Extraction.Formats;

/// <summary>All formats, in the order in which they are asked: signatures first, then shapes of text, then text as such.</summary>
internal static class FormatList
{
    public static IReadOnlyList<IFormat> All(ExtractionOptions options, HtmlConverter html, ProgramRunner programs)
    {
        var limits = options.Limits;
        var recognition = new TextRecognition(limits, programs);
        var word = new WordFormat(limits);
        var presentation = new PresentationFormat(limits);
        var spreadsheet = new SpreadsheetFormat(limits);
        return
        [
            new PdfFormat(limits, programs, recognition),
            word,
            presentation,
            spreadsheet,
            new OpenDocumentFormat(limits),
            new EpubFormat(html, limits),
            new EncryptedOfficeFormat(limits),
            new OutlookFormat(html, limits),
            new LegacySpreadsheetFormat(limits),
            new LegacyOfficeFormat(limits, new OfficeConversion(programs), [word, presentation, spreadsheet]),
            new RtfFormat(limits),
            new ImageFormat(limits, programs, recognition),
            new ArchiveRefusal(),
            new MboxFormat(html, limits),
            new MailFormat(html, limits),
            new CalendarFormat(limits),
            new SubtitleFormat(limits),
            new NotebookFormat(limits),
            new DelimitedFormat(limits),
            new HtmlFormat(html, limits),
            new PlainTextFormat(limits),
        ];
    }
}
