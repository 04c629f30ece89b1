using System.CommandLine;
using Tributary.Cli.Reference;

namespace Tributary.Cli.Commands;

/// <summary><c>tributary docs …</c>, hidden: prints pages of docs/ that are made from the program itself.</summary>
internal static class DocsCommands
{
    /// <summary>Makes the group.</summary>
    public static Command Create(Terminal terminal, RootCommand root)
    {
        var group = new Command("docs", "Print pages of docs/ that follow from the program.") { Hidden = true };
        var commandLine = new Command("command-line", "docs/command-line.md.");
        commandLine.SetAction(_ => terminal.Out.Write(CommandLineReference.Write(root)));
        var configuration = new Command("configuration", "docs/configuration.md.");
        configuration.SetAction(_ => terminal.Out.Write(ConfigurationReference.Write()));
        var integrations = new Command("integrations", "docs/integrations.md.");
        integrations.SetAction(_ => terminal.Out.Write(IntegrationsReference.Write(Composition.Catalog())));
        group.Add(integrations);
        group.Add(commandLine);
        group.Add(configuration);
        return group;
    }
}
