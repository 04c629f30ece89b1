using System.CommandLine;
using System.CommandLine.Invocation;
using Tributary.Cli.Commands;

namespace Tributary.Cli;

/// <summary>The tree of commands, and how one is run.</summary>
internal static class CommandLine
{
    private const string Description = """
        Tributary brings a company's content and business apps into one place: it reads sources through their own APIs,
        keeps their documents fresh, and makes everything searchable.
        """;

    /// <summary>Parses and runs.</summary>
    /// <param name="arguments">Without the program's name.</param>
    /// <param name="terminal">The world around.</param>
    /// <param name="cancellationToken">A person or the system wants the process to end.</param>
    /// <returns>See <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments,
        Terminal terminal,
        CancellationToken cancellationToken
    )
    {
        var parsed = Parse(BuildTree(terminal), arguments);
        if (parsed.Errors.Count > 0 && parsed.Action is not CommandHelp)
        {
            return await TellMistakesAsync(parsed, terminal);
        }

        var invocation = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        return await Complaints.CatchAsync(
            terminal,
            () => parsed.InvokeAsync(invocation, cancellationToken),
            cancellationToken
        );
    }

    /// <summary>Parses; <c>@file</c> is a value here, and no file of further arguments.</summary>
    public static ParseResult Parse(RootCommand root, IReadOnlyList<string> arguments) =>
        root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });

    private static async Task<int> TellMistakesAsync(ParseResult parsed, Terminal terminal)
    {
        if (parsed.Action is ParseErrorAction complaint)
        {
            // Tells the mistakes, and what was meant where it can guess that.
            complaint.ShowHelp = false;
            await parsed.InvokeAsync(new InvocationConfiguration { Output = terminal.Error, Error = terminal.Error });
        }

        var command = CommandHelp.PathOf(parsed.CommandResult.Command);
        await terminal.Error.WriteLineAsync($"Try '{command} --help'.");
        return ExitCode.Usage;
    }

    /// <summary>Every command.</summary>
    public static RootCommand BuildTree(Terminal terminal)
    {
        var root = new RootCommand(Description.ReplaceLineEndings(" "))
        {
            ServeCommand.Create(terminal),
            QuickstartCommand.Create(terminal),
            SourcesCommands.Create(terminal),
            CollectionsCommands.Create(terminal),
            SearchCommand.Create(terminal),
            IntegrationsCommands.Create(terminal),
            ConnectorsCommands.Create(terminal),
            TokensCommands.Create(terminal),
            BackupCommands.CreateBackup(terminal),
            BackupCommands.CreateRestore(terminal),
            KeysCommands.Create(terminal),
        };
        root.Add(DocsCommands.Create(terminal, root));
        CommandHelp.AddTo(root);
        return root;
    }
}
