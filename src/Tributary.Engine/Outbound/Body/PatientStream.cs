using Tributary.Sdk;

namespace Tributary.Engine.Outbound.Body;

/// <summary>
/// A body as it comes from the network: counts its bytes, gives up when none come for too long (a sender that drips
/// must not hold a run for ever), and says in words when the connection breaks off.
/// </summary>
internal sealed class PatientStream(Stream network, string host, TimeSpan patience, TimeProvider time) : ReadOnlyStream
{
    private readonly CancellationTokenSource _idle = new();
    private CancellationTokenSource? _either;
    private CancellationToken _caller;
    private ITimer? _timer;

    /// <summary>Bytes that have come so far.</summary>
    public long Count { get; private set; }

    /// <inheritdoc />
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ValueTask<int> reading;
        try
        {
            reading = network.ReadAsync(buffer, TokenFor(cancellationToken));
        }
        catch (Exception e) when (InWords(e, cancellationToken) is { } words)
        {
            return ValueTask.FromException<int>(words);
        }

        if (!reading.IsCompletedSuccessfully)
        {
            return WaitAsync(reading, cancellationToken);
        }

        var read = reading.Result;
        Count += read;
        return ValueTask.FromResult(read);
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _timer?.Dispose();
            _either?.Dispose();
            _idle.Dispose();
            network.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> WaitAsync(ValueTask<int> reading, CancellationToken cancellationToken)
    {
        _timer ??= time.CreateTimer(
            static idle =>
            {
                try
                {
                    ((CancellationTokenSource)idle!).Cancel();
                }
                catch (ObjectDisposedException)
                {
                    // The body was read to its end at the same moment.
                }
            },
            _idle,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
        _timer.Change(patience, Timeout.InfiniteTimeSpan);
        try
        {
            var read = await reading;
            Count += read;
            return read;
        }
        catch (Exception e) when (InWords(e, cancellationToken) is { } words)
        {
            throw words;
        }
        finally
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    // Readers pass the same token again and again: one linked source serves them all.
    private CancellationToken TokenFor(CancellationToken caller)
    {
        if (!caller.CanBeCanceled)
        {
            return _idle.Token;
        }

        if (_either is null || caller != _caller)
        {
            _either?.Dispose();
            _either = CancellationTokenSource.CreateLinkedTokenSource(_idle.Token, caller);
            _caller = caller;
        }

        return _either.Token;
    }

    private Exception? InWords(Exception failure, CancellationToken caller) =>
        failure switch
        {
            OperationCanceledException when caller.IsCancellationRequested => new OperationCanceledException(caller),
            OperationCanceledException => new SourceException(
                FailureKind.Transient,
                $"{host} stopped sending in the middle of an answer, for {patience.TotalSeconds:0} seconds.",
                failure
            ),
            IOException or HttpRequestException => new SourceException(
                FailureKind.Transient,
                $"The connection to {host} broke off in the middle of an answer.",
                failure
            ),
            _ => null,
        };
}
