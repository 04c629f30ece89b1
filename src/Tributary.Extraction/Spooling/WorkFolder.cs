namespace Tributary.Extraction.Spooling;

/// <summary>A folder for the files of one converter run, removed with everything in it.</summary>
internal sealed class WorkFolder : IDisposable
{
    public WorkFolder(string parent)
    {
        Path = System.IO.Path.Combine(parent, $"tributary-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path);
        if (!OperatingSystem.IsWindows())
        {
            // Documents of others must not be readable by every user of the machine.
            File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes the content into a file of the folder and returns its path.</summary>
    public async Task<string> WriteAsync(string name, Stream content, CancellationToken cancellationToken)
    {
        var path = this[name];
        content.Position = 0;
        await using var file = File.Create(path);
        await content.CopyToAsync(file, cancellationToken);
        return path;
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // The converter removed it itself.
        }
        catch (IOException)
        {
            // A child that is being killed may still have put a file there: what is left is litter, not an error.
        }
    }
}
