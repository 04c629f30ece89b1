using System.Diagnostics;
using System.Globalization;
using Tributary.Mutation;

// Usage: Mutation REPOSITORY [--sample N] [--minutes N] [--seed N] [--all] [AREA …]; see eng/mutation.
var repository = new Repository(args[0]);
var (sample, seed, minutes) = (200, 1, 10);
var names = new List<string>();
for (var i = 1; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--sample":
            sample = int.Parse(args[++i], CultureInfo.InvariantCulture);
            break;
        case "--seed":
            seed = int.Parse(args[++i], CultureInfo.InvariantCulture);
            break;
        case "--minutes":
            minutes = int.Parse(args[++i], CultureInfo.InvariantCulture);
            break;
        case "--all":
            (sample, minutes) = (int.MaxValue, int.MaxValue);
            break;
        default:
            names.Add(args[i]);
            break;
    }
}

var areas = Area.All.Where(area => names.Count == 0 || names.Contains(area.Name)).ToList();
if (areas.Count == 0 || names.Except(Area.All.Select(area => area.Name)).Any())
{
    Console.Error.WriteLine($"Areas: {string.Join(", ", Area.All.Select(area => area.Name))}.");
    return 2;
}

// The same two assemblies for all test programs.
var folders = areas
    .SelectMany(area => area.Tests)
    .Select(test => test.Project)
    .Distinct()
    .ToDictionary(project => project, repository.Copy);
var mutants = new List<Mutant>();
var widest = folders.Values.MaxBy(folder => Directory.GetFiles(folder, "Tributary.*.dll").Length)!;
foreach (var project in new[] { "Tributary.Sdk", "Tributary.Engine" })
{
    if (!areas.SelectMany(area => area.Sources).Any(source => source.StartsWith($"src/{project}/")))
    {
        continue;
    }

    var first = mutants.Count == 0 ? 0 : mutants[^1].Number + 1;
    var assembly = new MutatedAssembly(repository, project);
    mutants.AddRange(assembly.Compile(widest, file => areas.Any(area => area.Has(file)), first));
    Console.WriteLine($"{project}: {assembly.Left} mutants do not compile and are left out.");
    foreach (var folder in folders.Values.Where(folder => folder != widest))
    {
        var target = Path.Combine(folder, project + ".dll");
        if (File.Exists(target))
        {
            File.Copy(Path.Combine(widest, project + ".dll"), target, overwrite: true);
        }
    }
}

var hosts = folders.ToDictionary(folder => folder.Key, folder => new TestHost(Path.Combine(folder.Value, folder.Key)));
var classes = new Dictionary<(string, string), TestClass>();
foreach (var test in areas.SelectMany(area => area.Tests).Distinct())
{
    var one = classes[test] = new TestClass(hosts[test.Project], test.Class);
    await one.LearnAsync();
    Console.WriteLine($"{one.Name}: {one.Time.TotalSeconds:F1} s, comes by {one.Reaches.Count}");
}

var equivalent = Equivalents.Read(repository);
var isGood = true;
foreach (var area in areas)
{
    var began = Stopwatch.GetTimestamp();
    var report = new Report(area, seed);
    var inArea = mutants.Where(mutant => area.Has(mutant.File)).ToArray();
    report.Among = inArea.Length;
    new Random(seed).Shuffle(inArea);
    foreach (var mutant in inArea.Take(sample))
    {
        if (Stopwatch.GetElapsedTime(began).TotalMinutes >= minutes)
        {
            Console.WriteLine($"{area.Name}: {minutes} minutes are over before all were tried that were drawn.");
            break;
        }

        if (equivalent.Contains(mutant.Key))
        {
            report.Equivalent++;
            continue;
        }

        var reaching = area
            .Tests.Select(test => classes[test])
            .Where(one => one.Reaches.Contains(mutant.Number))
            .OrderBy(one => one.Time)
            .ToList();
        var isNoticed = false;
        foreach (var one in reaching)
        {
            isNoticed = await one.NoticesAsync(mutant.Number);
            if (isNoticed)
            {
                break;
            }
        }

        report.Add(isNoticed);
        if (!isNoticed)
        {
            Console.WriteLine(
                $"{mutant.File}:{mutant.Line} {(reaching.Count > 0 ? "survived" : "not reached")} ({report.SoFar})"
            );
            Console.WriteLine($"    {mutant.Key}");
        }
    }

    report.Write(Stopwatch.GetElapsedTime(began));
    isGood &= report.Score >= Report.Least;
}

foreach (var host in hosts.Values)
{
    host.Dispose();
}

return isGood ? 0 : 1;
