using System.Buffers.Binary;
using System.Text;

namespace Tributary.Extraction.Tests.Office;

/// <summary>Writes OLE compound files ([MS-CFB], version 3): storages by "/" in the path; small streams go to the mini stream.</summary>
internal static class CompoundWriter
{
    private const uint End = 0xFFFFFFFE;
    private const uint Free = 0xFFFFFFFF;

    public static byte[] Write(params (string Path, byte[] Bytes)[] streams)
    {
        var nodes = new List<Node> { new("Root Entry", 5, []) };
        foreach (var (path, bytes) in streams)
        {
            var parent = nodes[0];
            var parts = path.Split('/');
            foreach (var part in parts[..^1])
            {
                var next = parent.Children.Find(child => child.Name == part);
                if (next is null)
                {
                    next = new Node(part, 1, []);
                    parent.Children.Add(next);
                    nodes.Add(next);
                }

                parent = next;
            }

            var leaf = new Node(parts[^1], 2, bytes);
            parent.Children.Add(leaf);
            nodes.Add(leaf);
        }

        var sectors = new List<byte[]>();
        var table = new List<uint>();
        var mini = new MemoryStream();
        var miniTable = new List<uint>();
        foreach (var node in nodes.Where(node => node.Type == 2))
        {
            node.Start =
                node.Bytes.Length >= 4096 ? Add(sectors, table, node.Bytes) : AddMini(mini, miniTable, node.Bytes);
        }

        nodes[0].Start = Add(sectors, table, mini.ToArray());
        nodes[0].Bytes = mini.ToArray();
        var miniTableStart = Add(sectors, table, ToBytes(miniTable));
        var directoryStart = Add(sectors, table, Directory(nodes));
        var tableSectors = 1;
        while (tableSectors * 128 < table.Count + tableSectors)
        {
            tableSectors++;
        }

        var tableStart = (uint)sectors.Count;
        table.AddRange(Enumerable.Repeat(0xFFFFFFFDu, tableSectors));
        table.AddRange(Enumerable.Repeat(Free, tableSectors * 128 - table.Count));
        sectors.AddRange(ToBytes(table).Chunk(512));

        var head = new byte[512];
        new byte[] { 0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1 }.CopyTo(head, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(24), 0x3E);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(26), 3);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(28), 0xFFFE);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(30), 9);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(32), 6);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(44), tableSectors);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(48), directoryStart);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(56), 4096);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(60), miniTableStart);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(68), End);
        for (var i = 0; i < 109; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(
                head.AsSpan(76 + i * 4),
                i < tableSectors ? tableStart + (uint)i : Free
            );
        }

        return [.. head, .. sectors.SelectMany(sector => sector)];
    }

    private sealed class Node(string name, byte type, byte[] bytes)
    {
        public string Name => name;
        public byte Type => type;
        public byte[] Bytes { get; set; } = bytes;
        public uint Start { get; set; } = End;
        public List<Node> Children { get; } = [];
    }

    private static uint Add(List<byte[]> sectors, List<uint> table, byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return End;
        }

        var start = (uint)sectors.Count;
        foreach (var chunk in bytes.Chunk(512))
        {
            var sector = new byte[512];
            chunk.CopyTo(sector, 0);
            sectors.Add(sector);
            table.Add((uint)sectors.Count);
        }

        table[^1] = End;
        return start;
    }

    private static uint AddMini(MemoryStream mini, List<uint> table, byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return End;
        }

        var start = (uint)table.Count;
        foreach (var chunk in bytes.Chunk(64))
        {
            mini.Write(chunk);
            mini.Write(new byte[64 - chunk.Length]);
            table.Add((uint)table.Count + 1);
        }

        table[^1] = End;
        return start;
    }

    private static byte[] Directory(List<Node> nodes)
    {
        var directory = new byte[(nodes.Count + 3) / 4 * 512];
        for (var i = 0; i < nodes.Count; i++)
        {
            var node = nodes[i];
            var entry = directory.AsSpan(i * 128, 128);
            var length = Encoding.Unicode.GetBytes(node.Name, entry);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[64..], (ushort)(length + 2));
            entry[66] = node.Type;
            entry[67] = 1;

            // Siblings as a list to the right: not balanced, but a tree.
            var parent = nodes.Find(candidate => candidate.Children.Contains(node));
            var place = parent?.Children.IndexOf(node) ?? -1;
            var right =
                parent is not null && place + 1 < parent.Children.Count
                    ? (uint)nodes.IndexOf(parent.Children[place + 1])
                    : Free;
            BinaryPrimitives.WriteUInt32LittleEndian(entry[68..], Free);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[72..], right);
            BinaryPrimitives.WriteUInt32LittleEndian(
                entry[76..],
                node.Children.Count > 0 ? (uint)nodes.IndexOf(node.Children[0]) : Free
            );
            BinaryPrimitives.WriteUInt32LittleEndian(entry[116..], node.Start);
            BinaryPrimitives.WriteInt64LittleEndian(entry[120..], node.Bytes.Length);
        }

        return directory;
    }

    private static byte[] ToBytes(List<uint> numbers)
    {
        var bytes = new byte[numbers.Count * 4];
        for (var i = 0; i < numbers.Count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), numbers[i]);
        }

        return bytes;
    }
}
