namespace Tributary.Mutation;

/// <summary>What is judged together: sources, and the tests that are to notice every mistake in them.</summary>
/// <param name="Name">On the command line and in the report.</param>
/// <param name="Sources">Files and folders, relative to the repository.</param>
/// <param name="Tests">Classes of tests.</param>
internal sealed record Area(string Name, string[] Sources, (string Project, string Class)[] Tests)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Area> All { get; } =
    [
        new(
            "limiter",
            ["src/Tributary.Engine/Outbound/Pacing", "src/Tributary.Engine/Store/LimitShares.cs"],
            InEngine(
                "Outbound.ArrivalGuardTests",
                "Outbound.ConnectorLimitsTests",
                "Outbound.HoldUntilTests",
                "Outbound.HostPaceTests",
                "Outbound.LimitKeeperTests",
                "Outbound.LimitReservesTests",
                "Outbound.LimitSharesTests",
                "Outbound.OutboundTelemetryTests",
                "Outbound.PacingHandlerTests",
                "Outbound.RollingWindowTests",
                "Outbound.SharedLimitsTests"
            )
        ),
        new(
            "cache",
            ["src/Tributary.Engine/Outbound/Cache"],
            InEngine("Outbound.CacheHandlerTests", "Outbound.CachePartsTests", "Outbound.ResponseCacheTests")
        ),
        new(
            "tokens",
            [
                "src/Tributary.Sdk/Authenticating",
                "src/Tributary.Engine/OAuth/TokenKeeper.cs",
                "src/Tributary.Engine/OAuth/CredentialTokens.cs",
            ],
            [
                .. In(
                    "Tributary.Sdk.Tests",
                    "ApplicationGrantTests",
                    "AuthenticationTests",
                    "AwsRequestTests",
                    "AwsRoleTests",
                    "AwsSignerTests",
                    "GrantTests",
                    "OAuthGrantTests",
                    "TokenEndpointTests",
                    "TokenTests"
                ),
                .. InEngine("OAuth.CredentialsOnTheWireTests", "OAuth.TokenKeeperTests"),
            ]
        ),
    ];

    /// <summary>Whether a source file belongs to it.</summary>
    public bool Has(string file) =>
        Sources.Any(source => file == source || file.StartsWith(source + "/", StringComparison.Ordinal));

    private static (string Project, string Class)[] InEngine(params string[] classes) =>
        In("Tributary.Engine.Tests", classes);

    private static (string Project, string Class)[] In(string project, params string[] classes) =>
        [.. classes.Select(name => (project, $"{project}.{name}"))];
}
