using System.Net;
using System.Net.Sockets;

namespace Tributary.EndToEnd;

/// <summary>Listens where nobody may connect to, and counts who does. One port on several addresses of this machine.</summary>
public sealed class Witness : IDisposable
{
    private readonly List<TcpListener> _listeners = [];
    private int _connections;

    private Witness() { }

    /// <summary>The port.</summary>
    public int Port { get; private set; }

    /// <summary>Connections so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Listens on a port that is free on all of the addresses.</summary>
    public static Witness Listen(params IReadOnlyList<IPAddress> addresses)
    {
        for (var attempt = 1; ; attempt++)
        {
            var witness = new Witness();
            try
            {
                foreach (var address in addresses)
                {
                    witness.Add(address);
                }

                return witness;
            }
            catch (SocketException e) when (attempt < 20 && e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // The port is taken on one of them: another one.
                witness.Dispose();
            }
        }
    }

    public void Dispose() => _listeners.ForEach(listener => listener.Dispose());

    private void Add(IPAddress address)
    {
        var listener = new TcpListener(address, Port);
        listener.Start();
        _listeners.Add(listener);
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _ = CountAsync(listener);
    }

    private async Task CountAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                using var connection = await listener.AcceptSocketAsync();
                Interlocked.Increment(ref _connections);
            }
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            // The test is over.
        }
    }
}
