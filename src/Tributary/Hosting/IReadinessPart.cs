namespace Tributary.Hosting;

/// <summary>A part of the server that has to work before requests are sent to it: the store, the scheduler.</summary>
internal interface IReadinessPart
{
    /// <summary>What <c>/health/ready</c> calls it.</summary>
    string Name { get; }

    /// <summary>What is wrong with it; null when nothing is. Exceptions count as wrong.</summary>
    Task<string?> FindProblemAsync(CancellationToken cancellationToken);
}

/// <summary>A part that a function looks after.</summary>
internal sealed class ReadinessPart(string name, Func<CancellationToken, Task<string?>> findProblem) : IReadinessPart
{
    public string Name => name;

    public Task<string?> FindProblemAsync(CancellationToken cancellationToken) => findProblem(cancellationToken);
}
