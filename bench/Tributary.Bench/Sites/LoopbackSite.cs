using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Tributary.Bench.Sites;

/// <summary>A web server of this process on a free port of 127.0.0.1.</summary>
internal sealed class LoopbackSite : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackSite(WebApplication app) => (_app, Address) = (app, new Uri(app.Urls.First() + "/"));

    /// <summary>Its address, ending with a slash.</summary>
    public Uri Address { get; }

    public static async Task<LoopbackSite> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(options => options.Limits.MaxRequestBodySize = null);
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return new LoopbackSite(app);
    }

    public Task WaitAsync() => _app.WaitForShutdownAsync();

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
