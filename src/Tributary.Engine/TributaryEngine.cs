using Microsoft.Extensions.DependencyInjection;
using Quartz;
using Tributary.Engine.Audit;
using Tributary.Engine.Collections;
using Tributary.Engine.Connectors;
using Tributary.Engine.Files;
using Tributary.Engine.Ingestion;
using Tributary.Engine.OAuth;
using Tributary.Engine.Outbound;
using Tributary.Engine.Runs;
using Tributary.Engine.Scheduling;
using Tributary.Engine.Search;
using Tributary.Engine.Secrets;
using Tributary.Engine.Store;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine;

/// <summary>The engine's services.</summary>
public static class TributaryEngine
{
    /// <summary>
    /// Adds the engine. Beside it a composition needs a store (its interfaces in <c>Tributary.Engine.Store</c>), an
    /// <see cref="IIntegrationCatalog"/>, and extraction (<c>ITextExtractor</c>, <c>IHtmlConverter</c>,
    /// <c>IContainerOpener</c>).
    /// </summary>
    public static IServiceCollection AddTributaryEngine(this IServiceCollection services, EngineOptions options)
    {
        services
            .AddSingleton(options)
            .AddSingleton<EngineStart>()
            .AddSingleton(provider => provider.GetRequiredService<EngineStart>().Keys)
            .AddSingleton<SecretBox>()
            .AddSingleton<KeyRotation>()
            .AddSingleton<CredentialVault>()
            .AddSingleton<BuiltInConnectors>()
            .AddSingleton<ReaderFactory>()
            .AddSingleton<DocumentPreparer>()
            .AddSingleton<FileVault>()
            .AddSingleton<RunRegistry>()
            .AddSingleton<RunExecutor>()
            .AddSingleton<ReadRun>()
            .AddSingleton<PruneRun>()
            .AddSingleton<DeleteRun>()
            .AddSingleton<ConnectorScheduler>()
            .AddSingleton<IOutboundHttp, OutboundHttp>()
            .AddSingleton(OAuthClients.Parse(options.OAuthClients))
            .AddSingleton<TokenKeeper>()
            .AddSingleton<TicketOffice>()
            .AddSingleton<IOAuthService, OAuthService>()
            .AddSingleton<IRunScheduler>(provider => provider.GetRequiredService<ConnectorScheduler>())
            .AddSingleton<IFileVault>(provider => provider.GetRequiredService<FileVault>())
            .AddSingleton<IConnectorService, ConnectorService>()
            .AddSingleton<IRunService, RunService>()
            .AddSingleton<IPushService, PushService>()
            .AddSingleton<ISearchService, SearchService>()
            .AddSingleton<ICollectionService, CollectionService>()
            .AddSingleton<IIdentityService, IdentityService>()
            .AddSingleton<IAuditLog, AuditLog>();
        services.AddHostedService(provider => provider.GetRequiredService<EngineStart>());
        services.AddQuartz(quartz =>
        {
            quartz.UseInMemoryStore();

            // A run goes on from its checkpoint after the next start: nobody waits for its end.
            quartz.ConfigureScheduler(scheduler => scheduler.ShutdownJobInterruption = ShutdownJobInterruption.Always);
            quartz.UseDefaultThreadPool(options.MaxConcurrentRuns);
        });
        services.AddQuartzHostedService(quartz => quartz.WaitForJobsToComplete = true);
        services.AddHostedService(provider => provider.GetRequiredService<ConnectorScheduler>());
        return services;
    }
}
