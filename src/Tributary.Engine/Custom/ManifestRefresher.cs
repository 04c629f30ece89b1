using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tributary.Engine.Store;

namespace Tributary.Engine.Custom;

/// <summary>
/// Asks every custom integration's server for its manifest once an hour. One that cannot be had or is not valid changes
/// nothing: the last that was right stays, and what is wrong is noted beside it.
/// </summary>
internal sealed partial class ManifestRefresher(
    ICustomIntegrationStore store,
    IServiceProvider services,
    TimeProvider time,
    ILogger<ManifestRefresher> logger
) : BackgroundService
{
    private const int BatchSize = 100;
    private const int AtOnce = 8;
    private static readonly TimeSpan _age = TimeSpan.FromHours(1);
    private static readonly TimeSpan _pause = TimeSpan.FromMinutes(5);

    // Hosted services are made before the key ring is opened, which these need.
    private ManifestFetcher Manifests => services.GetRequiredService<ManifestFetcher>();

    private CustomSecrets Secrets => services.GetRequiredService<CustomSecrets>();

    /// <summary>Asks those whose manifests are old.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - _age;
        while (true)
        {
            var stale = await store.ListStaleAsync(before, BatchSize, cancellationToken).ConfigureAwait(false);
            await Parallel
                .ForEachAsync(
                    stale,
                    new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
                    async (integration, cancellation) =>
                        await RefreshAsync(integration, cancellation).ConfigureAwait(false)
                )
                .ConfigureAwait(false);
            if (stale.Count < BatchSize)
            {
                return;
            }
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(_pause, time, stoppingToken).ConfigureAwait(false);
                try
                {
                    await RefreshAsync(stoppingToken).ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    LogFailed(exception);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
    }

    private async Task RefreshAsync(CustomIntegration integration, CancellationToken cancellationToken)
    {
        System.Text.Json.JsonElement? manifest = null;
        string? error = null;
        try
        {
            var server = await Secrets.ServerOfAsync(integration, cancellationToken).ConfigureAwait(false);
            manifest = (
                await Manifests.FetchAsync(server, integration.Slug, cancellationToken).ConfigureAwait(false)
            ).Raw;
        }
        catch (EngineException exception)
        {
            error = exception.Message;
            LogInvalid(integration.Slug, exception.Message);
        }

        await store
            .SetManifestAsync(integration.Id, manifest, error, time.GetUtcNow(), cancellationToken)
            .ConfigureAwait(false);
    }

    [LoggerMessage(30, LogLevel.Warning, "The old manifest of the custom integration {Slug} stays: {Reason}")]
    private partial void LogInvalid(string slug, string reason);

    [LoggerMessage(31, LogLevel.Error, "Manifests of custom integrations could not be asked for")]
    private partial void LogFailed(Exception exception);
}
