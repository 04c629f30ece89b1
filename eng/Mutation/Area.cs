namespace Tributary.Mutation;

/// <summary>What is judged together: sources, and the tests that are to notice every mistake in them.</summary>
/// <param name="Name">On the command line and in the report.</param>
/// <param name="Sources">Files and folders, relative to the repository.</param>
/// <param name="Tests">Projects with the classes that may run, as the test runner's filter takes them.</param>
internal sealed record Area(string Name, string[] Sources, (string Project, string Classes)[] Tests)
{
    private const string Engine = "Tributary.Engine.Tests";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Area> All { get; } =
    [
        new(
            "limiter",
            ["src/Tributary.Engine/Outbound/Pacing", "src/Tributary.Engine/Store/LimitShares.cs"],
            [(Engine, $"{Engine}.Outbound.*")]
        ),
        new(
            "cache",
            ["src/Tributary.Engine/Outbound/Cache"],
            [(Engine, $"{Engine}.Outbound.*"), (Engine, $"{Engine}.Connectors.*")]
        ),
        new(
            "tokens",
            [
                "src/Tributary.Sdk/Authenticating",
                "src/Tributary.Engine/OAuth/TokenKeeper.cs",
                "src/Tributary.Engine/OAuth/CredentialTokens.cs",
            ],
            [("Tributary.Sdk.Tests", "Tributary.Sdk.Tests.*"), (Engine, $"{Engine}.OAuth.*")]
        ),
    ];

    /// <summary>Whether a source file belongs to it.</summary>
    public bool Has(string file) =>
        Sources.Any(source => file == source || file.StartsWith(source + "/", StringComparison.Ordinal));
}
