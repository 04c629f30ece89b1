using System.CommandLine;
using Tributary.Hosting;

namespace Tributary.Cli.Commands;

/// <summary><c>tributary serve</c>.</summary>
internal static class ServeCommand
{
    /// <summary>The name of the admin whom the first start makes.</summary>
    public const string AdminName = "admin@localhost";

    /// <summary>Makes it.</summary>
    public static Command Create(Terminal terminal)
    {
        var command = new DocumentedCommand(
            "serve",
            "Start the server. It listens on this machine only unless --urls says otherwise.",
            "tributary serve",
            "tributary serve --urls http://0.0.0.0:8080 --data /var/lib/tributary --log-format json",
            "TRIBUTARY_ALLOWED_NETWORKS=10.0.0.0/8 tributary serve"
        );
        var options = new ServerOptions(command);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var settings = options.Load(parsed, terminal);
                await using var server = await RunningServer.StartAsync(settings, terminal.Variable, cancellationToken);
                if (server.NewAdminToken is { } token)
                {
                    WriteToken(terminal.Out, token);
                }

                foreach (var address in server.Addresses)
                {
                    terminal.Out.WriteLine($"Tributary listens on {address}");
                }

                await terminal.Out.FlushAsync(cancellationToken);
                await server.WaitForEndAsync(cancellationToken);
                return ExitCode.Ok;
            }
        );
        return command;
    }

    /// <summary>Shows the token that the first start has made, in a block that one cannot miss.</summary>
    public static void WriteToken(TextWriter output, string token)
    {
        var lines = new[]
        {
            "This is the first start: an admin was made. His token is shown this once:",
            "",
            $"  {token}",
            "",
            $"Programs send it as \"Authorization: Bearer <token>\"; the command line takes it",
            $"from {ClientOptions.TokenVariable}. For a cookie, sign in as {AdminName} with the token",
            "as password (POST /auth/login).",
        };
        var rule = new string('-', 80);
        output.WriteLine(rule);
        foreach (var line in lines)
        {
            output.WriteLine(line);
        }

        output.WriteLine(rule);
    }
}
