using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tributary.Engine.Catalog;
using Tributary.Engine.Collections;
using Tributary.Engine.Connectors;
using Tributary.Engine.Custom;
using Tributary.Engine.Ingestion;
using Tributary.Engine.Runs;
using Tributary.Engine.Scheduling;
using Tributary.Engine.Search;
using Tributary.Engine.Store;
using Tributary.Engine.Tests.Models;
using Tributary.Engine.Workspaces;
using Tributary.Sdk;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;
using Tributary.Store.Sqlite;
using Tributary.Testing;

namespace Tributary.Engine.Tests;

/// <summary>The real engine on a real database, with a clock and a source of the test's own, and without Quartz: a test says when a connector's job fires.</summary>
public sealed class EngineHarness : IAsyncDisposable
{
    private readonly TemporaryFolder? _ownFolder;
    private readonly ServiceProvider _services;
    private readonly CancellationTokenSource _shutdown = new();

    private readonly ScriptedExtractor? _extractor;
    private readonly Integration[] _others;
    private readonly Action<EngineOptions>? _configure;

    private EngineHarness(
        string folder,
        TemporaryFolder? ownFolder,
        ScriptedSource source,
        ScriptedExtractor? extractor,
        ManualTime time,
        Integration[] others,
        Action<EngineOptions>? configure
    )
    {
        (Folder, _ownFolder, Source, _extractor, Time) = (folder, ownFolder, source, extractor, time);
        (_others, _configure) = (others, configure);
        var options = new EngineOptions { DataFolder = folder };
        configure?.Invoke(options);
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
        services.AddTributaryEngine(options);
        services.AddSqliteStore();
        services.AddSingleton<TimeProvider>(time);
        services.AddSingleton<IIntegrationCatalog>(new IntegrationCatalog([source, .. others]));
        services.AddSingleton<ITextExtractor, PlainText>();
        services.AddSingleton<IHtmlConverter, NoHtml>();
        services.AddSingleton<IContainerOpener, NoContainers>();
        services.AddSingleton<IRunScheduler, NoScheduler>();
        extractor?.AddTo(services);
        FaultyStore.Wrap<IRunStore>(services, Faults);
        FaultyStore.Wrap<IPruneStore>(services, Faults);
        FaultyStore.Wrap<IOAuthStore>(services, Faults);
        _services = services.BuildServiceProvider();
    }

    public string Folder { get; }

    public ScriptedSource Source { get; }

    /// <summary>What the harness was started with to fill models; see <see cref="ScriptedExtractor.Offered"/>.</summary>
    public ScriptedExtractor Extractor => _extractor ?? throw new InvalidOperationException("There is none.");

    public ManualTime Time { get; }

    /// <summary>Lets the run and prune stores fail when a test wants it.</summary>
    public Faults Faults { get; } = new();

    public Caller Caller { get; private set; } = null!;

    public string AdminToken { get; private set; } = "";

    /// <summary>Ends when the process does.</summary>
    public CancellationToken Shutdown => _shutdown.Token;

    /// <summary>Runs that were found interrupted at this start.</summary>
    public int Recovered { get; private set; }

    public IConnectorService Connectors => Get<IConnectorService>();

    public IRunService Runs => Get<IRunService>();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public static async Task<EngineHarness> StartAsync(
        ScriptedSource? source = null,
        string? folder = null,
        ManualTime? time = null,
        Integration[]? others = null,
        Action<EngineOptions>? configure = null,
        ScriptedExtractor? extractor = null
    )
    {
        var own = folder is null ? new TemporaryFolder() : null;
        var harness = new EngineHarness(
            folder ?? own!.Path,
            own,
            source ?? new ScriptedSource(),
            extractor,
            time ?? new ManualTime(),
            others ?? [],
            configure
        );
        harness.Recovered = await harness.Get<EngineStart>().OpenAsync(CancellationToken.None);
        harness.AdminToken = "the-admin-token-of-this-test";
        await harness.Get<IIdentityService>().EnsureAdminAsync(harness.AdminToken, CancellationToken.None);
        harness.Caller = (
            await harness.Get<IIdentityService>().FindByTokenAsync(harness.AdminToken, CancellationToken.None)
        )!;
        return harness;
    }

    /// <summary>The process ends without a word and another starts on what is on disk.</summary>
    public async Task<EngineHarness> CrashAndRestartAsync()
    {
        await _shutdown.CancelAsync();
        await _services.DisposeAsync();
        return await StartAsync(Source, Folder, Time, _others, _configure, _extractor);
    }

    public async Task<Connector> CreateAsync(
        string name = "Source",
        long? refreshFreq = null,
        long? pruneFreq = null,
        object? credentials = null,
        bool startNow = true
    ) =>
        await Connectors.CreateAsync(
            Caller,
            new ConnectorDraft
            {
                Name = name,
                IntegrationSlug = ScriptedSource.SlugName,
                Config = JsonSerializer.SerializeToElement(new { }),
                Credentials = JsonSerializer.SerializeToElement(credentials ?? new { }),
                RefreshFreq = refreshFreq,
                PruneFreq = pruneFreq,
                StartNow = startNow,
            },
            CancellationToken.None
        );

    /// <summary>The connector's job fires: does everything that is due.</summary>
    public Task FireAsync(Connector connector) => Get<RunExecutor>().RunDueAsync(connector.Id, _shutdown.Token);

    /// <summary>The job fires and the process ends in the middle, as soon as <paramref name="when"/> completes.</summary>
    public async Task FireUntilAsync(Connector connector, Task when)
    {
        var run = FireAsync(connector);
        await Task.WhenAny(when, run);
        await _shutdown.CancelAsync();
        await run;
    }

    /// <summary>The job fires, and time goes by whenever it waits for something.</summary>
    public async Task FireWhileTimePassesAsync(Connector connector)
    {
        var run = FireAsync(connector);
        while (!run.IsCompleted)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await run;
    }

    /// <summary>Asks for a run and lets it go to its end.</summary>
    public async Task<Run> RunAsync(Connector connector, RunKind kind)
    {
        var run = await Runs.RequestAsync(Caller, connector.Id, kind, CancellationToken.None);
        await FireAsync(connector);
        return await Runs.GetAsync(Caller, run.Id, CancellationToken.None);
    }

    public async Task<ConnectorOverview> LookAsync(Connector connector) =>
        await Connectors.GetOverviewAsync(Caller, connector.Id, CancellationToken.None);

    /// <summary>The ids that the connector holds, in order.</summary>
    public async Task<List<string>> IdsAsync(Connector connector) =>
        [
            .. (await Get<IPushService>().ListAsync(Caller, connector.Id, 0, 100_000, CancellationToken.None))
                .Select(document => document.Id)
                .Order(StringComparer.Ordinal),
        ];

    public async Task<List<string>> SearchAsync(string query, Func<SearchRequest, SearchRequest>? with = null)
    {
        var request = new SearchRequest { Query = query, Limit = 100 };
        var page = await Get<ISearchService>()
            .SearchAsync(Caller, with?.Invoke(request) ?? request, CancellationToken.None);
        return [.. page.Hits.Select(hit => hit.DocumentId)];
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _shutdown.Dispose();
        _ownFolder?.Dispose();
    }

    private sealed class NoScheduler : IRunScheduler
    {
        public Task WakeAsync(long connectorId, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>Files are their bytes as text; one that says so is broken.</summary>
    private sealed class PlainText : ITextExtractor
    {
        public async Task<ExtractedText> ExtractAsync(FileContent file, CancellationToken cancellationToken)
        {
            using var reader = new StreamReader(await file.OpenAsync(cancellationToken));
            var text = await reader.ReadToEndAsync(cancellationToken);
            return text switch
            {
                "broken" => throw new ContentException(ContentProblem.Broken, "The file does not follow its format."),
                "film" => throw new ContentException(ContentProblem.Unsupported, "A film has no text."),
                _ => new ExtractedText { Sections = [new Section(text)] },
            };
        }
    }

    private sealed class NoHtml : IHtmlConverter
    {
        public HtmlPage Convert(ReadOnlyMemory<byte> html, HtmlOptions options) => new();
    }

    private sealed class NoContainers : IContainerOpener
    {
        public ContainerKind Identify(string name, Stream content) => ContainerKind.None;

        public IAsyncEnumerable<ContainerMember> OpenAsync(FileContent file, CancellationToken cancellationToken) =>
            AsyncEnumerable.Empty<ContainerMember>();
    }
}
