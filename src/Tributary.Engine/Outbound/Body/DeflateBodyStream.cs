using System.IO.Compression;

namespace Tributary.Engine.Outbound.Body;

/// <summary>
/// The content coding "deflate": the zlib format by RFC 9110, 8.4.1.2, but bare DEFLATE from some servers. The first
/// byte tells them apart: zlib's always names the method 8.
/// </summary>
internal sealed class DeflateBodyStream(Stream packed) : ReadOnlyStream
{
    private Stream? _unpacked;

    /// <inheritdoc />
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_unpacked is null)
        {
            var first = new byte[1];
            if (await packed.ReadAsync(first, cancellationToken) == 0)
            {
                return 0;
            }

            var whole = new PrefixedStream(first[0], packed);
            _unpacked =
                (first[0] & 0x0F) == 8
                    ? new ZLibStream(whole, CompressionMode.Decompress)
                    : new DeflateStream(whole, CompressionMode.Decompress);
        }

        return await _unpacked.ReadAsync(buffer, cancellationToken);
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _unpacked?.Dispose();
            packed.Dispose();
        }

        base.Dispose(disposing);
    }

    private sealed class PrefixedStream(byte first, Stream rest) : ReadOnlyStream
    {
        private bool _isFirstRead;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_isFirstRead || buffer.Length == 0)
            {
                return rest.ReadAsync(buffer, cancellationToken);
            }

            _isFirstRead = true;
            buffer.Span[0] = first;
            return ValueTask.FromResult(1);
        }
    }
}
