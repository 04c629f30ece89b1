using Tributary.Extraction.Spooling;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;

namespace Tributary.Extraction.Formats;

/// <summary>Finds the format of a file and has it read, under the caps on size and time.</summary>
internal sealed class TextExtractor(
    IReadOnlyList<IFormat> formats,
    ExtractionLimits limits,
    Spool spool,
    TimeProvider time
) : ITextExtractor
{
    public async Task<ExtractedText> ExtractAsync(FileContent file, CancellationToken cancellationToken)
    {
        // The time that a slow source needs to hand the bytes over is the source's business, not this cap's.
        await using var source = await file.OpenAsync(cancellationToken);
        await using var content = await spool.SeekableAsync(source, limits.MaxFileBytes, cancellationToken);
        if (content.Length == 0)
        {
            throw new ContentException(ContentProblem.Empty, "The file is empty.");
        }

        using var timeout = new CancellationTokenSource(limits.MaxTime, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await ReadAsync(file, content, linked.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ContentException(
                ContentProblem.TooSlow,
                $"Reading it took longer than {limits.MaxTime.TotalSeconds:0} seconds."
            );
        }
    }

    private async Task<ExtractedText> ReadAsync(FileContent file, Stream content, CancellationToken cancellationToken)
    {
        IFormat? format = null;
        try
        {
            var probe = FileProbe.Read(file.Name, file.ContentType, content, limits);
            format = formats.FirstOrDefault(candidate => candidate.Recognises(probe));
            if (format is null)
            {
                throw new ContentException(
                    ContentProblem.Unsupported,
                    $"'{Path.GetFileName(file.Name)}' is not of a kind that text can be read from."
                );
            }

            content.Position = 0;
            var text = await format.ExtractAsync(new SourceFile(probe, content, file.Password), cancellationToken);
            if (!text.Sections.Any(section => !string.IsNullOrWhiteSpace(section.Text)))
            {
                throw new ContentException(ContentProblem.Empty, $"It is {format.Name} without any text.");
            }

            return text;
        }
        catch (Exception exception) when (FileFaults.IsOfTheFile(exception))
        {
            throw new ContentException(
                ContentProblem.Broken,
                $"It looks like {format?.Name ?? "a document"} but is broken: {exception.Message}",
                exception
            );
        }
    }
}
