using Tributary.Engine.Workspaces;
using Tributary.Settings;

namespace Tributary.Hosting;

/// <summary>
/// Makes sure that there is an admin. Registered after the engine, so that the store is ready when it starts, and
/// before the server listens.
/// </summary>
internal sealed class FirstStart(ServerSettings settings, IServiceProvider services) : IHostedService
{
    /// <summary>The token that was made at this start; null when there was an admin already or his token was given.</summary>
    public string? NewToken { get; private set; }

    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (services.GetService<IIdentityService>() is { } identities)
        {
            NewToken = await identities.EnsureAdminAsync(settings.AdminToken, cancellationToken);
        }
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
