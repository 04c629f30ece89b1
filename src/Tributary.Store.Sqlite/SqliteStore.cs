using Microsoft.Extensions.DependencyInjection;
using Tributary.Engine;
using Tributary.Engine.Models;
using Tributary.Engine.Models.Queries;
using Tributary.Engine.Store;
using Tributary.Store.Sqlite.Queries;

namespace Tributary.Store.Sqlite;

/// <summary>The embedded store: one SQLite database in the data directory.</summary>
public static class SqliteStore
{
    /// <summary>The database's file name in the data directory.</summary>
    public const string FileName = "tributary.db";

    /// <summary>Makes the engine's store interfaces available, on <see cref="EngineOptions.DataFolder"/>.</summary>
    public static IServiceCollection AddSqliteStore(this IServiceCollection services) =>
        services
            .AddSingleton(provider =>
            {
                var options = provider.GetRequiredService<EngineOptions>();
                Directory.CreateDirectory(options.DataFolder);
                return new SqliteDatabase(Path.Combine(options.DataFolder, FileName), options);
            })
            .AddSingleton<IStoreMaintenance, SqliteMaintenance>()
            .AddSingleton<IDocumentStore, SqliteDocumentStore>()
            .AddSingleton<IWorkListStore, SqliteWorkListStore>()
            .AddSingleton<IConnectorStore, SqliteConnectorStore>()
            .AddSingleton<IConnectorUsage, SqliteConnectorUsage>()
            .AddSingleton<IAllowanceStore, SqliteAllowanceStore>()
            .AddSingleton<IRunStore, SqliteRunStore>()
            .AddSingleton<IPruneStore, SqlitePruneStore>()
            .AddSingleton<IIdentityStore, SqliteIdentityStore>()
            .AddSingleton<ICollectionStore, SqliteCollectionStore>()
            .AddSingleton<IFileStore, SqliteFileStore>()
            .AddSingleton<IAuditStore, SqliteAuditStore>()
            .AddSingleton<IOAuthStore, SqliteOAuthStore>()
            .AddSingleton<ICustomIntegrationStore, SqliteCustomIntegrationStore>()
            .AddSingleton<ILimitStore, SqliteLimitStore>()
            .AddSingleton<ICacheStore, SqliteCacheStore>()
            .AddSingleton<ISearchIndex, SqliteSearchIndex>()
            // Models and their rows.
            .AddSingleton<IModelStore, SqliteModelStore>()
            .AddSingleton<IRecordStore, SqliteRecordStore>()
            .AddSingleton<IQueryStore, SqliteQueryStore>();
}
