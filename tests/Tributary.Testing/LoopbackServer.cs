using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Tributary.Testing;

/// <summary>A real web server on 127.0.0.1 and a free port, for the length of a test.</summary>
public sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackServer(WebApplication app)
    {
        _app = app;
        BaseUri = new Uri(app.Urls.First() + "/");
    }

    /// <summary>Its address, ending with a slash.</summary>
    public Uri BaseUri { get; }

    /// <summary>Every request as "METHOD /path?query", in the order of arrival.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Whether requests are written down, for as long as they are few.</summary>
    public bool KeepsRequests { get; set; } = true;

    /// <summary>Starts one that answers everything with <paramref name="answer"/>.</summary>
    public static async Task<LoopbackServer> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(options => options.AllowSynchronousIO = false);
        builder.Services.Configure<KestrelServerOptions>(options => options.AddServerHeader = false);
        var app = builder.Build();
        LoopbackServer? server = null;
        app.Run(async context =>
        {
            if (server is { KeepsRequests: true })
            {
                server.Requests.Enqueue(
                    $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}"
                );
            }

            await answer(context);
        });
        await app.StartAsync();
        server = new LoopbackServer(app);
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
