namespace Tributary.Integrations.TaggedFiles;

/// <summary>A seekable stream from some place on, as if it began there.</summary>
/// <param name="whole">The whole stream.</param>
/// <param name="start">Where the tail begins.</param>
/// <param name="leaveOpen">Whether the whole stream outlives the tail.</param>
internal sealed class StreamTail(Stream whole, long start, bool leaveOpen = false) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => Math.Max(0, whole.Length - start);

    public override long Position
    {
        get => whole.Position - start;
        set => whole.Position = start + value;
    }

    /// <summary>The stream itself when nothing is left out, so that nothing is in between.</summary>
    public static Stream Of(Stream whole, long start)
    {
        whole.Position = start;
        return start == 0 ? whole : new StreamTail(whole, start);
    }

    public override int Read(byte[] buffer, int offset, int count) => whole.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => whole.Read(buffer);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        whole.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        whole.ReadAsync(buffer, offset, count, cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) =>
        Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => Length + offset,
        };

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !leaveOpen)
        {
            whole.Dispose();
        }

        base.Dispose(disposing);
    }
}
