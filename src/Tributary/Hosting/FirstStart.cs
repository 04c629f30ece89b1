using Tributary.Engine;
using Tributary.Engine.Workspaces;
using Tributary.Settings;

namespace Tributary.Hosting;

/// <summary>Opens the engine and makes sure that there is an admin, before anything else of it begins to work.</summary>
internal sealed class FirstStart(EngineStart engine, IServiceProvider services, ServerSettings settings)
    : IHostedService
{
    /// <summary>The token that was made at this start; null when there was an admin already or his token was given.</summary>
    public string? NewToken { get; private set; }

    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await engine.OpenAsync(cancellationToken);
        // Its parts want the key ring, which is there only now.
        var identities = services.GetRequiredService<IIdentityService>();
        NewToken = await identities.EnsureAdminAsync(settings.AdminToken, cancellationToken);
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
