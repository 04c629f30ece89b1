namespace Tributary.Mutation;

/// <summary>One deliberate mistake, built into the program behind a switch.</summary>
/// <param name="Number">The switch's.</param>
/// <param name="File">Where, relative to the repository.</param>
/// <param name="Line">Where, from 1.</param>
/// <param name="Member">The method or property that it is in.</param>
/// <param name="Change">"original → mutated", on one line.</param>
internal sealed record Mutant(int Number, string File, int Line, string Member, string Change)
{
    /// <summary>Names it across edits of other lines: what <c>equivalent.txt</c> lists.</summary>
    public string Key => $"{Path.GetFileName(File)} | {Member} | {Change}";
}
