using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Engine;
using Tributary.Engine.Outbound;
using Tributary.Engine.Store;
using Tributary.Sdk;
using Tributary.Store.Sqlite;

// One process of several on a store, always hungry for one address. A server locks its data folder, so this is what two
// of them would be below `serve`: the same services, the same file, the real clock.
//
//   limited-caller FOLDER CONNECTOR UNIT MAX STRATEGY ADDRESS IN-FLIGHT
//
// Says "calls" when it begins. Answers each line of its input with the instant until which it waits for its limit, or
// "-". Ends in order when its input does.
if (args is not [var folder, var connector, var unit, var max, var strategy, var address, var inFlight])
{
    await Console.Error.WriteLineAsync(
        "Call it with: folder, connector, unit, max, strategy, address, requests in flight."
    );
    return 2;
}

await using var services = new ServiceCollection()
    .AddLogging()
    .AddSingleton(TimeProvider.System)
    .AddSqliteStore()
    .AddTributaryEngine(new EngineOptions { DataFolder = folder, AllowedNetworks = "127.0.0.0/8" })
    .BuildServiceProvider();
await services.GetRequiredService<IStoreMaintenance>().OpenAsync(CancellationToken.None);

var limit = new RateLimit(
    Enum.Parse<RateUnit>(unit, ignoreCase: true),
    int.Parse(max, CultureInfo.InvariantCulture),
    Enum.Parse<RateStrategy>(strategy, ignoreCase: true)
);
using var client = services
    .GetRequiredService<IOutboundHttp>()
    .For(new OutboundProfile(long.Parse(connector, CultureInfo.InvariantCulture), [limit], Politeness: null));
using var stop = new CancellationTokenSource();
var calling = Task.WhenAll(
    Enumerable.Range(0, int.Parse(inFlight, CultureInfo.InvariantCulture)).Select(_ => Task.Run(CallAsync))
);
await Console.Out.WriteLineAsync("calls");
while (await Console.In.ReadLineAsync() is not null)
{
    await Console.Out.WriteLineAsync(client.WaitingUntil?.ToString("O") ?? "-");
}

await stop.CancelAsync();
await calling;
return 0;

async Task CallAsync()
{
    try
    {
        while (true)
        {
            using var answer = await client.Http.GetAsync(address, stop.Token);
        }
    }
    catch (OperationCanceledException) { }
}
