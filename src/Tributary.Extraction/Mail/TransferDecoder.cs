using Tributary.Extraction.Spooling;

namespace Tributary.Extraction.Mail;

/// <summary>Content transfer encodings (RFC 2045, 6), forgiving: letters that are not of the encoding are skipped.</summary>
internal static class TransferDecoder
{
    /// <summary>The decoded content of a part as a stream.</summary>
    public static Stream Open(Stream encoded, string? encoding) =>
        encoding switch
        {
            "base64" => new Base64Stream(encoded),
            "quoted-printable" => new QuotedPrintableStream(encoded),
            _ => encoded,
        };

    public static byte[] Base64(ReadOnlySpan<byte> text) => ReadAll(new Base64Stream(new MemoryStream(text.ToArray())));

    public static byte[] QuotedPrintable(ReadOnlySpan<byte> text) =>
        ReadAll(new QuotedPrintableStream(new MemoryStream(text.ToArray())));

    private static byte[] ReadAll(Stream stream)
    {
        using var result = new MemoryStream();
        stream.CopyTo(result);
        return result.ToArray();
    }

    private sealed class Base64Stream(Stream inner) : ReadOnlyStream
    {
        private readonly byte[] _raw = new byte[8192];
        private readonly byte[] _letters = new byte[8196];
        private readonly byte[] _decoded = new byte[8192];
        private int _kept;
        private int _start;
        private int _end;

        public override int Read(Span<byte> buffer)
        {
            while (_start == _end)
            {
                if (!Fill())
                {
                    return 0;
                }
            }

            var count = Math.Min(buffer.Length, _end - _start);
            _decoded.AsSpan(_start, count).CopyTo(buffer);
            _start += count;
            return count;
        }

        private bool Fill()
        {
            var read = inner.Read(_raw);
            var count = _kept;
            foreach (var letter in _raw.AsSpan(0, read))
            {
                if (char.IsAsciiLetterOrDigit((char)letter) || letter is (byte)'+' or (byte)'/')
                {
                    _letters[count++] = letter;
                }
            }

            var isLast = read == 0;
            if (isLast && count == 0)
            {
                return false;
            }

            // The end may lack its padding; a single letter left over means nothing.
            var whole = count / 4 * 4;
            if (isLast)
            {
                while (count % 4 is 2 or 3)
                {
                    _letters[count++] = (byte)'=';
                }

                whole = count / 4 * 4;
            }

            System.Buffers.Text.Base64.DecodeFromUtf8(_letters.AsSpan(0, whole), _decoded, out _, out _end);
            _start = 0;
            _kept = isLast ? 0 : count - whole;
            _letters.AsSpan(whole, _kept).CopyTo(_letters);
            return true;
        }
    }

    private sealed class QuotedPrintableStream(Stream inner) : ReadOnlyStream
    {
        private readonly BufferedStream _inner = new(inner, 8192);

        public override int Read(Span<byte> buffer)
        {
            var count = 0;
            while (count < buffer.Length && Next() is var value && value >= 0)
            {
                buffer[count++] = (byte)value;
            }

            return count;
        }

        private int Next()
        {
            while (true)
            {
                var value = _inner.ReadByte();
                if (value != '=')
                {
                    return value;
                }

                var first = _inner.ReadByte();
                if (first is ' ' or '\t')
                {
                    // Blanks that some gateway added to a soft line break.
                    while (first is ' ' or '\t')
                    {
                        first = _inner.ReadByte();
                    }
                }

                if (first == '\r')
                {
                    first = _inner.ReadByte();
                }

                if (first == '\n')
                {
                    continue;
                }

                if (first < 0)
                {
                    return -1;
                }

                var second = _inner.ReadByte();
                if (char.IsAsciiHexDigit((char)first) && second >= 0 && char.IsAsciiHexDigit((char)second))
                {
                    return Convert.ToInt32(new string([(char)first, (char)second]), 16);
                }

                // Not an escape after all.
                _inner.Position -= second < 0 ? 1 : 2;
                return '=';
            }
        }
    }
}
