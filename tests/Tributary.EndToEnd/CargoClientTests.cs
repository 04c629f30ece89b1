using System.Diagnostics;

namespace Tributary.EndToEnd;

/// <summary>
/// The Cargo dialect asked by its vendor's own client: each <c>*.test.mjs</c> of tests/Tributary.CargoClient in Node, on a
/// server of its own.
/// </summary>
public class CargoClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static string Folder { get; } = Path.Combine(FindRoot(), "tests", "Tributary.CargoClient");

    public static TheoryData<string> Files { get; } =
    [.. Directory.GetFiles(Folder, "*.test.mjs").Select(file => Path.GetFileName(file)).Order()];

    [Theory]
    [MemberData(nameof(Files))]
    [Trait("Category", "Slow")]
    public async Task The_vendors_client_works_unchanged(string file)
    {
        Directory
            .Exists(Path.Combine(Folder, "node_modules", "@cargo-ai"))
            .ShouldBeTrue($"Run 'npm ci' in {Folder} (eng/test does).");
        await using var server = await TributaryProcess.ServeAsync(TributaryClient.Variables);
        var start = new ProcessStartInfo("node", ["--test", file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
        };
        start.Environment["TRIBUTARY_URL"] = server.Address;
        start.Environment["TRIBUTARY_TOKEN"] = TributaryClient.Token;
        using var node = Process.Start(start)!;
        var output = node.StandardOutput.ReadToEndAsync();
        var error = node.StandardError.ReadToEndAsync();

        await node.WaitForExitAsync().WaitAsync(Patience);

        node.ExitCode.ShouldBe(0, await output + await error + server.Error);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Tributary.slnx")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
