using Microsoft.Extensions.DependencyInjection;
using Tributary.Engine.Outbound.Cache;
using Tributary.Engine.Store;
using Tributary.Store.Sqlite;
using Tributary.Testing;

namespace Tributary.Engine.Tests.Outbound;

/// <summary>A database file, opened as often as there are processes in a test.</summary>
internal sealed class SharedStore : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<ServiceProvider> _opened = [];

    /// <summary>What one more process sees of it: its own connections to the same file.</summary>
    public async Task<IServiceProvider> OpenAsync()
    {
        var services = new ServiceCollection();
        services.AddSingleton(new EngineOptions { DataFolder = _folder.Path });
        services.AddSingleton<TimeProvider>(new ManualTime());
        services.AddSqliteStore();
        var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IStoreMaintenance>().OpenAsync(CancellationToken.None);
        _opened.Add(provider);
        return provider;
    }

    /// <summary>A process with this clock. It ends like a killed one unless it is disposed.</summary>
    public async Task<OutboundFixture> ProcessAsync(TimeProvider time)
    {
        var store = await OpenAsync();
        return new OutboundFixture(
            time: time,
            times: ManualTimeDriving.Endless,
            limits: store.GetRequiredService<ILimitStore>(),
            cache: new ResponseCache(store.GetRequiredService<ICacheStore>(), time)
        );
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _opened)
        {
            await store.DisposeAsync();
        }

        _folder.Dispose();
    }
}
