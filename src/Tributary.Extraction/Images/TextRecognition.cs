using System.Text;
using Tributary.Extraction.Converters;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Images;

/// <summary>Text in pictures, by Tesseract.</summary>
internal sealed class TextRecognition(ExtractionLimits limits, ProgramRunner programs)
{
    public bool IsInstalled => programs.IsInstalled(Program.Tesseract) && programs.IsInstalled(Program.PdfToPpm);

    /// <summary>The text in a picture; empty when it shows none.</summary>
    public async Task<string> ReadAsync(string picture, string folder, CancellationToken cancellationToken)
    {
        var text = "";
        var result = await programs.RunAsync(
            Program.Tesseract,
            [picture, "stdout", "-l", programs.Options.OcrLanguages],
            folder,
            cancellationToken,
            async (output, token) =>
            {
                using var reader = new StreamReader(output, Encoding.UTF8, leaveOpen: true);
                var buffer = new char[limits.MaxCharacters < 65_536 ? limits.MaxCharacters : 65_536];
                var all = new StringBuilder();
                int read;
                while (all.Length < limits.MaxCharacters && (read = await reader.ReadAsync(buffer, token)) > 0)
                {
                    all.Append(buffer, 0, read);
                }

                text = all.ToString();
            }
        );
        return result.ExitCode == 0
            ? text
            : throw new ContentException(
                ContentProblem.Broken,
                $"The picture cannot be read: {result.Errors.Split('\n')[0]}"
            );
    }
}
