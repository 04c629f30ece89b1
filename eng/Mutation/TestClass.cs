using System.Diagnostics;

namespace Tributary.Mutation;

/// <summary>A class of tests, and what is known of it: how long it takes, and which mutants it comes by.</summary>
internal sealed class TestClass(TestHost host, string name)
{
    private const int None = -1;
    private static readonly TimeSpan _most = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(5);
    private TimeSpan _first;
    private IReadOnlySet<int> _once = new HashSet<int>();

    public string Name { get; } = name;

    /// <summary>How long it takes without any mutant in a process that has run it before.</summary>
    public TimeSpan Time { get; private set; }

    /// <summary>The numbers of the mutants that it comes by.</summary>
    public IReadOnlySet<int> Reaches { get; private set; } = new HashSet<int>();

    /// <summary>Runs it without a mutant, and learns.</summary>
    public async Task LearnAsync()
    {
        // In a process of its own: another class would have set static fields already.
        host.Dispose();
        var began = Stopwatch.GetTimestamp();
        var outcome = await host.RunAsync(new TestOrder(Name, None, IsToLearn: true), _most);
        _first = Stopwatch.GetElapsedTime(began);
        var again = outcome.HasPassed
            ? await host.RunAsync(new TestOrder(Name, None, IsToLearn: true), _most)
            : outcome;
        if (!again.HasPassed)
        {
            throw new InvalidOperationException($"{Name} fails without any mutant:\n{again.Said}");
        }

        Time = Stopwatch.GetElapsedTime(began) - _first;
        Reaches = outcome.Reached;
        _once = outcome.Reached.Except(again.Reached).ToHashSet();
    }

    /// <summary>Whether it notices a mutant; one that makes it hang is noticed too.</summary>
    public async Task<bool> NoticesAsync(int mutant)
    {
        // What a process comes by once, as the values of static fields, cannot be wrong in one that has been there, and
        // stays wrong in one that came by with the mutant.
        var needsOwnProcess = _once.Contains(mutant);
        if (needsOwnProcess)
        {
            host.Dispose();
        }

        var hasPassed = await PassesAsync(mutant);
        if (needsOwnProcess)
        {
            host.Dispose();
        }

        if (hasPassed)
        {
            return false;
        }

        // What failed may be what an earlier mutant has left in the process, or a machine that is busy with others.
        if (await PassesAsync(None))
        {
            return true;
        }

        host.Dispose();
        return !await PassesAsync(mutant);
    }

    private async Task<bool> PassesAsync(int mutant)
    {
        var outcome = await host.RunAsync(new TestOrder(Name, mutant, IsToLearn: false), _first * 3 + _grace);
        return outcome.HasPassed;
    }
}
