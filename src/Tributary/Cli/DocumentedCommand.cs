using System.CommandLine;

namespace Tributary.Cli;

/// <summary>A command with examples, which help and reference show.</summary>
internal sealed class DocumentedCommand(string name, string description, params IReadOnlyList<string> examples)
    : Command(name, description)
{
    /// <summary>Command lines that work as they stand.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;
}
