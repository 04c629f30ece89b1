using System.Runtime.CompilerServices;
using Tributary.Sdk;
using Tributary.Sdk.Content;

namespace Tributary.Engine.Files;

/// <summary>Folders of the server that the operator has opened to the <c>file</c> source.</summary>
internal static class ServerFolders
{
    /// <summary>Every file below a folder (or the file itself), in ordinal order, links left aside.</summary>
    public static async IAsyncEnumerable<FolderFile> EnumerateAsync(
        string folder,
        EngineOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var root = Resolve(folder, options);
        if (File.Exists(root))
        {
            yield return Describe(new FileInfo(root), root) with
            {
                RelativePath = "",
            };
            yield break;
        }

        // Depth first with the names of one folder at a time: memory grows with the widest folder, not with the tree.
        var waiting = new Stack<string>([root]);
        while (waiting.TryPop(out var current))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entries = new DirectoryInfo(current)
                .EnumerateFileSystemInfos()
                .Where(entry => entry.LinkTarget is null)
                .OrderBy(entry => entry.Name, StringComparer.Ordinal)
                .ToList();
            foreach (var file in entries.OfType<FileInfo>())
            {
                yield return Describe(file, root);
            }

            foreach (var inner in entries.OfType<DirectoryInfo>().Reverse())
            {
                waiting.Push(inner.FullName);
            }
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    /// <summary>The folder's true path, if the operator has allowed it.</summary>
    /// <exception cref="SourceException">He has not, or it does not exist.</exception>
    private static string Resolve(string folder, EngineOptions options)
    {
        if (!Path.IsPathFullyQualified(folder))
        {
            throw Refused($"'{folder}' is no absolute path.");
        }

        var path = Real(folder);
        var allowed = options.AllowedFolders.Split(
            [Path.PathSeparator, ','],
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
        );
        if (
            !allowed
                .Select(Real)
                .Any(root => path == root || path.StartsWith(root.TrimEnd('/') + '/', StringComparison.Ordinal))
        )
        {
            throw Refused(
                $"The folder '{folder}' is not open to sources. The operator opens folders with TRIBUTARY_ALLOWED_FOLDERS."
            );
        }

        return Directory.Exists(path) || File.Exists(path)
            ? path
            : throw Refused($"The folder '{folder}' does not exist.");
    }

    /// <summary>The path with every link on the way resolved, so that none leads out of an allowed folder.</summary>
    private static string Real(string path)
    {
        var full = Path.GetFullPath(path);
        var result = Path.GetPathRoot(full)!;
        foreach (
            var part in full[result.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries)
        )
        {
            result = Path.Combine(result, part);
            FileSystemInfo entry = Directory.Exists(result) ? new DirectoryInfo(result) : new FileInfo(result);
            if (entry.LinkTarget is not null && entry.ResolveLinkTarget(returnFinalTarget: true) is { } target)
            {
                result = target.FullName;
            }
        }

        return result;
    }

    private static FolderFile Describe(FileInfo file, string root) =>
        new(
            Path.GetRelativePath(root, file.FullName).Replace(Path.DirectorySeparatorChar, '/'),
            file.Length,
            new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero),
            _ =>
                ValueTask.FromResult<Stream>(
                    new FileStream(
                        file.FullName,
                        FileMode.Open,
                        FileAccess.Read,
                        FileShare.ReadWrite | FileShare.Delete
                    )
                )
        );

    private static SourceException Refused(string message) => new(FailureKind.Configuration, message);
}
