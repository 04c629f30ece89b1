using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Tributary.Extraction.Spooling;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Archives;

/// <summary>
/// The central directory of a zip (PKWARE APPNOTE 6.3.10), read under caps. The framework's own reader keeps every entry
/// of a bomb in memory, hides where entries lie (so that overlapping ones go unseen) and does not tell encodings of names apart.
/// </summary>
internal sealed class ZipDirectory
{
    private const uint EntrySignature = 0x02014B50;
    private const uint LocalSignature = 0x04034B50;
    private const uint EndSignature = 0x06054B50;
    private const uint End64Signature = 0x06064B50;
    private const uint Locator64Signature = 0x07064B50;
    private const int EndBytes = 22;
    private const int EntryBytes = 46;
    private const int LocalBytes = 30;

    private readonly Stream _source;
    private readonly long _base;
    private readonly Dictionary<string, ZipEntry> _byName = new(StringComparer.OrdinalIgnoreCase);

    private ZipDirectory(Stream source, long start, List<ZipEntry> entries)
    {
        _source = source;
        _base = start;
        Entries = entries;
        foreach (var entry in entries)
        {
            // The last of a name wins, as when unpacking.
            _byName[entry.Name] = entry;
        }
    }

    /// <summary>Files and directories in the order of the directory.</summary>
    public IReadOnlyList<ZipEntry> Entries { get; }

    public ZipEntry? Find(string name) => _byName.GetValueOrDefault(name.TrimStart('/'));

    /// <summary>Reads the directory.</summary>
    /// <exception cref="ContentException">It is broken, or a bomb: too many entries, or entries that share their bytes.</exception>
    public static ZipDirectory Read(Stream source, ExtractionLimits limits)
    {
        var (count, offset, size, start) = ReadEnd(source);
        if (count > limits.MaxMembers)
        {
            throw new ContentException(
                ContentProblem.TooLarge,
                $"The archive has {count:N0} members, more than {limits.MaxMembers:N0}. Split it, or raise the limit."
            );
        }

        var directory = new StreamWindow(source, start + offset, Math.Min(size, source.Length - start - offset));
        using var reader = new BinaryReader(new BufferedStream(directory, 65_536), Encoding.Latin1);
        var entries = new List<ZipEntry>();
        for (var i = 0L; i < count; i++)
        {
            entries.Add(ReadEntry(reader));
        }

        RefuseOverlaps(entries, offset);
        return new ZipDirectory(source, start, entries);
    }

    /// <summary>The entry's content, unpacked under the budget.</summary>
    /// <exception cref="ContentException">It is encrypted, or packed in a way that is not read here.</exception>
    public Stream Open(ZipEntry entry, UnpackBudget budget)
    {
        if (entry.IsEncrypted)
        {
            throw new ContentException(
                ContentProblem.Encrypted,
                $"'{entry.Name}' is encrypted. Store it without a password."
            );
        }

        Span<byte> local = stackalloc byte[LocalBytes];
        _source.Position = _base + entry.Offset;
        _source.ReadExactly(local);
        if (BinaryPrimitives.ReadUInt32LittleEndian(local) != LocalSignature)
        {
            throw new InvalidDataException($"the member '{entry.Name}' is not where the directory says");
        }

        var nameAndExtra =
            BinaryPrimitives.ReadUInt16LittleEndian(local[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(local[28..]);
        var start = _base + entry.Offset + LocalBytes + nameAndExtra;
        var packed = new StreamWindow(_source, start, entry.PackedSize);
        return entry.Method switch
        {
            0 => budget.Guard(packed, packedBytes: null),
            8 => budget.Guard(
                new DeflateStream(new BufferedStream(packed, 16_384), CompressionMode.Decompress),
                () => packed.Position
            ),
            _ => throw new ContentException(
                ContentProblem.Unsupported,
                $"'{entry.Name}' is packed with method {entry.Method}. Pack the archive again with Deflate."
            ),
        };
    }

    private static (long Count, long Offset, long Size, long Start) ReadEnd(Stream source)
    {
        var tail = new byte[(int)Math.Min(source.Length, EndBytes + ushort.MaxValue)];
        source.Position = source.Length - tail.Length;
        source.ReadExactly(tail);
        for (var i = tail.Length - EndBytes; i >= 0; i--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(i)) != EndSignature)
            {
                continue;
            }

            var end = tail.AsSpan(i);
            long count = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
            long size = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
            long offset = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
            var position = source.Length - tail.Length + i;
            if (ReadEnd64(source, position) is { } end64)
            {
                return end64;
            }

            // What stands before the first entry of a self-extracting archive is not counted in offsets.
            var start = position - size - offset;
            return start < 0 || offset < 0
                ? throw new InvalidDataException("its directory points outside the file")
                : (count, offset, size, start);
        }

        throw new InvalidDataException("it has no directory; it was cut off");
    }

    private static (long Count, long Offset, long Size, long Start)? ReadEnd64(Stream source, long endPosition)
    {
        Span<byte> locator = stackalloc byte[20];
        if (endPosition < locator.Length)
        {
            return null;
        }

        source.Position = endPosition - locator.Length;
        source.ReadExactly(locator);
        if (BinaryPrimitives.ReadUInt32LittleEndian(locator) != Locator64Signature)
        {
            return null;
        }

        Span<byte> end = stackalloc byte[56];
        var position = BinaryPrimitives.ReadInt64LittleEndian(locator[8..]);
        if (position < 0 || position > endPosition - end.Length)
        {
            throw new InvalidDataException("its directory points outside the file");
        }

        source.Position = position;
        source.ReadExactly(end);
        var count = BinaryPrimitives.ReadInt64LittleEndian(end[32..]);
        var size = BinaryPrimitives.ReadInt64LittleEndian(end[40..]);
        var offset = BinaryPrimitives.ReadInt64LittleEndian(end[48..]);
        return
            BinaryPrimitives.ReadUInt32LittleEndian(end) != End64Signature
            || count < 0
            || size < 0
            || offset < 0
            || offset > position
            ? throw new InvalidDataException("its directory points outside the file")
            : (count, offset, size, 0);
    }

    private static ZipEntry ReadEntry(BinaryReader reader)
    {
        var head = reader.ReadBytes(EntryBytes);
        if (head.Length < EntryBytes || BinaryPrimitives.ReadUInt32LittleEndian(head) != EntrySignature)
        {
            throw new InvalidDataException("its directory is damaged");
        }

        var flags = BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(8));
        var method = BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(10));
        var time = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(12));
        long packed = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(20));
        long size = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(24));
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(42));
        var name = reader.ReadBytes(BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(28)));
        var extra = reader.ReadBytes(BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(30)));
        reader.ReadBytes(BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(32)));

        // 4.5.3: the zip64 field holds those values, in this order, that did not fit.
        var large = ExtraField(extra, 0x0001);
        size = size == uint.MaxValue ? Take(ref large) : size;
        packed = packed == uint.MaxValue ? Take(ref large) : packed;
        offset = offset == uint.MaxValue ? Take(ref large) : offset;

        // 4.6.9: the Info-ZIP field with the name in UTF-8, after a version and a checksum.
        var unicode = ExtraField(extra, 0x7075);
        return new ZipEntry(
            unicode.Length > 5 ? Encoding.UTF8.GetString(unicode[5..]) : NameOf(name, (flags & 0x800) != 0),
            size,
            packed,
            offset,
            method,
            (flags & 1) != 0,
            TimeOf(time)
        );
    }

    private static string NameOf(byte[] name, bool isUtf8) =>
        isUtf8 || System.Text.Unicode.Utf8.IsValid(name)
            ? Encoding.UTF8.GetString(name)
            : Encoding.GetEncoding(437).GetString(name);

    private static ReadOnlySpan<byte> ExtraField(ReadOnlySpan<byte> extra, ushort id)
    {
        while (extra.Length >= 4)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (length > extra.Length - 4)
            {
                break;
            }

            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == id)
            {
                return extra.Slice(4, length);
            }

            extra = extra[(4 + length)..];
        }

        return [];
    }

    private static long Take(ref ReadOnlySpan<byte> field)
    {
        var value = field.Length < 8 ? -1 : BinaryPrimitives.ReadInt64LittleEndian(field);
        field = field.Length < 8 ? [] : field[8..];
        return value < 0 ? throw new InvalidDataException("its directory is damaged") : value;
    }

    // 4.4.6: MS-DOS date and time, without a zone.
    private static DateTimeOffset? TimeOf(uint value)
    {
        var (year, month, day) = (1980 + (int)(value >> 25), (int)(value >> 21) & 15, (int)(value >> 16) & 31);
        var (hour, minute, second) = ((int)(value >> 11) & 31, (int)(value >> 5) & 63, ((int)value & 31) * 2);
        var isTime =
            month is >= 1 and <= 12
            && day >= 1
            && day <= DateTime.DaysInMonth(year, month)
            && hour < 24
            && minute < 60
            && second < 60;

        // The first day of 1980 is what programs write that know no time.
        return isTime && value >> 16 != 0x21
            ? new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero)
            : null;
    }

    // Fifield's bomb names one compressed kernel from many entries: honest archives give each entry bytes of its own.
    private static void RefuseOverlaps(List<ZipEntry> entries, long directory)
    {
        var end = 0L;
        foreach (var entry in entries.OrderBy(entry => entry.Offset))
        {
            if (entry.Offset < end)
            {
                throw new ContentException(
                    ContentProblem.TooLarge,
                    "Its members overlap, as only bombs do. Pack the archive again."
                );
            }

            end = entry.Offset + LocalBytes + entry.PackedSize;
        }

        if (end > directory)
        {
            throw new InvalidDataException("its members reach into the directory");
        }
    }
}

/// <summary>One entry of a zip.</summary>
/// <param name="Name">As stored: may be absolute, hold backslashes or "..".</param>
/// <param name="Size">Bytes, as claimed.</param>
/// <param name="PackedSize">Bytes in the archive.</param>
/// <param name="Offset">Of its local header.</param>
/// <param name="Method">How it is packed: 0 stored, 8 Deflate.</param>
/// <param name="IsEncrypted">With any of the zip encryptions.</param>
/// <param name="ModifiedAt">Taken as UTC; null when not known.</param>
internal sealed record ZipEntry(
    string Name,
    long Size,
    long PackedSize,
    long Offset,
    int Method,
    bool IsEncrypted,
    DateTimeOffset? ModifiedAt
);
