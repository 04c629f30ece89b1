namespace Tributary.Mutation;

/// <summary>Mutants that change nothing that anybody could notice: <c>equivalent.txt</c>, a reason above each.</summary>
internal static class Equivalents
{
    public static IReadOnlySet<string> Read(Repository repository) =>
        File.ReadLines(Path.Combine(repository.Root, "eng/Mutation/equivalent.txt"))
            .Where(line => line.Length > 0 && !line.StartsWith('#'))
            .ToHashSet();
}
