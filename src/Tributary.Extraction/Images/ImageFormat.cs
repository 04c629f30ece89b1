using System.Globalization;
using Tributary.Extraction.Converters;
using Tributary.Extraction.Formats;
using Tributary.Extraction.Spooling;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Images;

/// <summary>Pictures: whatever text Tesseract sees in them.</summary>
internal sealed class ImageFormat(ExtractionLimits limits, ProgramRunner programs, TextRecognition recognition)
    : IFormat
{
    public string Name => "a picture";

    public bool Recognises(FileProbe probe) => ImageHeader.KindOf(probe) is not null;

    public async Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken)
    {
        var kind = ImageHeader.KindOf(file.Probe)!;
        if (
            ImageHeader.SizeOf(kind, file.Content) is { } size
            && (long)(uint)size.Width * (uint)size.Height > limits.MaxPixels
        )
        {
            throw new ContentException(
                ContentProblem.TooLarge,
                $"The picture has {size.Width:N0} × {size.Height:N0} pixels, more than {limits.MaxPixels:N0} in all."
            );
        }

        using var folder = new WorkFolder(programs.Options.TemporaryFolder);
        var path = await folder.WriteAsync($"input.{kind}", file.Content, cancellationToken);
        if (kind == "heic")
        {
            path = await ConvertHeicAsync(path, folder, cancellationToken);
        }

        var text = await recognition.ReadAsync(path, folder.Path, cancellationToken);
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new ContentException(ContentProblem.Empty, "No text was recognised in the picture.");
        }

        var collector = new TextCollector(limits.MaxCharacters, cancellationToken);
        collector.Append(text);
        var facts = new DocumentFacts();
        facts.Metadata["recognised"] = "true";
        return collector.Finish(facts);
    }

    private async Task<string> ConvertHeicAsync(string path, WorkFolder folder, CancellationToken cancellationToken)
    {
        var result = await programs.RunAsync(
            Program.HeifConvert,
            [path, folder["converted.png"]],
            folder.Path,
            cancellationToken
        );
        if (!File.Exists(folder["converted.png"]))
        {
            throw new ContentException(
                ContentProblem.Broken,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The picture cannot be read: {result.Errors.Split('\n')[0]}"
                )
            );
        }

        return folder["converted.png"];
    }
}
