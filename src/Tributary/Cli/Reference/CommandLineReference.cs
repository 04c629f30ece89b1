using System.CommandLine;
using System.CommandLine.Help;
using System.Text;

namespace Tributary.Cli.Reference;

/// <summary>Writes docs/command-line.md from the tree of commands.</summary>
internal static class CommandLineReference
{
    private const string Head = """
        # The command line

        <!-- Made by `tributary docs command-line`; a test fails when this page is stale. -->

        One executable, `tributary`, is the server and its client. `serve` and `quickstart` start a server; `backup`,
        `restore` and `keys` work on a data directory of this machine; everything else talks to a server over its HTTP API.

        Client commands find the server by `--server`, else `TRIBUTARY_SERVER`, else `http://127.0.0.1:8080`, and send the
        token of `--token`, else `TRIBUTARY_TOKEN`. Prefer the variable: other users of a machine can see command lines.
        With `--json` they print the JSON of the API, whole and unshortened, for scripts; listings are fetched page after
        page and printed as one. Results go to standard output, progress and complaints to standard error. Tables are plain
        and never wrapped when standard output is no terminal; `NO_COLOR` switches colours off.

        Credentials belong into a file (`--credentials @file`) or standard input (`--credentials -`), not on the command
        line.

        """;

    /// <summary>Writes the page.</summary>
    public static string Write(RootCommand root)
    {
        var text = new StringBuilder(Head.ReplaceLineEndings("\n"));
        text.Append("\n## Exit codes\n\n| code | meaning |\n| --- | --- |\n");
        foreach (var (code, meaning) in ExitCode.All)
        {
            text.Append($"| {code} | {meaning} |\n");
        }

        foreach (var command in root.Subcommands.Where(command => !command.Hidden))
        {
            WriteCommand(text, command, depth: 2);
        }

        return text.ToString();
    }

    private static void WriteCommand(StringBuilder text, Command command, int depth)
    {
        var path = CommandHelp.PathOf(command);
        text.Append($"\n{new string('#', depth)} {path}\n\n{command.Description}\n");
        if (command.Subcommands.Count == 0)
        {
            text.Append($"\n```\n{path}{Usage(command)}\n```\n");
        }

        var rows = command
            .Arguments.Select(argument => ($"<{argument.Name}>", argument.Description ?? ""))
            .Concat(
                command
                    .Options.Where(option => option is not HelpOption and not VersionOption && !option.Hidden)
                    .Select(option => (OptionLabel(option), OptionText(option)))
            )
            .ToList();
        if (rows.Count > 0)
        {
            text.Append("\n| | |\n| --- | --- |\n");
            foreach (var (label, description) in rows)
            {
                text.Append($"| `{Cell(label)}` | {Cell(description)} |\n");
            }
        }

        if (command is DocumentedCommand { Examples.Count: > 0 } documented)
        {
            text.Append($"\n```\n{string.Join('\n', documented.Examples)}\n```\n");
        }

        foreach (var child in command.Subcommands.Where(child => !child.Hidden))
        {
            WriteCommand(text, child, depth + 1);
        }
    }

    private static string Usage(Command command)
    {
        var arguments = command.Arguments.Select(argument =>
            argument.Arity.MaximumNumberOfValues > 1 ? $"<{argument.Name}>..."
            : argument.Arity.MinimumNumberOfValues == 0 ? $"[<{argument.Name}>]"
            : $"<{argument.Name}>"
        );
        var required = command.Options.Where(option => option.Required).Select(OptionLabel);
        var all = arguments.Concat(required).Append("[options]");
        return " " + string.Join(' ', all);
    }

    private static string OptionLabel(Option option) =>
        option.ValueType == typeof(bool) ? option.Name : $"{option.Name} <{option.HelpName ?? "value"}>";

    private static string OptionText(Option option)
    {
        var text = option.Description ?? "";
        if (option.HasDefaultValue && option.ValueType != typeof(bool) && option.GetDefaultValue() is { } preset)
        {
            text += $" Default: {preset}.";
        }

        return option.Required ? $"{text} Required." : text;
    }

    private static string Cell(string text) => text.Replace("|", @"\|", StringComparison.Ordinal);
}
