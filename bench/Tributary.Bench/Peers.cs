namespace Tributary.Bench;

/// <summary>The programs on Node.js that Tributary is compared with: <c>bench/peers</c>.</summary>
internal static class Peers
{
    private static string Folder => Path.Combine(Paths.Repository, "bench/peers");

    private static string Lock => Path.Combine(Folder, "package-lock.json");

    /// <summary>The path of a script, with the packages that it needs installed as the lock file names them.</summary>
    public static string Script(string name)
    {
        var installed = new FileInfo(Path.Combine(Folder, "node_modules/.package-lock.json"));
        if (!installed.Exists || installed.LastWriteTimeUtc < File.GetLastWriteTimeUtc(Lock))
        {
            Machine.Run("npm", "ci", "--prefix", Folder);
        }

        return Path.Combine(Folder, name);
    }
}
