namespace Tributary.Bench;

/// <summary>Where things are.</summary>
internal static class Paths
{
    /// <summary>The root of the repository.</summary>
    public static string Repository { get; } = Find();

    /// <summary>The server, built with <c>-c Release</c>.</summary>
    public static string Server => Path.Combine(Repository, "artifacts/bin/Tributary/release/tributary");

    public static string Report => Path.Combine(Repository, "docs/benchmarks.md");

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Tributary.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("Run the benchmarks from a checkout of the repository.");
    }
}
