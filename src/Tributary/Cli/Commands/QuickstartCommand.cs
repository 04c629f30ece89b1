using System.CommandLine;
using Tributary.Hosting;
using Tributary.Quickstart;

namespace Tributary.Cli.Commands;

/// <summary><c>tributary quickstart</c>.</summary>
internal static class QuickstartCommand
{
    /// <summary>Makes it.</summary>
    public static Command Create(Terminal terminal)
    {
        var target = new Argument<string?>("folder-or-url")
        {
            Description = "What to read: a folder of this machine or a web site. Else Tributary's own docs/.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var exit = new Option<bool>("--exit")
        {
            Description = "Stop when everything was shown, instead of serving on.",
        };
        var command = new DocumentedCommand(
            "quickstart",
            "Start a server of your own, read a folder or web site into it, and search it.",
            "tributary quickstart",
            "tributary quickstart ~/notes",
            "tributary quickstart https://docs.example.com --exit"
        )
        {
            target,
            exit,
        };
        var options = new ServerOptions(command, ["urls", "data"]);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var settings = options.Load(parsed, terminal);
                var plan = await QuickstartPlan.MakeAsync(
                    parsed.GetValue(target),
                    settings,
                    terminal,
                    cancellationToken
                );
                await using var server = await RunningServer.StartAsync(settings, terminal.Variable, cancellationToken);
                var isGood = await QuickstartTour.RunAsync(plan, server.Addresses[0], terminal, cancellationToken);
                if (!parsed.GetValue(exit))
                {
                    terminal.Out.WriteLine("The server goes on until you press Ctrl+C.");
                    await server.WaitForEndAsync(cancellationToken);
                }

                return isGood ? ExitCode.Ok : ExitCode.Failed;
            }
        );
        return command;
    }
}
