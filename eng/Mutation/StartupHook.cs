using System.Reflection;
using Tributary.Mutation;

/// <summary>
/// Runs in a test program before its own entry point, and instead of it: tests run over and over in one warm process,
/// each time with another mutant. The runtime finds it by this name (DOTNET_STARTUP_HOOKS).
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        // Only the test program itself, not what its tests start.
        Environment.SetEnvironmentVariable("DOTNET_STARTUP_HOOKS", null);
        var runner = Assembly
            .Load("xunit.v3.runner.inproc.console")
            .GetType("Xunit.Runner.InProc.SystemConsole.ConsoleRunner", throwOnError: true)!;
        var entryPoint = runner.GetMethod("EntryPoint", [typeof(TextReader), typeof(TextWriter)])!;
        var switches = new[] { "Tributary.Sdk", "Tributary.Engine" }
            .Select(Find)
            .OfType<Type>()
            .Select(type => (Active: type.GetField("Active")!, Seen: type.GetField("Seen")!))
            .ToList();
        while (Console.ReadLine() is { } line && TestOrder.Read(line) is var order)
        {
            var seen = order.IsToLearn ? new bool[TestOrder.MostMutants] : null;
            foreach (var (active, watched) in switches)
            {
                active.SetValue(null, order.Mutant);
                watched.SetValue(null, seen);
            }

            // Not its static Run, which ends the process soon afterwards.
            var run = Activator.CreateInstance(runner, order.Arguments, Assembly.GetEntryAssembly());
            var code = ((Task<int>)entryPoint.Invoke(run, [TextReader.Null, Console.Out])!).GetAwaiter().GetResult();
            var reached = seen is null ? [] : Enumerable.Range(0, seen.Length).Where(number => seen[number]);
            Console.Out.WriteLine($"{TestOrder.Done}{code} {string.Join(',', reached)}");
            Console.Out.Flush();
        }

        Environment.Exit(0);
    }

    private static Type? Find(string assembly)
    {
        try
        {
            return Assembly.Load(assembly).GetType("Mutants");
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
