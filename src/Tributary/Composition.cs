using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;
using Tributary.Api;
using Tributary.Engine;
using Tributary.Engine.Connectors;
using Tributary.Extraction;
using Tributary.Hosting;
using Tributary.Integrations.Web;
using Tributary.Metrics;
using Tributary.Settings;
using Tributary.Store.Sqlite;

namespace Tributary;

/// <summary>The one place that knows which parts the server is made of.</summary>
internal static class Composition
{
    /// <summary>The folder in the data directory for what passes; no backup holds it.</summary>
    public const string TemporaryFolder = "temporary";

    /// <summary>Everything that works on the data directory, with or without a server around it.</summary>
    public static void AddParts(IServiceCollection services, ServerSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton(TimeProvider.System);
        services.AddTributaryEngine(settings.Engine);
        services.AddSqliteStore();
        services.AddSingleton<IIntegrationCatalog>(Catalog());
        services.AddSingleton(provider => new TributaryExtraction(
            new ExtractionOptions { TemporaryFolder = Path.Combine(settings.Engine.DataFolder, TemporaryFolder) },
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton(provider => provider.GetRequiredService<TributaryExtraction>().Text);
        services.AddSingleton(provider => provider.GetRequiredService<TributaryExtraction>().Html);
        services.AddSingleton(provider => provider.GetRequiredService<TributaryExtraction>().Containers);
        services.AddSingleton<IReadinessPart, StoreReadiness>();
        services.AddSingleton<IReadinessPart, SchedulerReadiness>();
    }

    /// <summary>The integrations of this version.</summary>
    public static IntegrationCatalog Catalog() => new(typeof(WebIntegration).Assembly);

    /// <summary>The parts without a server, for commands that work on a data directory themselves.</summary>
    public static ServiceProvider BuildOffline(ServerSettings settings)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => AddLogging(logging, settings, new StartPhase()));
        AddParts(services, settings);
        return services.BuildServiceProvider();
    }

    /// <summary>The server, ready to start.</summary>
    /// <param name="settings">What the operator decided.</param>
    /// <param name="variable">The environment.</param>
    /// <param name="configure">Changes of a caller who starts it in his own way; null for none.</param>
    public static WebApplication Build(
        ServerSettings settings,
        Func<string, string?> variable,
        Action<IServiceCollection>? configure = null
    )
    {
        // Empty: neither appsettings.json nor ASPNETCORE_… variables decide anything here.
        var builder = WebApplication.CreateEmptyBuilder(
            new WebApplicationOptions { ApplicationName = typeof(Composition).Assembly.GetName().Name }
        );
        var start = new StartPhase();
        builder.Services.AddSingleton(start);
        AddLogging(builder.Logging, settings, start);
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseUrls([.. settings.Urls.Select(url => url.Url)]);
        builder.Services.Configure<KestrelServerOptions>(options => options.AddServerHeader = false);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(10));
        builder.Services.AddRouting();
        // Signals are the command line's business; see ProgramSignals.
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.Services.AddSingleton<MetricsCollector>();
        builder.Services.AddSingleton<ProcessMetrics>();
        AddParts(builder.Services, settings);
        builder.Services.AddTributaryApi(settings.Api);
        configure?.Invoke(builder.Services);
        builder.Services.AddSingleton<FirstStart>();
        builder.Services.AddHostedService(services => services.GetRequiredService<FirstStart>());
        if (!string.IsNullOrEmpty(variable(OpenTelemetryExport.EndpointVariable)))
        {
            builder.Services.AddHostedService<OpenTelemetryExport>();
        }

        var app = builder.Build();
        app.Services.GetRequiredService<MetricsCollector>();
        app.Services.GetRequiredService<ProcessMetrics>();
        app.MapTributaryApi();
        HealthEndpoints.Map(app);
        MetricsEndpoint.Map(app);
        return app;
    }

    private static void AddLogging(ILoggingBuilder logging, ServerSettings settings, StartPhase start)
    {
        logging.SetMinimumLevel(settings.LogLevel);
        if (settings.LogLevel >= LogLevel.Information)
        {
            foreach (var category in (string[])["Microsoft", "System", "Quartz"])
            {
                logging.AddFilter(category, settings.LogLevel == LogLevel.Error ? LogLevel.Error : LogLevel.Warning);
            }

            // A start that fails is told in one line by the command; the host would tell it with its stack trace.
            logging.AddFilter(
                "Microsoft.Extensions.Hosting.Internal.Host",
                level => start.IsOver && level >= LogLevel.Warning
            );
        }

        // Standard output is for what a person or script asked for.
        logging.Services.Configure<ConsoleLoggerOptions>(options =>
            options.LogToStandardErrorThreshold = LogLevel.Trace
        );
        const string Timestamp = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        if (settings.LogFormat == LogFormat.Json)
        {
            logging.AddJsonConsole(options =>
            {
                options.UseUtcTimestamp = true;
                options.TimestampFormat = Timestamp.Trim();
            });
        }
        else
        {
            logging.AddSimpleConsole(options =>
            {
                options.UseUtcTimestamp = true;
                options.TimestampFormat = Timestamp;
                options.SingleLine = true;
            });
        }
    }
}
