using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tributary.Api.Tests.Fakes;
using Tributary.Engine;
using Tributary.Engine.Audit;
using Tributary.Engine.Catalog;
using Tributary.Engine.Collections;
using Tributary.Engine.Connectors;
using Tributary.Engine.Custom;
using Tributary.Engine.Files;
using Tributary.Engine.Ingestion;
using Tributary.Engine.Runs;
using Tributary.Engine.Search;
using Tributary.Engine.Workspaces;
using Tributary.Extraction;
using Tributary.Store.Sqlite;
using Tributary.Testing;

namespace Tributary.Api.Tests;

/// <summary>The API on a real Kestrel, over an engine in memory.</summary>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiServer(WebApplication app, FakeEngine engine, ManualTime time, ErrorLog errors)
    {
        _app = app;
        Engine = engine;
        Time = time;
        Errors = errors;
        Http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(app.Urls.First()),
        };
    }

    internal FakeEngine Engine { get; }
    public ManualTime Time { get; }
    public ErrorLog Errors { get; }
    public HttpClient Http { get; }
    public IServiceProvider Services => _app.Services;

    public static async Task<ApiServer> StartAsync(Action<EngineOptions>? configure = null)
    {
        var options = new EngineOptions();
        configure?.Invoke(options);
        var time = new ManualTime();
        var engine = new FakeEngine(time);
        var errors = new ErrorLog();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(errors);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder
            .Services.AddSingleton<TimeProvider>(time)
            .AddSingleton(options)
            .AddSingleton(engine)
            .AddSingleton<IIntegrationCatalog>(engine.Catalog)
            .AddSingleton<IConnectorService, FakeConnectors>()
            .AddSingleton<IRunService, FakeRuns>()
            .AddSingleton<IPushService, FakePush>()
            .AddSingleton<ISearchService, FakeSearch>()
            .AddSingleton<ICollectionService, FakeCollections>()
            .AddSingleton<IFileVault, FakeVault>()
            .AddSingleton<IIdentityService, FakeIdentity>()
            .AddSingleton<IAuditLog, FakeAudit>()
            .AddSingleton<BuiltInDescriptions>()
            .AddSingleton<IIntegrationDirectory, FakeDirectory>()
            .AddTributaryApi();
        var app = builder.Build();
        app.MapTributaryApi();
        await app.StartAsync();
        return new ApiServer(app, engine, time, errors);
    }

    /// <summary>Starts it over the real engine and store, with the fakes' integrations; "admin-token" is the admin's.</summary>
    public static async Task<ApiServer> StartOnEngineAsync(
        TemporaryFolder folder,
        Action<EngineOptions>? configure = null,
        Action<IServiceCollection>? add = null,
        ApiOptions? api = null
    )
    {
        var options = new EngineOptions { DataFolder = folder.Path };
        configure?.Invoke(options);
        var errors = new ErrorLog();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(errors);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder
            .Services.AddSingleton(TimeProvider.System)
            .AddSingleton<IIntegrationCatalog>(new FakeCatalog())
            .AddTributaryEngine(options)
            .AddSqliteStore()
            .AddSingleton(new TributaryExtraction(new ExtractionOptions { TemporaryFolder = folder["temporary"] }))
            .AddSingleton(services => services.GetRequiredService<TributaryExtraction>().Text)
            .AddSingleton(services => services.GetRequiredService<TributaryExtraction>().Html)
            .AddSingleton(services => services.GetRequiredService<TributaryExtraction>().Containers)
            .AddTributaryApi(api);
        add?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapTributaryApi();
        await app.StartAsync();
        await app
            .Services.GetRequiredService<IIdentityService>()
            .EnsureAdminAsync("admin-token", CancellationToken.None);
        var time = new ManualTime();
        return new ApiServer(app, new FakeEngine(time), time, errors);
    }

    /// <summary>Sends as the editor, unless another token is named; null sends none.</summary>
    public Task<Answer> SendAsync(string method, string path, string? json = null, string? token = "editor-token") =>
        SendAsync(
            method,
            path,
            json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"),
            token
        );

    public async Task<Answer> SendAsync(
        string method,
        string path,
        HttpContent? content,
        string? token = "editor-token"
    )
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = content };
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return await SendAsync(request);
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(response.StatusCode, text, response.Headers.ToDictionary(h => h.Key, h => h.Value.First()));
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}

public sealed record Answer(HttpStatusCode Status, string Text, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Json => JsonElement.Parse(Text);

    public string? Detail => Json.GetProperty("detail").GetString();

    /// <summary>The mistakes of a 422 as "body.name:missing".</summary>
    public IReadOnlyList<string> Mistakes =>
        [
            .. Json.GetProperty("detail")
                .EnumerateArray()
                .Select(item =>
                    $"{string.Join('.', item.GetProperty("loc").EnumerateArray().Select(step => step.ToString()))}:{item.GetProperty("type").GetString()}"
                ),
        ];

    public Answer Should(HttpStatusCode status)
    {
        Status.ShouldBe(status, Text);
        return this;
    }

    public Answer ShouldBeFine() => Should(HttpStatusCode.OK);
}

/// <summary>Keeps what is logged as an error.</summary>
public sealed class ErrorLog : ILoggerProvider, ILogger
{
    public ConcurrentQueue<string> Entries { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        if (IsEnabled(logLevel))
        {
            Entries.Enqueue($"{eventId.Id} {formatter(state, exception)} {exception}");
        }
    }

    public void Dispose() { }
}
