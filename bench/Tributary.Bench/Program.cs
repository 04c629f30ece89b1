using System.Globalization;
using Tributary.Bench;
using Tributary.Bench.Benchmarks;
using Tributary.Bench.Sites;

if (args is [CommitServer.Argument, var database])
{
    await CommitServer.RunAsync(database);
    return 0;
}

if (args is [ArrivalServer.Argument])
{
    await ArrivalServer.RunAsync();
    return 0;
}

if (args is [CacheServer.Argument, var folder])
{
    await CacheServer.RunAsync(folder);
    return 0;
}

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
IBenchmark[] all =
[
    new Ingest(),
    new Million(),
    new Crawl(),
    new Refresh(),
    new Search(),
    new Create(),
    new Idle(),
    new Start(),
    new Limiter(),
    new Cache(),
    new Proxy(),
    new GitHub(),
];
var names = args.Where(argument => argument != "--quick").ToList();
var unknown = names.Where(name => all.All(benchmark => benchmark.Name != name)).ToList();
if (unknown.Count > 0)
{
    Console.Error.WriteLine(
        $"There is no benchmark {string.Join(", ", unknown)}: {string.Join(", ", all.Select(one => one.Name))}."
    );
    return 2;
}

if (!File.Exists(Paths.Server))
{
    Console.Error.WriteLine($"{Paths.Server} is missing: dotnet build -c Release src/Tributary");
    return 2;
}

var scale = new Scale(args.Contains("--quick"));
Console.WriteLine($"{Machine.Describe()}, commit {Machine.Commit()}");
foreach (var benchmark in all.Where(one => names.Count == 0 || names.Contains(one.Name)))
{
    var (load, ticks) = (Machine.Load, Machine.Ticks());
    var section = await benchmark.RunAsync(scale);
    var measured =
        $"Measured {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC at commit {Machine.Commit()} on {Machine.Describe()}; load {load} before and "
        + $"{Machine.Load} after, {Machine.StealSince(ticks):P1} of the time taken by the hypervisor.";
    Console.WriteLine($"{benchmark.Name}: {measured}");
    if (!scale.IsQuick)
    {
        ReportFile.Replace(benchmark.Name, section.Write(measured), [.. all.Select(one => one.Name)]);
    }
}

return 0;
