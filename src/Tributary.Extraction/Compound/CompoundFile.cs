using System.Buffers.Binary;
using System.Text;
using Tributary.Extraction.Formats;

namespace Tributary.Extraction.Compound;

/// <summary>
/// OLE compound files ([MS-CFB]): a file system in a file, the container of .msg and of all old Office formats. Loops in
/// its chains, which bombs have, end by count.
/// </summary>
internal sealed class CompoundFile
{
    private const uint LastSector = 0xFFFFFFFA;
    private const int EntryBytes = 128;
    private const int MaxEntries = 100_000;
    private const uint NoEntry = 0xFFFFFFFF;

    private readonly Stream _source;
    private readonly int _sectorBytes;
    private readonly int _miniBytes;
    private readonly uint _miniCutoff;
    private readonly uint[] _table;
    private readonly uint[] _miniTable;
    private readonly List<Entry> _entries = [];
    private readonly Dictionary<string, Entry> _byPath = new(StringComparer.OrdinalIgnoreCase);

    private byte[]? _mini;

    private sealed record Entry(string Name, int Type, uint Left, uint Right, uint Child, uint Start, long Size);

    private CompoundFile(Stream source)
    {
        _source = source;
        Span<byte> head = stackalloc byte[512];
        source.Position = 0;
        source.ReadExactly(head);
        _sectorBytes = 1 << Math.Clamp((int)BinaryPrimitives.ReadUInt16LittleEndian(head[30..]), 7, 16);
        _miniBytes = 1 << Math.Clamp((int)BinaryPrimitives.ReadUInt16LittleEndian(head[32..]), 4, 12);
        _miniCutoff = BinaryPrimitives.ReadUInt32LittleEndian(head[56..]);
        _table = ReadTable(head);
        _miniTable = ToNumbers(ReadChain(BinaryPrimitives.ReadUInt32LittleEndian(head[60..]), long.MaxValue));
        ReadEntries(ReadChain(BinaryPrimitives.ReadUInt32LittleEndian(head[48..]), (long)MaxEntries * EntryBytes));
        if (_entries.Count > 0)
        {
            AddPaths();
        }
    }

    public static ReadOnlySpan<byte> Signature => [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

    /// <summary>Reads the directory.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static CompoundFile Read(Stream source) => new(source);

    /// <summary>Whether there is a stream or storage of that path, parts joined by "/".</summary>
    public bool Has(string path) => _byPath.ContainsKey(path);

    /// <summary>The names of what lies directly below a storage; "" for the root.</summary>
    public IEnumerable<string> Below(string storage) =>
        _byPath
            .Keys.Where(path => ParentOf(path) == storage)
            .Select(path => path[(storage.Length == 0 ? 0 : storage.Length + 1)..])
            .Order(StringComparer.Ordinal);

    /// <summary>A stream's bytes, at most so many; null when there is none of that path.</summary>
    public byte[]? ReadStream(string path, long maxBytes)
    {
        if (!_byPath.TryGetValue(path, out var entry) || entry.Type != 2)
        {
            return null;
        }

        var size = Math.Min(entry.Size, maxBytes);
        return entry.Size < _miniCutoff ? ReadMini(entry.Start, size) : ReadChain(entry.Start, size);
    }

    /// <summary>Title, author and time of the last change from the summary stream ([MS-OLEPS] 2.21, [MS-OSHARED] 2.3.3.2.1).</summary>
    public void ReadSummary(DocumentFacts facts)
    {
        var bytes = ReadStream("\u0005SummaryInformation", 65_536);
        if (bytes is not { Length: > 52 })
        {
            return;
        }

        var set = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(44));
        var count =
            set >= 0 && set + 8 <= bytes.Length ? BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(set + 4)) : 0;
        var encoding = Encoding.GetEncoding(1252);
        for (var i = 0; i < Math.Min(count, 100) && set + 16 + i * 8 <= bytes.Length; i++)
        {
            var id = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(set + 8 + i * 8));
            var at = set + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(set + 12 + i * 8));
            if (at < 0 || at + 12 > bytes.Length)
            {
                continue;
            }

            var value = bytes.AsSpan(at + 4);
            switch (id)
            {
                case 1:
                    encoding = EncodingOf(BinaryPrimitives.ReadUInt16LittleEndian(value));
                    break;
                case 2:
                    facts.Title = TextOf(value, encoding);
                    break;
                case 4 or 8:
                    facts.AddAuthor(TextOf(value, encoding));
                    break;
                case 13
                    when BinaryPrimitives.ReadInt64LittleEndian(value)
                        is > 0
                            and < 2_650_467_744_000_000_000
                            and var time:
                    facts.ModifiedAt = DateTimeOffset.FromFileTime(time).ToUniversalTime();
                    break;
            }
        }
    }

    private static Encoding EncodingOf(int codePage) =>
        CodePagesEncodingProvider.Instance.GetEncoding(codePage) ?? Encoding.UTF8;

    private static string TextOf(ReadOnlySpan<byte> value, Encoding encoding)
    {
        var length = Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(value), 0, value.Length - 4);
        return encoding.GetString(value.Slice(4, length)).TrimEnd('\0');
    }

    // The first 109 sectors of the table are named in the header, the others in a chain of sectors of their own.
    private uint[] ReadTable(ReadOnlySpan<byte> head)
    {
        var sectors = new List<uint>();
        for (var i = 0; i < 109; i++)
        {
            sectors.Add(BinaryPrimitives.ReadUInt32LittleEndian(head[(76 + i * 4)..]));
        }

        var next = BinaryPrimitives.ReadUInt32LittleEndian(head[68..]);
        var most = _source.Length / _sectorBytes;
        while (next < LastSector && sectors.Count <= most)
        {
            var numbers = ToNumbers(ReadSector(next));
            sectors.AddRange(numbers[..^1]);
            next = numbers[^1];
        }

        using var table = new MemoryStream();
        foreach (var sector in sectors.Where(sector => sector < LastSector).Take((int)Math.Min(most, int.MaxValue)))
        {
            table.Write(ReadSector(sector));
        }

        return ToNumbers(table.ToArray());
    }

    private byte[] ReadSector(uint sector)
    {
        var bytes = new byte[_sectorBytes];
        var position = (sector + 1L) * _sectorBytes;
        if (position >= _source.Length)
        {
            throw new InvalidDataException("it points outside itself");
        }

        _source.Position = position;
        _source.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return bytes;
    }

    private byte[] ReadChain(uint sector, long size)
    {
        using var content = new MemoryStream();
        var left = _table.Length;
        while (sector < LastSector && content.Length < size)
        {
            if (left-- < 0 || sector >= _table.Length)
            {
                throw new InvalidDataException("its sectors run in a circle");
            }

            content.Write(ReadSector(sector));
            sector = _table[sector];
        }

        content.SetLength(Math.Min(size, content.Length));
        return content.ToArray();
    }

    private byte[] ReadMini(uint sector, long size)
    {
        var root = _entries[0];
        _mini ??= ReadChain(root.Start, root.Size);
        using var content = new MemoryStream();
        var left = _miniTable.Length;
        while (sector < LastSector && content.Length < size)
        {
            var start = sector * (long)_miniBytes;
            if (left-- < 0 || sector >= _miniTable.Length || start >= _mini.Length)
            {
                throw new InvalidDataException("its sectors run in a circle");
            }

            content.Write(_mini.AsSpan((int)start, Math.Min(_miniBytes, _mini.Length - (int)start)));
            sector = _miniTable[sector];
        }

        content.SetLength(Math.Min(size, content.Length));
        return content.ToArray();
    }

    private void ReadEntries(byte[] directory)
    {
        for (var at = 0; at + EntryBytes <= directory.Length; at += EntryBytes)
        {
            var entry = directory.AsSpan(at, EntryBytes);
            var length = Math.Clamp(BinaryPrimitives.ReadUInt16LittleEndian(entry[64..]) - 2, 0, 62);
            _entries.Add(
                new Entry(
                    Encoding.Unicode.GetString(entry[..length]),
                    entry[66],
                    BinaryPrimitives.ReadUInt32LittleEndian(entry[68..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(entry[72..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(entry[76..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(entry[116..]),
                    BinaryPrimitives.ReadInt64LittleEndian(entry[120..]) & 0xFFFFFFFF
                )
            );
        }
    }

    // Siblings form trees, children hang below; each entry is walked once, whatever the pointers say.
    private void AddPaths()
    {
        var seen = new HashSet<uint>();
        var open = new Stack<(uint Index, string Parent)>();
        open.Push((_entries[0].Child, ""));
        while (open.TryPop(out var next))
        {
            if (next.Index >= _entries.Count || next.Index == NoEntry || !seen.Add(next.Index))
            {
                continue;
            }

            var entry = _entries[(int)next.Index];
            var path = next.Parent.Length == 0 ? entry.Name : $"{next.Parent}/{entry.Name}";
            if (path.Length < 4096)
            {
                _byPath.TryAdd(path, entry);
                open.Push((entry.Child, path));
            }

            open.Push((entry.Left, next.Parent));
            open.Push((entry.Right, next.Parent));
        }
    }

    private static string ParentOf(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash < 0 ? "" : path[..slash];
    }

    private static uint[] ToNumbers(byte[] bytes)
    {
        var numbers = new uint[bytes.Length / 4];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(i * 4));
        }

        return numbers;
    }
}
