namespace Tributary.Mutation;

/// <summary>What a test program is told on a line of its input: run a class of tests with a mutant.</summary>
/// <param name="Class">The class.</param>
/// <param name="Mutant">The mutant's number; -1 for none.</param>
/// <param name="IsToLearn">It is to tell which mutants the tests come by.</param>
internal sealed record TestOrder(string Class, int Mutant, bool IsToLearn)
{
    public const int MostMutants = 20_000;

    /// <summary>The beginning of the line that says that it has been done: exit code, numbers of the mutants that were reached.</summary>
    public const string Done = "@@done ";

    /// <summary>The test runner's.</summary>
    public string[] Arguments =>
        ["-class", Class, "-trait-", "Category=Slow", "-stopOnFail", "-noColor", "-noLogo", "-reporter", "quiet"];

    public static TestOrder Read(string line) =>
        line.Split(' ') is [var name, var mutant, var learn]
            ? new TestOrder(name, int.Parse(mutant), bool.Parse(learn))
            : throw new FormatException(line);

    public override string ToString() => $"{Class} {Mutant} {IsToLearn}";
}
