using Tributary.Extraction.Spooling;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Office;

/// <summary>Refuses XML whose tags are megabytes long: the reader keeps a tag with all its attributes in memory, however little it is packed.</summary>
internal sealed class TagLengthGuard(Stream inner) : ReadOnlyStream
{
    private const int MaxTagBytes = 4 * 1024 * 1024;
    private bool _isInTag;
    private byte _quote;
    private int _tagBytes;

    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer);
        ReadOnlySpan<byte> rest = buffer[..read];
        while (!rest.IsEmpty)
        {
            rest = _isInTag ? SkipTag(rest) : SkipText(rest);
        }

        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private ReadOnlySpan<byte> SkipText(ReadOnlySpan<byte> bytes)
    {
        var start = bytes.IndexOf((byte)'<');
        _isInTag = start >= 0;
        _tagBytes = 0;
        _quote = 0;
        return start < 0 ? [] : bytes[(start + 1)..];
    }

    private ReadOnlySpan<byte> SkipTag(ReadOnlySpan<byte> bytes)
    {
        // A "<" may not stand in an attribute: seen in quotes, the quote was an apostrophe of a comment.
        var stop = _quote == 0 ? bytes.IndexOfAny("<>\"'"u8) : bytes.IndexOfAny(_quote, (byte)'<');
        _tagBytes += stop < 0 ? bytes.Length : stop + 1;
        if (_tagBytes > MaxTagBytes)
        {
            throw new ContentException(ContentProblem.TooLarge, "It has an XML tag of more than four megabytes.");
        }

        if (stop < 0)
        {
            return [];
        }

        switch (bytes[stop])
        {
            case (byte)'<':
                _tagBytes = 0;
                _quote = 0;
                break;
            case (byte)'>':
                _isInTag = false;
                break;
            case var quote:
                _quote = _quote == 0 ? quote : (byte)0;
                break;
        }

        return bytes[(stop + 1)..];
    }
}
