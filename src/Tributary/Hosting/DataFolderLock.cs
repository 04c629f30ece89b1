namespace Tributary.Hosting;

/// <summary>Keeps two servers from working on one data directory. Held as long as this lives, and let go by the system when the process dies.</summary>
internal sealed class DataFolderLock : IDisposable
{
    /// <summary>The file inside the data directory.</summary>
    public const string FileName = ".lock";

    private readonly FileStream _file;

    private DataFolderLock(FileStream file) => _file = file;

    /// <summary>Makes the folder when needed, and takes it.</summary>
    /// <exception cref="StartException">Somebody else has it, or it cannot be written to.</exception>
    public static DataFolderLock Take(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new DataFolderLock(
                new FileStream(
                    Path.Combine(folder, FileName),
                    FileMode.OpenOrCreate,
                    FileAccess.ReadWrite,
                    FileShare.None
                )
            );
        }
        catch (UnauthorizedAccessException)
        {
            throw new StartException(
                $"The data directory {Path.GetFullPath(folder)} cannot be written to. Give this user the right to, or choose another one with --data."
            );
        }
        catch (IOException) when (File.Exists(Path.Combine(folder, FileName)))
        {
            throw new StartException(
                $"The data directory {Path.GetFullPath(folder)} is in use by another tributary process. Stop that one, or choose another directory with --data."
            );
        }
        catch (IOException exception)
        {
            throw new StartException(
                $"The data directory {Path.GetFullPath(folder)} cannot be used: {exception.Message}"
            );
        }
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();
}
