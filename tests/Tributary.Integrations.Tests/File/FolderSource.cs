using Tributary.Integrations.File;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;
using Tributary.Testing;
using Tributary.Testing.Readers;

namespace Tributary.Integrations.Tests.File;

/// <summary>A folder of the server with a text file for each item.</summary>
public sealed class FolderSource : ConformanceSource
{
    private readonly TemporaryFolder _folder = new();

    // Later than any read that has begun, by the harness's clock.
    private DateTime _now = new(2025, 1, 15, 9, 0, 0, DateTimeKind.Utc);

    public override object Config => new FileConfig { FileLocations = [_folder.Path] };

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new("no such upload", new FileConfig { FileLocations = ["gone"] }, null, FailureKind.Configuration),
            new("no such folder", new FileConfig { FileLocations = ["/not/there"] }, null, FailureKind.Configuration),
            new(
                "no such metadata",
                new FileConfig { FileLocations = [_folder.Path], ZipMetadataFileId = "gone" },
                null,
                FailureKind.Configuration
            ),
        ];

    public override void Equip(ReaderHarness harness)
    {
        harness.Containers = Content.Containers;
        harness.Files.AllowedFolders.Add(_folder.Path);
    }

    public override Task FillAsync(int count, int textLength = 40)
    {
        for (var index = 0; index < count; index++)
        {
            Write($"item {index}", new string('x', textLength), new DateTime(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        return Task.CompletedTask;
    }

    public override Task AddAsync(string name) => Write(name, "added", _now = _now.AddSeconds(1));

    public override Task ChangeAsync(string name) => Write(name, "changed", _now = _now.AddSeconds(1));

    public override Task RemoveAsync(string name)
    {
        System.IO.File.Delete(_folder[name + ".txt"]);
        return Task.CompletedTask;
    }

    public override Task AddBrokenAsync(string name) =>
        System.IO.File.WriteAllTextAsync(_folder[name + ".zip"], "PK\u0003\u0004 and nothing more");

    public override ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task Write(string name, string text, DateTime changedAt)
    {
        var path = _folder[name + ".txt"];
        System.IO.File.WriteAllText(path, text);
        System.IO.File.SetLastWriteTimeUtc(path, changedAt);
        return Task.CompletedTask;
    }
}
