using Tributary.Engine.Store;

namespace Tributary.Engine.Outbound.Cache;

/// <summary>The values that were used last, up to a size. Thread-safe.</summary>
internal sealed class MemoryTier(long mostBytes)
{
    // What an entry costs beside its value.
    private const int Overhead = 200;

    private readonly Lock _sync = new();
    private readonly Dictionary<CacheKey, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();
    private long _bytes;

    /// <summary>What all entries take.</summary>
    public long Bytes
    {
        get
        {
            lock (_sync)
            {
                return _bytes;
            }
        }
    }

    /// <summary>The value, if it was put in since the connector was purged the last time.</summary>
    public CacheEntry? Find(CacheKey key, long purges)
    {
        lock (_sync)
        {
            if (!_entries.TryGetValue(key, out var node))
            {
                return null;
            }

            if (node.Value.Purges != purges)
            {
                Remove(node);
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Value;
        }
    }

    /// <summary>Keeps a value in place of an older one; the longest unused make room.</summary>
    public void Put(CacheKey key, CacheEntry value, long purges)
    {
        lock (_sync)
        {
            if (_entries.TryGetValue(key, out var old))
            {
                Remove(old);
            }

            var entry = new Entry(key, value, purges);
            if (entry.Size > mostBytes)
            {
                return;
            }

            while (_bytes + entry.Size > mostBytes)
            {
                Remove(_byUse.Last!);
            }

            _entries[key] = _byUse.AddFirst(entry);
            _bytes += entry.Size;
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _byUse.Remove(node);
        _entries.Remove(node.Value.Key);
        _bytes -= node.Value.Size;
    }

    private sealed record Entry(CacheKey Key, CacheEntry Value, long Purges)
    {
        public long Size => Value.Value.Length + Overhead;
    }
}

/// <summary>A connector and a hash of what is asked of it.</summary>
internal readonly record struct CacheKey(long ConnectorId, UInt128 High, UInt128 Low)
{
    /// <summary>The key of a question.</summary>
    public static CacheKey Of(long connectorId, ReadOnlySpan<byte> question)
    {
        Span<byte> hash = stackalloc byte[32];
        System.Security.Cryptography.SHA256.HashData(question, hash);
        return new CacheKey(
            connectorId,
            System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash),
            System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash[16..])
        );
    }

    /// <summary>The hash as it is stored.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[32];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, High);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(16), Low);
        return bytes;
    }
}
