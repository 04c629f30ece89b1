using System.Globalization;
using System.Text;
using Tributary.Extraction.Converters;
using Tributary.Extraction.Formats;
using Tributary.Extraction.Images;
using Tributary.Extraction.Spooling;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Pdf;

/// <summary>PDF files by poppler's tools: one section a page; pages without text are recognised when the tools for it are there.</summary>
internal sealed class PdfFormat(ExtractionLimits limits, ProgramRunner programs, TextRecognition recognition) : IFormat
{
    private const int ReadCharacters = 16_384;

    public string Name => "a PDF";

    // ISO 32000-1, annex H.3.4.1: the header may stand anywhere in the first 1,024 bytes.
    public bool Recognises(FileProbe probe) =>
        probe.Head.Span[..Math.Min(1024, probe.Head.Length)].IndexOf("%PDF-"u8) >= 0;

    public async Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken)
    {
        PdfInflation.Refuse(file.Content, limits, cancellationToken);
        using var folder = new WorkFolder(programs.Options.TemporaryFolder);
        var path = await folder.WriteAsync("input.pdf", file.Content, cancellationToken);
        var info = await PdfInfo.ReadAsync(programs, path, folder.Path, file.Password, cancellationToken);
        var facts = new DocumentFacts { Title = info.Title, ModifiedAt = info.ModifiedAt };
        facts.AddAuthor(info.Author);
        facts.Metadata["pages"] = info.Pages.ToString(CultureInfo.InvariantCulture);
        var collector = new TextCollector(limits.MaxCharacters, cancellationToken);
        var pages = await ReadPagesAsync(path, folder, info.Password, collector, cancellationToken);
        if (pages == 0)
        {
            await RecogniseAsync(path, folder, info, collector, facts, cancellationToken);
        }

        if (info.Pages > limits.MaxPdfPages)
        {
            facts.Metadata["truncated"] = "true";
        }

        return collector.Finish(facts);
    }

    /// <summary>The number of pages that have text.</summary>
    private async Task<int> ReadPagesAsync(
        string path,
        WorkFolder folder,
        string? password,
        TextCollector collector,
        CancellationToken cancellationToken
    )
    {
        List<string> arguments = ["-enc", "UTF-8", "-l", limits.MaxPdfPages.ToString(CultureInfo.InvariantCulture)];
        AddPassword(arguments, password);
        arguments.AddRange([path, "-"]);
        var pages = 0;
        var result = await programs.RunAsync(
            Program.PdfToText,
            arguments,
            folder.Path,
            cancellationToken,
            async (output, token) => pages = await SplitPagesAsync(output, collector, token)
        );
        return result.ExitCode == 0 || pages > 0
            ? pages
            : throw new ContentException(ContentProblem.Broken, $"The PDF is broken: {FirstLine(result.Errors)}");
    }

    // pdftotext ends each page with a form feed.
    private static async Task<int> SplitPagesAsync(
        Stream output,
        TextCollector collector,
        CancellationToken cancellationToken
    )
    {
        using var reader = new StreamReader(output, Encoding.UTF8, leaveOpen: true);
        var buffer = new char[ReadCharacters];
        var page = 1;
        var withText = 0;
        var hasText = false;
        Begin(collector, page);
        int read;
        while (!collector.IsFull && (read = await reader.ReadAsync(buffer, cancellationToken)) > 0)
        {
            var rest = buffer.AsMemory(0, read);
            while (!rest.IsEmpty)
            {
                var end = rest.Span.IndexOf('\f');
                var text = end < 0 ? rest : rest[..end];
                collector.Append(text.Span);
                if (!hasText && !text.Span.IsWhiteSpace())
                {
                    hasText = true;
                    withText++;
                }

                if (end >= 0)
                {
                    Begin(collector, ++page);
                    hasText = false;
                }

                rest = end < 0 ? default : rest[(end + 1)..];
            }
        }

        return withText;
    }

    private async Task RecogniseAsync(
        string path,
        WorkFolder folder,
        PdfInfo info,
        TextCollector collector,
        DocumentFacts facts,
        CancellationToken cancellationToken
    )
    {
        if (!recognition.IsInstalled)
        {
            throw new ContentException(
                ContentProblem.ConverterMissing,
                "The PDF has no text (scanned?). To have its pages recognised, install: apt-get install "
                    + Program.Tesseract.Package
            );
        }

        // Some pages are better than none: recognition ends before the time for the file does.
        var started = programs.Time.GetTimestamp();
        var last = Math.Min(info.Pages, limits.MaxOcrPages);
        for (var page = 1; page <= last && !collector.IsFull; page++)
        {
            if (programs.Time.GetElapsedTime(started) > limits.MaxTime / 2)
            {
                last = page - 1;
                break;
            }

            var number = page.ToString(CultureInfo.InvariantCulture);
            // 200 dots an inch; a page that claims to be a mile wide is drawn no larger than the cap on pictures allows.
            List<string> arguments = ["-f", number, "-l", number, "-singlefile", "-gray", "-png"];
            var side = (int)Math.Min(Math.Sqrt(limits.MaxPixels), 4_000);
            arguments.AddRange(
                info.IsLarge ? ["-scale-to", side.ToString(CultureInfo.InvariantCulture)] : ["-r", "200"]
            );
            AddPassword(arguments, info.Password);
            arguments.AddRange([path, folder["page"]]);
            await programs.RunAsync(Program.PdfToPpm, arguments, folder.Path, cancellationToken);
            if (File.Exists(folder["page.png"]))
            {
                Begin(collector, page);
                collector.Append(await recognition.ReadAsync(folder["page.png"], folder.Path, cancellationToken));
                File.Delete(folder["page.png"]);
            }
        }

        facts.Metadata["recognised"] = "true";
        if (last < info.Pages)
        {
            facts.Metadata["truncated"] = "true";
        }
    }

    private static void Begin(TextCollector collector, int page) =>
        collector.StartSection(string.Create(CultureInfo.InvariantCulture, $"Page {page}"));

    internal static void AddPassword(List<string> arguments, string? password)
    {
        if (password is not null)
        {
            arguments.AddRange(["-upw", password]);
        }
    }

    private static string FirstLine(string text) => text.Split('\n')[0];
}
