namespace Tributary.Extraction.Mail;

/// <summary>Lines of bytes with their places in the file. A line longer than the cap comes in pieces.</summary>
internal sealed class LineReader(Stream content, long start, int maxLineBytes)
{
    private readonly byte[] _buffer = new byte[maxLineBytes + 2];
    private int _from;
    private int _until;

    /// <summary>Where the line that was read last begins in the file.</summary>
    public long LineStart { get; private set; } = start;

    /// <summary>Where the next line begins.</summary>
    public long Position { get; private set; } = start;

    /// <summary>Bytes of the line end that was read last: 0, 1 or 2.</summary>
    public int LineEndBytes { get; private set; }

    /// <summary>The next line without its end; valid until the next call.</summary>
    public bool Read(out ReadOnlySpan<byte> line)
    {
        var end = _buffer.AsSpan(_from, _until - _from).IndexOf((byte)'\n');
        while (end < 0 && Fill())
        {
            end = _buffer.AsSpan(_from, _until - _from).IndexOf((byte)'\n');
        }

        LineStart = Position;
        var isWhole = end >= 0;
        var count = isWhole ? end : _until - _from;
        line = _buffer.AsSpan(_from, count);
        if (count == 0 && !isWhole)
        {
            return false;
        }

        _from += count + (isWhole ? 1 : 0);
        Position += count + (isWhole ? 1 : 0);
        LineEndBytes = isWhole ? 1 : 0;
        if (isWhole && line.EndsWith("\r"u8))
        {
            line = line[..^1];
            LineEndBytes = 2;
        }

        return true;
    }

    // False at the end of the file, or when the line fills the whole buffer.
    private bool Fill()
    {
        if (_from > 0)
        {
            _buffer.AsSpan(_from, _until - _from).CopyTo(_buffer);
            _until -= _from;
            _from = 0;
        }

        if (_until == _buffer.Length)
        {
            return false;
        }

        var read = content.Read(_buffer.AsSpan(_until));
        _until += read;
        return read > 0;
    }
}
