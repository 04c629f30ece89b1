using System.Globalization;
using System.Text;
using Tributary.Extraction.Spooling;

namespace Tributary.Extraction.Archives;

/// <summary>
/// Tar archives (POSIX.1-2017 pax and ustar; GNU long names), read once forwards. The framework's reader takes a pax
/// header of any length into memory; here names are bounded. Links and devices are not files.
/// </summary>
internal sealed class TarReader(Stream source)
{
    public const int BlockBytes = 512;
    private const int MaxNameBytes = 65_536;
    private readonly byte[] _block = new byte[BlockBytes];
    private long _left;
    private long _padding;

    /// <summary>The name of the current file, as stored.</summary>
    public string Name { get; private set; } = "";

    public DateTimeOffset? ModifiedAt { get; private set; }

    /// <summary>The current file's content; valid until the next file.</summary>
    public Stream Content { get; private set; } = Stream.Null;

    /// <summary>Whether the block is a header whose checksum holds.</summary>
    public static bool IsTar(ReadOnlySpan<byte> block)
    {
        if (block.Length < BlockBytes || block[0] == 0)
        {
            return false;
        }

        // The checksum field itself counts as blanks.
        var sum = 8 * ' ';
        for (var i = 0; i < BlockBytes; i++)
        {
            sum += i is >= 148 and < 156 ? 0 : block[i];
        }

        return Number(block.Slice(148, 8)) == sum;
    }

    /// <summary>Goes to the next file; false at the end.</summary>
    /// <exception cref="InvalidDataException">It is damaged or cut off.</exception>
    public bool Next()
    {
        string? longName = null;
        DateTimeOffset? paxTime = null;
        long? paxSize = null;
        while (true)
        {
            Skip(_left + _padding);
            if (source.ReadAtLeast(_block, BlockBytes, throwOnEndOfStream: false) < BlockBytes || _block[0] == 0)
            {
                return false;
            }

            if (!IsTar(_block))
            {
                throw new InvalidDataException("a header of it is damaged");
            }

            var type = (char)_block[156];
            SetSize(
                paxSize is { } size && type is not ('x' or 'g' or 'L' or 'K') ? size : Number(_block.AsSpan(124, 12))
            );
            switch (type)
            {
                case 'x':
                    foreach (var (key, value) in PaxRecords(ReadText()))
                    {
                        longName = key == "path" ? value : longName;
                        paxSize =
                            key == "size" && long.TryParse(value, CultureInfo.InvariantCulture, out var bytes)
                                ? bytes
                                : paxSize;
                        paxTime =
                            key == "mtime" && double.TryParse(value, CultureInfo.InvariantCulture, out var seconds)
                                ? TimeOf(seconds)
                                : paxTime;
                    }

                    break;
                case 'L':
                    longName = Decode(ReadText()).TrimEnd('\0');
                    break;
                case '0' or '\0' or '7':
                    Name = longName ?? HeaderName();
                    ModifiedAt = paxTime ?? TimeOf(Number(_block.AsSpan(136, 12)));
                    Content = new FileStreamPart(this);
                    return !Name.EndsWith('/') || Next();
                default:
                    longName = type is 'g' or 'K' ? longName : null;
                    break;
            }
        }
    }

    private string HeaderName()
    {
        var name = Decode(Field(0, 100));
        var isUstar = _block.AsSpan(257, 5).SequenceEqual("ustar"u8);
        var prefix = isUstar ? Decode(Field(345, 155)) : "";
        return prefix.Length > 0 ? $"{prefix}/{name}" : name;
    }

    private ReadOnlySpan<byte> Field(int start, int length)
    {
        var field = _block.AsSpan(start, length);
        var end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }

    private static string Decode(ReadOnlySpan<byte> name) => Tributary.Extraction.Text.TextDecoder.Decode(name);

    private void SetSize(long size)
    {
        if (size < 0)
        {
            throw new InvalidDataException("a file in it claims a negative size");
        }

        _left = size;
        _padding = (BlockBytes - size % BlockBytes) % BlockBytes;
    }

    private byte[] ReadText()
    {
        if (_left > MaxNameBytes)
        {
            throw new InvalidDataException("a name in it is longer than 64 KB");
        }

        var text = new byte[_left];
        source.ReadExactly(text);
        _left = 0;
        return text;
    }

    // "LENGTH KEY=VALUE\n", again and again.
    private static IEnumerable<(string Key, string Value)> PaxRecords(byte[] records)
    {
        var position = 0;
        while (position < records.Length)
        {
            var blank = Array.IndexOf(records, (byte)' ', position);
            if (
                blank < 0
                || !int.TryParse(Encoding.ASCII.GetString(records, position, blank - position), out var length)
                || length <= blank - position
                || position + length > records.Length
            )
            {
                yield break;
            }

            var record = Encoding.UTF8.GetString(records, blank + 1, position + length - blank - 2);
            var equals = record.IndexOf('=');
            if (equals > 0)
            {
                yield return (record[..equals], record[(equals + 1)..]);
            }

            position += length;
        }
    }

    private void Skip(long count)
    {
        var buffer = new byte[(int)Math.Min(count, 65_536)];
        while (count > 0)
        {
            var read = source.Read(buffer.AsSpan(0, (int)Math.Min(count, buffer.Length)));
            if (read == 0)
            {
                throw new InvalidDataException("it was cut off");
            }

            count -= read;
        }

        _left = 0;
        _padding = 0;
    }

    // Octal digits, or base 256 when the first bit is set (GNU).
    private static long Number(ReadOnlySpan<byte> field)
    {
        var value = 0L;
        if ((field[0] & 0x80) != 0)
        {
            foreach (var part in field[Math.Max(1, field.Length - 8)..])
            {
                value = value << 8 | part;
            }

            return value;
        }

        foreach (var digit in field)
        {
            if (digit is >= (byte)'0' and <= (byte)'7')
            {
                value = value << 3 | (uint)(digit - '0');
            }
            else if (digit != ' ' || value != 0)
            {
                break;
            }
        }

        return value;
    }

    private static DateTimeOffset? TimeOf(double seconds) =>
        seconds is > 0 and < 253_402_300_799 ? DateTimeOffset.UnixEpoch.AddSeconds(Math.Floor(seconds)) : null;

    private sealed class FileStreamPart(TarReader tar) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer)
        {
            var count = (int)Math.Min(buffer.Length, tar._left);
            if (count == 0)
            {
                return 0;
            }

            var read = tar.ReadSource(buffer[..count]);
            tar._left -= read;
            return read;
        }
    }

    private int ReadSource(Span<byte> buffer)
    {
        var read = source.Read(buffer);
        return read > 0 ? read : throw new InvalidDataException("it was cut off");
    }
}
