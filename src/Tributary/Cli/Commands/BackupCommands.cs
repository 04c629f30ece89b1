using System.CommandLine;
using Tributary.Engine.Store;
using Tributary.Maintenance;
using Tributary.Store.Sqlite;

namespace Tributary.Cli.Commands;

/// <summary><c>tributary backup</c> and <c>tributary restore</c>.</summary>
internal static class BackupCommands
{
    /// <summary><c>backup</c>.</summary>
    public static Command CreateBackup(Terminal terminal)
    {
        var file = new Argument<string>("file") { Description = "The archive to write; must not exist." };
        var includeKeys = new Option<bool>("--include-keys")
        {
            Description = "Also the key ring. Whoever has the archive can then read every stored credential.",
        };
        var command = new DocumentedCommand(
            "backup",
            "Write the data directory into one archive, also while a server works on it. Without --include-keys back the key ring up elsewhere: secrets cannot be read without it.",
            "tributary backup /backups/tributary-monday.zip --data /var/lib/tributary"
        )
        {
            file,
            includeKeys,
        };
        var options = new ServerOptions(command, ["data"]);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var settings = options.Load(parsed, terminal);
                await using var services = Composition.BuildOffline(settings);
                var database = Path.Combine(settings.Engine.DataFolder, SqliteStore.FileName);
                if (!File.Exists(database))
                {
                    throw new CommandException(
                        $"There is no database at {Path.GetFullPath(database)}: name the data directory with --data."
                    );
                }

                var snapshot = new StoreSnapshot(services.GetRequiredService<IStoreMaintenance>());
                var target = Path.Combine(terminal.WorkingDirectory, parsed.GetRequiredValue(file));
                var manifest = await new BackupWriter(snapshot, terminal.Time).WriteAsync(
                    settings.Engine.DataFolder,
                    target,
                    parsed.GetValue(includeKeys),
                    cancellationToken
                );
                terminal.Out.WriteLine(
                    $"{target}: {manifest.Files.Count} files, {manifest.Files.Sum(entry => entry.Length)} bytes before packing."
                );
                if (!manifest.HasKeys)
                {
                    terminal.Out.WriteLine(
                        $"The key ring is not in it. Keep a copy of {Path.Combine(settings.Engine.DataFolder, snapshot.KeyRing)} elsewhere."
                    );
                }

                return ExitCode.Ok;
            }
        );
        return command;
    }

    /// <summary><c>restore</c>.</summary>
    public static Command CreateRestore(Terminal terminal)
    {
        var file = new Argument<string>("file") { Description = "An archive that 'tributary backup' has written." };
        var command = new DocumentedCommand(
            "restore",
            "Make a data directory from an archive. The directory must be empty or new.",
            "tributary restore /backups/tributary-monday.zip --data /var/lib/tributary"
        )
        {
            file,
        };
        var options = new ServerOptions(command, ["data"]);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var settings = options.Load(parsed, terminal);
                var folder = settings.Engine.DataFolder;
                var archive = Path.Combine(terminal.WorkingDirectory, parsed.GetRequiredValue(file));
                var manifest = await BackupReader.RestoreAsync(archive, folder, cancellationToken);
                terminal.Out.WriteLine(
                    $"{Path.GetFullPath(folder)}: {manifest.Files.Count} files as of {PlainText.Show(manifest.CreatedAt)}."
                );
                if (!manifest.HasKeys)
                {
                    terminal.Out.WriteLine(
                        "The key ring was not in the archive: put your copy of it into the directory before you start the server."
                    );
                }

                return ExitCode.Ok;
            }
        );
        return command;
    }
}
