using System.IO.Compression;
using System.Runtime.CompilerServices;
using Tributary.Extraction.Spooling;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Archives;

/// <summary>Gzip (RFC 1952): one file, or a tar archive, which is read while it is unpacked.</summary>
internal sealed class GzipMembers(ExtractionLimits limits, Spool spool)
{
    public async IAsyncEnumerable<RawMember> ReadAsync(
        string name,
        Stream content,
        UnpackBudget budget,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // A log that was rotated unpacks to more than a hundred times its size only in its dullest stretches: the ratio
        // is that of the whole file so far.
        await using var unpacked = Unpack(content, budget);
        var head = new byte[TarReader.BlockBytes];
        var read = unpacked.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (read == head.Length && TarReader.IsTar(head))
        {
            await using var tarred = Unpack(content, budget);
            var tar = new TarReader(tarred);
            while (tar.Next())
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return new RawMember(
                    tar.Name,
                    tar.ModifiedAt,
                    () => new Borrowed(tar.Content),
                    EndsArchiveWhenBroken: true
                );
            }

            yield break;
        }

        var copy = await spool.CopyAsync(Unpack(content, budget), limits.MaxFileBytes, cancellationToken);
        yield return new RawMember(NameOf(name), TimeOf(content), () => copy);
    }

    private static Stream Unpack(Stream content, UnpackBudget budget)
    {
        var packed = new StreamWindow(content, 0, content.Length);
        return budget.Guard(new GZipStream(packed, CompressionMode.Decompress), () => packed.Position);
    }

    private static string NameOf(string name)
    {
        var file = Path.GetFileName(name.Replace('\\', '/'));
        return file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) && file.Length > 3 ? file[..^3]
            : file.EndsWith(".svgz", StringComparison.OrdinalIgnoreCase) ? file[..^1]
            : file + ".unpacked";
    }

    private static DateTimeOffset? TimeOf(Stream content)
    {
        Span<byte> head = stackalloc byte[8];
        content.Position = 0;
        content.ReadExactly(head);
        var seconds = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        return seconds == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(seconds);
    }

    // The tar goes on with its stream after a member was read.
    private sealed class Borrowed(Stream inner) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer) => inner.Read(buffer);
    }
}
