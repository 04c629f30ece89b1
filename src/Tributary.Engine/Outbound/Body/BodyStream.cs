using System.Runtime.ExceptionServices;
using Tributary.Sdk.Content;

namespace Tributary.Engine.Outbound.Body;

/// <summary>A body as readers see it: unpacked, and cut off where it grows beyond what was asked for or unpacks to too much.</summary>
internal sealed class BodyStream : ReadOnlyStream
{
    // DEFLATE can reach 1,032 : 1; text does not come near a hundred.
    private const int MostInflation = 100;
    private const long InflationMattersFrom = 1 << 20;

    private readonly PatientStream _network;
    private readonly Stream _unpacked;
    private readonly long _most;
    private readonly long? _announced;
    private readonly string _host;
    private Action<long>? _whenEnded;
    private Action? _whenRead;
    private long _count;
    private ReadOnlyMemory<byte> _ahead;
    private ExceptionDispatchInfo? _failedAhead;

    /// <param name="network">The bytes of the wire.</param>
    /// <param name="unpacked">What reads them unpacked; the same when they are not packed.</param>
    /// <param name="most">The largest body in bytes.</param>
    /// <param name="announced">How long the other side says it is; null when it does not.</param>
    /// <param name="host">Whose it is.</param>
    /// <param name="whenEnded">Told once how many bytes came over the wire.</param>
    public BodyStream(
        PatientStream network,
        Stream unpacked,
        long most,
        long? announced,
        string host,
        Action<long> whenEnded
    )
    {
        _network = network;
        _unpacked = unpacked;
        _most = most;
        _announced = announced;
        _host = host;
        _whenEnded = whenEnded;
    }

    /// <summary>Calls back once, when the body was read to its end or given up; at once when there is none.</summary>
    public static void WhenRead(HttpResponseMessage response, Action callback)
    {
        if (response.Content is BodyContent { Body: { } body })
        {
            body._whenRead = callback;
        }
        else
        {
            callback();
        }
    }

    /// <summary>Looks at the beginning, which readers get all the same, and with it what went wrong behind it.</summary>
    /// <param name="most">How many bytes to look at.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public async Task<ReadOnlyMemory<byte>> PeekAsync(int most, CancellationToken cancellationToken)
    {
        var beginning = new byte[most];
        var length = 0;
        try
        {
            while (
                length < most && await ReadOnAsync(beginning.AsMemory(length), cancellationToken) is > 0 and var read
            )
            {
                length += read;
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            _failedAhead = ExceptionDispatchInfo.Capture(e);
        }

        return _ahead = beginning.AsMemory(0, length);
    }

    /// <inheritdoc />
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_ahead.Length > 0 && buffer.Length > 0)
        {
            var length = Math.Min(_ahead.Length, buffer.Length);
            _ahead[..length].CopyTo(buffer);
            _ahead = _ahead[length..];
            return ValueTask.FromResult(length);
        }

        _failedAhead?.Throw();
        return ReadOnAsync(buffer, cancellationToken);
    }

    private async ValueTask<int> ReadOnAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_announced > _most)
        {
            throw TooLarge($"An answer of {_host} is {_announced:N0} bytes long");
        }

        int read;
        try
        {
            read = await _unpacked.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
            throw new ContentException(
                ContentProblem.Broken,
                $"An answer of {_host} is not packed the way that its headers say.",
                e
            );
        }

        _count += read;
        if (read == 0 && buffer.Length > 0)
        {
            End();
        }

        if (_count > _most)
        {
            throw TooLarge($"An answer of {_host} is too long");
        }

        if (_count > InflationMattersFrom && _count > _network.Count * MostInflation)
        {
            throw new ContentException(
                ContentProblem.TooLarge,
                $"An answer of {_host} unpacks to more than {MostInflation} times its size."
            );
        }

        return read;
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            End();
            _unpacked.Dispose();
            _network.Dispose();
        }

        base.Dispose(disposing);
    }

    private void End()
    {
        Interlocked.Exchange(ref _whenEnded, null)?.Invoke(_network.Count);
        Interlocked.Exchange(ref _whenRead, null)?.Invoke();
    }

    private ContentException TooLarge(string what) =>
        new(ContentProblem.TooLarge, $"{what}; at most {_most:N0} bytes are read.");
}
