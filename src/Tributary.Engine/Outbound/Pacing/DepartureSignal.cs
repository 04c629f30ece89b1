using System.Runtime.CompilerServices;

namespace Tributary.Engine.Outbound.Pacing;

/// <summary>
/// Tells the limits when a request has really left: opening a connection may take long after it was let go, and a
/// vendor counts what arrives. The connection's stream finds the request that writes to it in the flow of the call, and
/// hears the first of its answer before everything that has to be done with an answer.
/// </summary>
internal static class DepartureSignal
{
    private static readonly AsyncLocal<ConnectorLimits.Permit?> _current = new();

    /// <summary>The request on whose behalf the current flow goes on.</summary>
    public static ConnectorLimits.Permit? Current
    {
        get => _current.Value;
        set => _current.Value = value;
    }

    /// <summary>Wraps a connection so that writing to it is noticed.</summary>
    public static Stream Watch(Stream connection) => new Watched(connection);

    private sealed class Watched(Stream inner) : Stream
    {
        private ConnectorLimits.Permit? _asked;

        public override bool CanRead => inner.CanRead;

        public override bool CanSeek => false;

        public override bool CanWrite => inner.CanWrite;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Asks();
            return inner.WriteAsync(buffer, cancellationToken);
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            Asks();
            inner.Write(buffer, offset, count);
        }

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        ) => Heard(await inner.ReadAsync(buffer, cancellationToken));

        public override int Read(byte[] buffer, int offset, int count) => Heard(inner.Read(buffer, offset, count));

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => inner.Flush();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }

        // A connection carries one request after the other (HTTP/1.1).
        private void Asks()
        {
            var permit = Current;
            permit?.Left(this);
            Volatile.Write(ref _asked, permit);
        }

        private int Heard(int count)
        {
            if (count > 0)
            {
                Interlocked.Exchange(ref _asked, null)?.Answered();
            }

            return count;
        }
    }
}
