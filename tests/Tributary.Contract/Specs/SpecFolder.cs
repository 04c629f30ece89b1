namespace Tributary.Contract.Specs;

/// <summary>Where the vendors' descriptions are: <c>TRIBUTARY_SPECS</c>, else <c>shared/specs</c> beside the repository.</summary>
public static class SpecFolder
{
    private static readonly Lazy<string?> Found = new(Find);

    /// <summary>The folder with one folder a vendor; null when there is none, which CI does not put up with.</summary>
    public static string? Path => Found.Value;

    private static string? Find()
    {
        var folder = Environment.GetEnvironmentVariable("TRIBUTARY_SPECS") ?? Beside();
        if (folder is not null && Directory.Exists(folder))
        {
            return folder;
        }

        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            throw new InvalidOperationException(
                "The vendors' descriptions are not there: set TRIBUTARY_SPECS to their folder (one folder a vendor)."
            );
        }

        Console.WriteLine(
            "Left out: the check of requests and answers against the vendors' descriptions, and only that. "
                + "Set TRIBUTARY_SPECS to their folder to have it."
        );
        return null;
    }

    private static string? Beside()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Tributary.slnx")))
            {
                return System.IO.Path.Combine(folder.Parent?.FullName ?? "/", "shared", "specs");
            }
        }

        return null;
    }
}
