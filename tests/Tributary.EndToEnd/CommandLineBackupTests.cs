using System.IO.Compression;
using Tributary.Cli;
using Tributary.Maintenance;
using Tributary.Testing;

namespace Tributary.EndToEnd;

public sealed class CommandLineBackupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public CommandLineBackupTests()
    {
        Write("data/tributary.db", "live and half written");
        Write("data/tributary.db-wal", "log");
        Write("data/keys/1.key", "the key");
        Write("data/files/ab/1", "an upload");
        Write("data/temporary/spool", "passing");
        Write("data/.lock", "");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_backup_comes_back_as_it_was()
    {
        var manifest = await BackUpAsync(includeKeys: true);
        manifest.Files.Select(file => file.Path).ShouldBe(["tributary.db", "files/ab/1", "keys/1.key"]);

        await BackupReader.RestoreAsync(_folder["backup.zip"], _folder["restored"], CancellationToken.None);

        Read("restored/tributary.db").ShouldBe("one moment");
        Read("restored/files/ab/1").ShouldBe("an upload");
        Read("restored/keys/1.key").ShouldBe("the key");
        Directory.Exists(_folder["restored/temporary"]).ShouldBeFalse();
    }

    [Fact]
    public async Task The_key_ring_is_left_out_unless_asked_for()
    {
        var manifest = await BackUpAsync(includeKeys: false);
        manifest.HasKeys.ShouldBeFalse();
        await using var archive = await ZipFile.OpenReadAsync(_folder["backup.zip"]);
        archive.Entries.ShouldAllBe(entry => !entry.FullName.StartsWith("keys"));
    }

    [Fact]
    public async Task Only_its_owner_may_read_a_backup_and_nothing_else_is_left_behind()
    {
        await BackUpAsync(includeKeys: false);
        OwnerOnly.ModeOf(_folder["backup.zip"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(_folder.Path).ShouldBe([_folder["backup.zip"]]);
    }

    [Fact]
    public async Task A_backup_that_fails_leaves_nothing()
    {
        var writer = new BackupWriter(new Snapshot { Fails = true }, TimeProvider.System);
        await Should.ThrowAsync<IOException>(() =>
            writer.WriteAsync(_folder["data"], _folder["backup.zip"], false, CancellationToken.None)
        );
        Directory.GetFiles(_folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task Neither_backup_nor_restore_overwrites()
    {
        await BackUpAsync(includeKeys: false);
        (await Should.ThrowAsync<CommandException>(() => BackUpAsync(false))).Message.ShouldContain("exists already");
        (
            await Should.ThrowAsync<CommandException>(() =>
                BackupReader.RestoreAsync(_folder["backup.zip"], _folder["data"], CancellationToken.None)
            )
        ).Message.ShouldContain("is not empty");
    }

    [Fact]
    public async Task A_folder_without_a_database_is_no_data_directory()
    {
        File.Delete(_folder["data/tributary.db"]);
        (await Should.ThrowAsync<CommandException>(() => BackUpAsync(false))).Message.ShouldContain(
            "There is no database"
        );
    }

    [Fact]
    public async Task A_changed_archive_is_refused_and_leaves_nothing()
    {
        await BackUpAsync(includeKeys: false);
        await using (var archive = await ZipFile.OpenAsync(_folder["backup.zip"], ZipArchiveMode.Update))
        {
            archive.GetEntry("files/ab/1")!.Delete();
            await using var entry = await archive.CreateEntry("files/ab/1").OpenAsync();
            entry.Write("AN UPLOAD"u8);
        }

        (await RefusalAsync()).ShouldContain("files/ab/1 is not as it was");
    }

    [Fact]
    public async Task An_archive_cannot_write_outside_the_data_directory()
    {
        await BackUpAsync(includeKeys: false);
        await using (var archive = await ZipFile.OpenAsync(_folder["backup.zip"], ZipArchiveMode.Update))
        {
            var entry = archive.GetEntry(BackupManifest.EntryName)!;
            string manifest;
            using (var reader = new StreamReader(await entry.OpenAsync()))
            {
                manifest = await reader.ReadToEndAsync();
            }

            entry.Delete();
            await using var changed = new StreamWriter(await archive.CreateEntry(BackupManifest.EntryName).OpenAsync());
            await changed.WriteAsync(manifest.Replace("files/ab/1", "../escaped"));
        }

        (await RefusalAsync()).ShouldContain("outside the data directory");
        File.Exists(_folder["escaped"]).ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_no_backup_is_refused()
    {
        Write("backup.zip", "no archive at all");
        (await RefusalAsync()).ShouldContain("is no whole backup");
    }

    [Fact]
    public async Task Restore_tells_what_it_made()
    {
        await BackUpAsync(includeKeys: false);
        var result = await CommandLineResult.OfAsync(["restore", _folder["backup.zip"], "--data", _folder["restored"]]);
        result.ExitCode.ShouldBe(0);
        result.Out.ShouldContain("2 files as of 2025-01-15 08:00:00Z");
        result.Out.ShouldContain("key ring was not in the archive");
    }

    private Task<BackupManifest> BackUpAsync(bool includeKeys) =>
        new BackupWriter(new Snapshot(), new ManualTime()).WriteAsync(
            _folder["data"],
            _folder["backup.zip"],
            includeKeys,
            CancellationToken.None
        );

    private async Task<string> RefusalAsync()
    {
        var refusal = await Should.ThrowAsync<CommandException>(() =>
            BackupReader.RestoreAsync(_folder["backup.zip"], _folder["restored"], CancellationToken.None)
        );
        Directory.Exists(_folder["restored"]).ShouldBeFalse();
        return refusal.Message;
    }

    private void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        File.WriteAllText(_folder[path], content);
    }

    private string Read(string path) => File.ReadAllText(_folder[path]);

    private sealed class Snapshot : IStoreSnapshot
    {
        public bool Fails { get; init; }

        public string DatabaseFile => "tributary.db";

        public string KeyRing => "keys";

        public Task WriteAsync(string file, CancellationToken cancellationToken) =>
            Fails ? throw new IOException("full") : File.WriteAllTextAsync(file, "one moment", cancellationToken);
    }
}
