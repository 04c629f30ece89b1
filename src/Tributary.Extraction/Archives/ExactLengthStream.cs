using Tributary.Extraction.Spooling;

namespace Tributary.Extraction.Archives;

/// <summary>Fails when a member unpacks to another size than it claims: the framework's inflater ends silently where data are cut off.</summary>
internal sealed class ExactLengthStream(Stream inner, long length) : ReadOnlyStream
{
    private long _read;

    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer);
        _read += read;
        return (read == 0 && buffer.Length > 0 && _read != length) || _read > length
            ? throw new InvalidDataException("it does not unpack to the size that it claims")
            : read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
