using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Tributary.Settings;

namespace Tributary.Hosting;

/// <summary>A server of this process, from the moment it listens to the moment it is disposed.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly DataFolderLock _lock;
    private readonly WebApplication _app;

    private RunningServer(DataFolderLock dataFolder, WebApplication app)
    {
        _lock = dataFolder;
        _app = app;
        Addresses = [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];
        NewAdminToken = app.Services.GetRequiredService<FirstStart>().NewToken;
    }

    /// <summary>Where it listens, with the ports that it really got.</summary>
    public IReadOnlyList<string> Addresses { get; }

    /// <summary>The admin's token when one was made at this start.</summary>
    public string? NewAdminToken { get; }

    /// <summary>Waits until the caller's token or something inside the server asks for the end.</summary>
    public async Task WaitForEndAsync(CancellationToken cancellationToken)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var asked = cancellationToken.Register(() => end.TrySetResult());
        await using var stopping = _app.Lifetime.ApplicationStopping.Register(() => end.TrySetResult());
        await end.Task;
    }

    /// <summary>Takes the data directory and listens.</summary>
    /// <exception cref="StartException">It cannot start.</exception>
    public static async Task<RunningServer> StartAsync(
        ServerSettings settings,
        Func<string, string?> variable,
        CancellationToken cancellationToken,
        Action<IServiceCollection>? configure = null
    )
    {
        var dataFolder = DataFolderLock.Take(settings.Engine.DataFolder);
        WebApplication? app = null;
        try
        {
            app = Composition.Build(settings, variable, configure);
            WarnOfStrangers(app, settings);
            await app.StartAsync(cancellationToken);
            app.Services.GetRequiredService<StartPhase>().IsOver = true;
            return new RunningServer(dataFolder, app);
        }
        catch (Exception exception)
        {
            if (app is not null)
            {
                app.Logger.LogDebug(exception, "The server did not start");
                await app.DisposeAsync();
            }

            dataFolder.Dispose();
            if (exception is OperationCanceledException or StartException)
            {
                throw;
            }

            throw new StartException(StartException.Describe(exception, settings));
        }
    }

    /// <summary>Lets what goes on come to its end, a few seconds at most, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _lock.Dispose();
    }

    private static void WarnOfStrangers(WebApplication app, ServerSettings settings)
    {
        foreach (var url in settings.Urls.Where(url => !url.IsLoopback))
        {
            app.Logger.LogWarning(
                "{Url} can be reached from other machines, and tokens travel over it in the clear: put a reverse proxy that ends TLS in front",
                url.Url
            );
        }
    }
}
