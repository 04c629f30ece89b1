using Tributary.Sdk.Content;

namespace Tributary.Extraction.Spooling;

/// <summary>
/// Makes any stream seekable at a bounded price: small ones in memory, larger ones in a temporary file without a name,
/// which the system removes even when this process is killed.
/// </summary>
internal sealed class Spool(ExtractionOptions options)
{
    private const int BufferBytes = 81_920;

    /// <summary>The source itself when it is seekable, else a copy; the copy is disposed with the result, the source by its owner.</summary>
    public async ValueTask<Stream> SeekableAsync(Stream source, long maxBytes, CancellationToken cancellationToken)
    {
        if (source.CanSeek)
        {
            if (source.Length > maxBytes)
            {
                throw TooLarge(maxBytes);
            }

            source.Position = 0;
            return source;
        }

        return await CopyAsync(source, maxBytes, cancellationToken);
    }

    /// <summary>A copy of what is left of the source, at its start.</summary>
    public async ValueTask<Stream> CopyAsync(Stream source, long maxBytes, CancellationToken cancellationToken)
    {
        Stream copy = new MemoryStream();
        var buffer = new byte[BufferBytes];
        try
        {
            while (true)
            {
                var read = await source.ReadAsync(buffer, cancellationToken);
                if (read == 0)
                {
                    break;
                }

                if (copy.Length + read > maxBytes)
                {
                    throw TooLarge(maxBytes);
                }

                if (copy is MemoryStream memory && copy.Length + read > options.Limits.MaxBytesInMemory)
                {
                    copy = OpenTemporaryFile();
                    memory.Position = 0;
                    await memory.CopyToAsync(copy, cancellationToken);
                }

                await copy.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }

            copy.Position = 0;
            return copy;
        }
        catch
        {
            await copy.DisposeAsync();
            throw;
        }
    }

    private FileStream OpenTemporaryFile()
    {
        Directory.CreateDirectory(options.TemporaryFolder);
        var path = Path.Combine(options.TemporaryFolder, $"tributary-{Guid.NewGuid():N}.tmp");
        var file = new FileStream(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.Delete,
                BufferSize = 0,
                Options = FileOptions.DeleteOnClose,
            }
        );
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(path);
        }

        return file;
    }

    private static ContentException TooLarge(long maxBytes) =>
        new(
            ContentProblem.TooLarge,
            $"The file is larger than {maxBytes:N0} bytes. Split it, or raise the limit on file sizes."
        );
}
