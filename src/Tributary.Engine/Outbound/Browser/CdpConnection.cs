using System.Buffers;
using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Sdk;

namespace Tributary.Engine.Outbound.Browser;

/// <summary>
/// A client of a browser's DevTools protocol (https://chromedevtools.github.io/devtools-protocol/), with flat sessions:
/// commands with numbered answers, and events by session.
/// </summary>
internal sealed class CdpConnection : IAsyncDisposable
{
    private const int MaxMessageBytes = 200_000_000;

    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _commands = new();
    private readonly ConcurrentDictionary<string, Action<string, JsonElement>> _listeners = new();
    private Task _receiving = Task.CompletedTask;
    private volatile bool _isGone;
    private int _lastId;

    private CdpConnection() => _socket.Options.Proxy = null;

    /// <summary>Whether the browser is gone.</summary>
    public bool IsClosed => _isGone;

    /// <summary>Connects to a browser on this machine.</summary>
    public static async Task<CdpConnection> ConnectAsync(Uri browser, CancellationToken cancellationToken)
    {
        var connection = new CdpConnection();
        try
        {
            await connection._socket.ConnectAsync(browser, cancellationToken);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        connection._receiving = Task.Run(connection.ReceiveAsync, CancellationToken.None);
        return connection;
    }

    /// <summary>Hears the events of a session until <see cref="StopListening"/>. The listener must return at once.</summary>
    public void Listen(string session, Action<string, JsonElement> listener) => _listeners[session] = listener;

    /// <summary>Stops hearing them.</summary>
    public void StopListening(string session) => _listeners.TryRemove(session, out _);

    /// <summary>Carries out a command and returns its result.</summary>
    /// <exception cref="SourceException">The browser refuses it, or is gone.</exception>
    public async Task<JsonElement> SendAsync(
        string method,
        JsonObject parameters,
        string? session,
        CancellationToken cancellationToken
    )
    {
        var id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _commands[id] = answer;
        try
        {
            var message = new JsonObject
            {
                ["id"] = id,
                ["method"] = method,
                ["params"] = parameters,
            };
            if (session is not null)
            {
                message["sessionId"] = session;
            }

            await SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), cancellationToken);

            // Whoever ends the connection says so before it tells those whom it finds.
            if (IsClosed)
            {
                throw Gone();
            }

            return await answer.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            _commands.TryRemove(id, out _);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _receiving;
        _socket.Dispose();
        _sending.Dispose();
        _closing.Dispose();
    }

    private async Task SendAsync(byte[] message, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            // Half a message would break the connection for all; the token of one command must not cut it off.
            await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, _closing.Token);
        }
        catch (Exception e) when (e is WebSocketException or InvalidOperationException or OperationCanceledException)
        {
            throw Gone();
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ReceiveAsync()
    {
        var message = new ArrayBufferWriter<byte>(1 << 16);
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(message.GetMemory(1 << 14), _closing.Token);
                message.Advance(part.Count);
                if (part.MessageType == WebSocketMessageType.Close || message.WrittenCount > MaxMessageBytes)
                {
                    return;
                }

                if (part.EndOfMessage)
                {
                    using var json = JsonDocument.Parse(message.WrittenMemory);
                    Dispatch(json.RootElement.Clone());
                    message.ResetWrittenCount();
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or JsonException)
        {
            // The browser was stopped or has crashed: whoever waits for it is told below.
        }
        finally
        {
            _isGone = true;
            foreach (var command in _commands.Values)
            {
                command.TrySetException(Gone());
            }
        }
    }

    private void Dispatch(JsonElement message)
    {
        if (message.TryGetProperty("id", out var id))
        {
            if (_commands.TryGetValue(id.GetInt32(), out var command))
            {
                if (message.TryGetProperty("error", out var error))
                {
                    command.TrySetException(
                        new SourceException(
                            FailureKind.Source,
                            $"The browser could not draw the page: {error.GetProperty("message").GetString()}"
                        )
                    );
                }
                else
                {
                    command.TrySetResult(message.GetProperty("result"));
                }
            }
        }
        else if (
            message.TryGetProperty("sessionId", out var session)
            && _listeners.TryGetValue(session.GetString()!, out var listener)
        )
        {
            listener(message.GetProperty("method").GetString()!, message.GetProperty("params"));
        }
    }

    private static SourceException Gone() =>
        new(FailureKind.Transient, "The browser stopped while it drew the page. It is started again for the next.");
}
