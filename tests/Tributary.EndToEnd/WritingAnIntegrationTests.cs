using System.Diagnostics;
using System.Text.RegularExpressions;
using Tributary.Testing;

namespace Tributary.EndToEnd;

/// <summary>
/// docs/writing-an-integration.md, followed to the letter: its files are put into a copy of the repository, and its commands
/// are run there. Nothing is fetched: packages come from the cache that the build of this test has filled.
/// </summary>
public sealed partial class WritingAnIntegrationTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly string[] NotCopied = [".git", "artifacts", "bin", "obj", "node_modules"];

    [Fact]
    [Trait("Category", "Slow")]
    public async Task The_pages_files_compile_pass_the_suite_and_stand_in_the_catalogue()
    {
        var root = FindRoot();
        var page = await File.ReadAllTextAsync(Path.Combine(root, "docs", "writing-an-integration.md"));
        using var folder = new TemporaryFolder();
        Copy(root, folder.Path);
        await File.WriteAllTextAsync(
            folder["nuget.config"],
            "<configuration><packageSources><clear /></packageSources></configuration>"
        );
        await JudgeOnlyWhatIsNewAsync(folder["Directory.Build.props"]);
        var files = FileBlock().Matches(page);
        files.Count.ShouldBe(Regex.Count(page, "^```csharp", RegexOptions.Multiline), "every block is a file");
        foreach (Match file in files)
        {
            var path = folder[file.Groups["path"].Value];
            File.Exists(path).ShouldBeFalse("a newcomer edits no file of others");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, file.Groups["text"].Value);
        }

        var commands = CommandBlock()
            .Matches(page)
            .SelectMany(block => block.Groups["text"].Value.Split('\n'))
            .ToList();
        var build = commands.Single(line => line.StartsWith("dotnet build "));
        (await RunAsync(folder.Path, build)).ShouldContain("0 Warning(s)");
        var tests = await RunAsync(folder.Path, commands.Single(line => line.Contains(" -namespace ")));
        var total = Totals().Match(tests);
        total.Success.ShouldBeTrue(tests);
        int.Parse(total.Groups["total"].Value).ShouldBeGreaterThan(40, "the suite and the page's own tests");
        total.Groups["bad"].Value.ShouldBe("Errors: 0, Failed: 0, Skipped: 0, Not Run: 0", tests);
        await RunAsync(folder.Path, commands.Single(line => line == "eng/docs"));
        (await File.ReadAllTextAsync(folder["docs/integrations.md"])).ShouldContain("\n## acme\n");
        await SeeItAsync(folder.Path, commands);
    }

    /// <summary>Analyzers have judged the other projects when this test was built.</summary>
    private static async Task JudgeOnlyWhatIsNewAsync(string properties)
    {
        const string End = "</Project>";
        var text = await File.ReadAllTextAsync(properties);
        text.ShouldContain(End);
        await File.WriteAllTextAsync(
            properties,
            text.Replace(
                End,
                $"""
                <PropertyGroup Condition="!$(MSBuildProjectName.EndsWith('.Integrations')) And !$(MSBuildProjectName.EndsWith('.Contract'))">
                <RunAnalyzers>false</RunAnalyzers>
                </PropertyGroup>
                {End}
                """,
                StringComparison.Ordinal
            )
        );
    }

    /// <summary>The page's server on a free port, asked by the page's commands.</summary>
    private static async Task SeeItAsync(string folder, List<string> commands)
    {
        var program = commands.Single(line => line.Contains("tributary serve ")).Split(' ')[0];
        await using var server = await TributaryProcess.ServeByAsync(Path.Combine(folder, program));
        var show = commands.Single(line => line.EndsWith("integrations show acme"));

        var said = await RunAsync(
            folder,
            show,
            ("TRIBUTARY_SERVER", server.Address),
            ("TRIBUTARY_TOKEN", TributaryClient.Token)
        );

        said.ShouldStartWith("Acme (acme)");
        said.ShouldContain("acme_token");
    }

    private static async Task<string> RunAsync(
        string folder,
        string command,
        params (string Name, string Value)[] variables
    )
    {
        // To a file, since the compiler's server, which outlives the command, would keep a pipe open.
        var output = Path.Combine(folder, "output.txt");
        var start = new ProcessStartInfo("bash", ["-c", $"{{ {command}\n}} >output.txt 2>&1"])
        {
            WorkingDirectory = folder,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["UseSharedCompilation"] = "true";
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        var said = await File.ReadAllTextAsync(output);
        process.ExitCode.ShouldBe(0, $"{command}:\n{said}");
        return said;
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (var folder in Directory.EnumerateDirectories(from).Where(path => !NotCopied.Contains(NameOf(path))))
        {
            Copy(folder, Path.Combine(to, NameOf(folder)));
        }
    }

    private static string NameOf(string path) => Path.GetFileName(path)!;

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Tributary.slnx")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }

    [GeneratedRegex(
        @"^\*\*`(?<path>[^`\n]+)`\*\*\n\n```csharp\n(?<text>.*?)^```$",
        RegexOptions.Multiline | RegexOptions.Singleline
    )]
    private static partial Regex FileBlock();

    [GeneratedRegex(@"^```sh\n(?<text>.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CommandBlock();

    [GeneratedRegex(@"Total: (?<total>\d+), (?<bad>Errors: \d+, Failed: \d+, Skipped: \d+, Not Run: \d+)")]
    private static partial Regex Totals();
}
