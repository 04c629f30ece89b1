using System.CommandLine;
using Tributary.Hosting;
using Tributary.Maintenance;

namespace Tributary.Cli.Commands;

/// <summary><c>tributary keys …</c>.</summary>
internal static class KeysCommands
{
    /// <summary>Makes the group.</summary>
    public static Command Create(Terminal terminal)
    {
        var group = new DocumentedCommand(
            "keys",
            "Look after the keys that stored credentials are encrypted with.",
            "tributary keys rotate --data /var/lib/tributary"
        );
        var rotate = new DocumentedCommand(
            "rotate",
            "Make a new key and wrap every stored secret with it. The server must be stopped; a rotation that was cut off is simply repeated.",
            "tributary keys rotate --data /var/lib/tributary"
        );
        var options = new ServerOptions(rotate, ["data"]);
        rotate.SetAction(
            async (parsed, cancellationToken) =>
            {
                var settings = options.Load(parsed, terminal);
                using var dataFolder = DataFolderLock.Take(settings.Engine.DataFolder);
                await using var services = Composition.BuildOffline(settings);
                var rotation =
                    services.GetService<IKeyRotation>()
                    ?? throw new CommandException("This build has no key ring to rotate.");
                var count = await rotation.RotateAsync(cancellationToken);
                terminal.Out.WriteLine($"A new key is in use; {count} secrets were wrapped with it.");
                return ExitCode.Ok;
            }
        );
        group.Add(rotate);
        return group;
    }
}
