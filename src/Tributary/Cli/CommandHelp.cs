using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Tributary.Cli;

/// <summary>Help with examples and exit codes after what the parser's own help says.</summary>
internal sealed class CommandHelp(HelpAction usage) : SynchronousCommandLineAction
{
    /// <inheritdoc />
    public override bool ClearsParseErrors => true;

    /// <summary>Makes it the help of every command below the root.</summary>
    public static void AddTo(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new CommandHelp((HelpAction)option.Action!);
    }

    /// <summary>A command as one types it: <c>tributary sources create</c>.</summary>
    public static string PathOf(Command command) =>
        command is RootCommand ? "tributary" : $"{PathOf(command.Parents.OfType<Command>().First())} {command.Name}";

    /// <inheritdoc />
    public override int Invoke(ParseResult parseResult)
    {
        var exitCode = usage.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is DocumentedCommand { Examples.Count: > 0 } command)
        {
            output.WriteLine("Examples:");
            foreach (var line in command.Examples)
            {
                output.WriteLine($"  {line}");
            }

            output.WriteLine();
        }

        output.WriteLine("Exit codes:");
        foreach (var (code, meaning) in ExitCode.All)
        {
            output.WriteLine($"  {code}  {meaning}");
        }

        return exitCode;
    }
}
