using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Tributary.Integrations.Slack;

/// <summary>
/// The channels that were read to their beginning. Kept as four bytes of hash for each, so that the ids of thousands find
/// room in a checkpoint; a channel that finds none is read to its beginning again, which costs requests and loses nothing.
/// </summary>
internal sealed class ReadChannels
{
    private const int Most = 8_000;
    private readonly SortedSet<uint> _marks = [];

    public static ReadChannels Parse(string? text)
    {
        var channels = new ReadChannels();
        var bytes = new byte[(text?.Length ?? 0) + 3];
        if (text is not null && Convert.TryFromBase64String(text, bytes, out var length))
        {
            for (var index = 0; index + sizeof(uint) <= length; index += sizeof(uint))
            {
                channels._marks.Add(BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(index)));
            }
        }

        return channels;
    }

    public bool Contains(string channel) => _marks.Contains(MarkOf(channel));

    public void Add(string channel)
    {
        if (_marks.Count < Most)
        {
            _marks.Add(MarkOf(channel));
        }
    }

    public void Remove(string channel) => _marks.Remove(MarkOf(channel));

    /// <summary>Forgets those that are no longer read: when one comes back, its past is read again.</summary>
    public void KeepOnly(IEnumerable<string> channels) => _marks.IntersectWith(channels.Select(MarkOf).ToHashSet());

    public override string ToString()
    {
        var bytes = new byte[_marks.Count * sizeof(uint)];
        var index = 0;
        foreach (var mark in _marks)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(index), mark);
            index += sizeof(uint);
        }

        return Convert.ToBase64String(bytes);
    }

    private static uint MarkOf(string channel) =>
        BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(channel)));
}
