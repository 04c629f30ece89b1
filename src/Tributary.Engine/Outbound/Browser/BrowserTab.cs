using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Sdk;

namespace Tributary.Engine.Outbound.Browser;

/// <summary>A tab with a profile of its own (cookies, storage, cache), both gone when it is disposed of.</summary>
internal sealed class BrowserTab : IAsyncDisposable
{
    private static readonly TimeSpan _closePatience = TimeSpan.FromSeconds(5);

    private readonly CdpConnection _connection;
    private readonly string _context;
    private string _session = "";

    private BrowserTab(CdpConnection connection, string context)
    {
        _connection = connection;
        _context = context;
    }

    /// <summary>The frame that holds the page itself.</summary>
    public string MainFrame { get; private set; } = "";

    /// <summary>Opens an empty one.</summary>
    public static async Task<BrowserTab> OpenAsync(CdpConnection connection, CancellationToken cancellationToken)
    {
        var made = await connection.SendAsync(
            "Target.createBrowserContext",
            new JsonObject { ["disposeOnDetach"] = true },
            null,
            cancellationToken
        );
        var tab = new BrowserTab(connection, made.GetProperty("browserContextId").GetString()!);
        try
        {
            await tab.AttachAsync(cancellationToken);
            return tab;
        }
        catch
        {
            await tab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Hears its events.</summary>
    public void Listen(Action<string, JsonElement> listener) => _connection.Listen(_session, listener);

    /// <summary>Carries out a command in it.</summary>
    public Task<JsonElement> SendAsync(string method, JsonObject parameters, CancellationToken cancellationToken) =>
        _connection.SendAsync(method, parameters, _session, cancellationToken);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _connection.StopListening(_session);
        using var patience = new CancellationTokenSource(_closePatience);
        try
        {
            await _connection.SendAsync(
                "Target.disposeBrowserContext",
                new JsonObject { ["browserContextId"] = _context },
                null,
                patience.Token
            );
        }
        catch (Exception e) when (e is SourceException or OperationCanceledException)
        {
            // The browser is gone or hangs; it is started afresh when its connection is closed.
        }
    }

    private async Task AttachAsync(CancellationToken cancellationToken)
    {
        await _connection.SendAsync(
            "Browser.setDownloadBehavior",
            new JsonObject { ["behavior"] = "deny", ["browserContextId"] = _context },
            null,
            cancellationToken
        );
        var target = await _connection.SendAsync(
            "Target.createTarget",
            new JsonObject { ["url"] = "about:blank", ["browserContextId"] = _context },
            null,
            cancellationToken
        );
        MainFrame = target.GetProperty("targetId").GetString()!; // a page's main frame has the id of its target
        var attached = await _connection.SendAsync(
            "Target.attachToTarget",
            new JsonObject { ["targetId"] = MainFrame, ["flatten"] = true },
            null,
            cancellationToken
        );
        _session = attached.GetProperty("sessionId").GetString()!;
    }
}
