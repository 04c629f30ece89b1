using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Tributary.Engine.Tests;

/// <summary>Who may look into whom: the rooms of the house, and the doors between them.</summary>
public partial class ArchitectureTests
{
    /// <summary>What each project may reference. A project that is not here has no place in the house yet.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Tributary.Sdk"] = [],
        ["Tributary.Integrations"] = ["Tributary.Sdk"],
        ["Tributary.Extraction"] = ["Tributary.Sdk"],
        ["Tributary.Engine"] = ["Tributary.Sdk"],
        ["Tributary.Store.Sqlite"] = ["Tributary.Engine"],
        ["Tributary.Store.Postgres"] = ["Tributary.Engine"],
        ["Tributary.Api"] = ["Tributary.Engine"],
        ["Tributary.Web"] = ["Tributary.Engine"],
        ["Tributary"] =
        [
            "Tributary.Api",
            "Tributary.Engine",
            "Tributary.Extraction",
            "Tributary.Integrations",
            "Tributary.Store.Postgres",
            "Tributary.Store.Sqlite",
            "Tributary.Web",
        ],
    };

    /// <summary>Integrations that are a special case of another one and read with its reader.</summary>
    private static readonly (string User, string Used)[] SpecialCases = [("Wikipedia", "MediaWiki")];

    private static readonly string Sources = Path.Combine(Root(), "src");

    [GeneratedRegex(@"Tributary\.Integrations\.(\w+)")]
    private static partial Regex IntegrationName { get; }

    public static TheoryData<string> Projects =>
        [
            .. Directory
                .GetFiles(Sources, "*.csproj", SearchOption.AllDirectories)
                .Select(path => Path.GetFileNameWithoutExtension(path)),
        ];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_is_below_it(string project)
    {
        Allowed.ShouldContainKey(project);
        References(project).Except(Allowed[project]).ShouldBeEmpty();
    }

    [Fact]
    public void The_sdk_stands_alone() =>
        Load("Tributary.Sdk")
            .Descendants("PackageReference")
            .Select(reference => (string?)reference.Attribute("Include"))
            .ShouldBeEmpty();

    [Fact]
    public void Readers_bring_no_way_out_of_their_own()
    {
        // HTTP, the browser and the store are handed to a reader; the only packages are those that read formats.
        string[] notTheirs = ["Microsoft.Data.Sqlite", "Quartz", "Polly.Core", "Npgsql"];
        Load("Tributary.Integrations")
            .Descendants("PackageReference")
            .Select(reference => (string)reference.Attribute("Include")!)
            .Intersect(notTheirs)
            .ShouldBeEmpty();
    }

    [Fact]
    public void No_integration_uses_another()
    {
        // A folder without an integration of its own holds what a family shares: the sign-in of a vendor, a protocol.
        var folder = Path.Combine(Sources, "Tributary.Integrations");
        var names = Directory
            .GetDirectories(folder)
            .Where(one => Directory.EnumerateFiles(one, "*Integration.cs").Any())
            .Select(Path.GetFileName)
            .ToHashSet();
        var uses = Directory
            .GetFiles(folder, "*.cs", SearchOption.AllDirectories)
            .SelectMany(file =>
                IntegrationName
                    .Matches(File.ReadAllText(file))
                    .Select(match =>
                        (User: Path.GetRelativePath(folder, file).Split('/', '\\')[0], Used: match.Groups[1].Value)
                    )
            )
            .Where(use => names.Contains(use.Used) && use.User != use.Used)
            .Distinct()
            .ToList();

        uses.Except(SpecialCases).ShouldBeEmpty();
    }

    [Fact]
    public void The_engine_knows_no_integration_by_its_namespace() =>
        Directory
            .GetFiles(Path.Combine(Sources, "Tributary.Engine"), "*.cs", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file).Contains("Tributary.Integrations", StringComparison.Ordinal))
            .ShouldBeEmpty();

    private static XDocument Load(string project) =>
        XDocument.Load(Path.Combine(Sources, project, $"{project}.csproj"));

    private static IEnumerable<string> References(string project) =>
        Load(project)
            .Descendants("ProjectReference")
            .Select(reference =>
                Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/'))
            );

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
