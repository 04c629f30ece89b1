using Tributary.Engine.Outbound.Body;

namespace Tributary.Engine.Outbound.Cache;

/// <summary>A body of which the beginning has been read already.</summary>
internal sealed class RejoinedStream(ReadOnlyMemory<byte> beginning, Stream rest) : ReadOnlyStream
{
    private int _given;

    /// <inheritdoc />
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_given == beginning.Length)
        {
            return rest.ReadAsync(buffer, cancellationToken);
        }

        var count = Math.Min(buffer.Length, beginning.Length - _given);
        beginning.Slice(_given, count).CopyTo(buffer);
        _given += count;
        return ValueTask.FromResult(count);
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            rest.Dispose();
        }

        base.Dispose(disposing);
    }
}
