using Microsoft.Extensions.DependencyInjection;
using Quartz;
using Tributary.Engine.Actions;
using Tributary.Engine.Audit;
using Tributary.Engine.Catalog;
using Tributary.Engine.Collections;
using Tributary.Engine.Connectors;
using Tributary.Engine.Custom;
using Tributary.Engine.Custom.Client;
using Tributary.Engine.Files;
using Tributary.Engine.Ingestion;
using Tributary.Engine.Models;
using Tributary.Engine.Models.Queries;
using Tributary.Engine.OAuth;
using Tributary.Engine.Outbound;
using Tributary.Engine.Outbound.Cache;
using Tributary.Engine.Proxy;
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
            .AddSingleton<ResponseCache>()
            .AddSingleton<IResponseCache>(provider => provider.GetRequiredService<ResponseCache>())
            .AddSingleton<IOutboundHttp, OutboundHttp>()
            .AddSingleton(OAuthClients.Parse(options.OauthClients))
            .AddSingleton<TokenKeeper>()
            .AddSingleton<TicketOffice>()
            .AddSingleton<OAuthService>()
            .AddSingleton<IRunScheduler>(provider => provider.GetRequiredService<ConnectorScheduler>())
            .AddSingleton<IFileVault>(provider => provider.GetRequiredService<FileVault>())
            .AddSingleton<IConnectorService, ConnectorService>()
            .AddSingleton<IRunService, RunService>()
            .AddSingleton<IPushService, PushService>()
            .AddSingleton<ISearchService, SearchService>()
            .AddSingleton<ICollectionService, CollectionService>()
            .AddSingleton<IIdentityService, IdentityService>()
            .AddSingleton<IAuditLog, AuditLog>()
            // Integrations and connectors as the Cargo dialect needs them.
            .AddSingleton<SharedCredentials>()
            .AddSingleton<Allowances>()
            .AddSingleton<ConnectorSettings>()
            .AddSingleton<ConnectorClients>()
            .AddSingleton<ConnectorReads>()
            .AddSingleton<ConnectorUpdates>()
            .AddSingleton<ConnectorPauses>()
            .AddSingleton<BuiltInDescriptions>()
            .AddSingleton<IIntegrationDirectory, IntegrationDirectory>()
            // Custom integrations, actions, and requests through a connector.
            .AddSingleton<CustomHttp>()
            .AddSingleton<CustomSecrets>()
            .AddSingleton<CustomSettings>()
            .AddSingleton<CustomRegistry>()
            .AddSingleton<ConditionalLimits>()
            .AddSingleton<CallRetries>()
            .AddSingleton<ManifestFetcher>()
            .AddSingleton<ManifestRefresher>()
            .AddSingleton<IOAuthService, CustomOAuth>()
            .AddSingleton<ICustomConnectors, CustomConnectors>()
            .AddSingleton<ICustomIntegrationService, CustomIntegrationService>()
            .AddSingleton<IExtractorClient, ExtractorClient>()
            .AddSingleton<BuiltInActions>()
            .AddSingleton<CustomActions>()
            .AddSingleton<CustomLookups>()
            .AddSingleton<IConnectorActions, ConnectorActions>()
            .AddSingleton<IConnectorProxy, ConnectorProxy>()
            // Models: what fills them, and their rows.
            .AddSingleton<ModelContext>()
            .AddSingleton<ModelRuns>()
            .AddSingleton<ModelHooks>()
            .AddSingleton<ModelPreview>()
            .AddSingleton<RecordPreparer>()
            .AddSingleton<RelationshipRules>()
            .AddSingleton<ExtractorRun>()
            .AddSingleton<ClearRun>()
            .AddSingleton<IModelService, ModelService>()
            .AddSingleton<IRecordService, RecordService>()
            .AddSingleton<IColumnService, ColumnService>()
            .AddSingleton<Downloads>()
            .AddSingleton<IQueryService, QueryService>();
        services.AddHostedService(provider => provider.GetRequiredService<EngineStart>());
        services.AddHostedService(provider => provider.GetRequiredService<ManifestRefresher>());
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
