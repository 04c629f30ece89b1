using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tributary.Engine.Tests.Outbound;

/// <summary>A server that answers with whatever bytes a test wants, at any loopback address.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly Task _accepting;
    private readonly Func<string, Stream, CancellationToken, Task> _answer;
    private int _accepted;

    public RawServer(Func<string, Stream, CancellationToken, Task> answer, string address = "127.0.0.1", int port = 0)
    {
        _answer = answer;
        _listener = new TcpListener(IPAddress.Parse(address), port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        BaseUri = new Uri($"http://{address}:{Port}/");
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public Uri BaseUri { get; }

    /// <summary>The head of every request, in the order of arrival.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Connections accepted so far.</summary>
    public int Connections => Volatile.Read(ref _accepted);

    public static Task WriteAsync(Stream stream, string text) =>
        stream.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask();

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = await _listener.AcceptTcpClientAsync(_closing.Token);
                Interlocked.Increment(ref _accepted);
                _connections.Add(ServeAsync(connection));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // Stopped, perhaps between two connections.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        await using var stream = client.GetStream();
        try
        {
            var reader = new StreamReader(stream, Encoding.Latin1);
            while (true)
            {
                var head = new StringBuilder();
                while (await reader.ReadLineAsync(_closing.Token) is { } line)
                {
                    if (line.Length == 0)
                    {
                        break;
                    }

                    head.Append(line).Append('\n');
                }

                if (head.Length == 0)
                {
                    return;
                }

                Requests.Enqueue(head.ToString());
                await _answer(head.ToString(), stream, _closing.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException) { }
    }
}
