using System.Security.Cryptography;
using System.Text.Json;
using Tributary.Engine.Store;

namespace Tributary.Engine.Secrets;

/// <summary>
/// The keys that wrap the data keys of secrets. They live in a file of the data directory, outside the database (or come
/// from <c>TRIBUTARY_KEYS</c>), so that a copy of the database alone reveals nothing. The first key is the one in use.
/// </summary>
public sealed class KeyRing
{
    /// <summary>The file's name in the data directory.</summary>
    public const string FileName = "keys.json";

    private readonly string? _path;
    private volatile IReadOnlyList<KeyRingEntry> _keys;

    private KeyRing(string? path, IReadOnlyList<KeyRingEntry> keys) => (_path, _keys) = (path, keys);

    /// <summary>The id of the key in use.</summary>
    public string CurrentId => _keys[0].Id;

    /// <summary>Loads the ring of a data directory, and makes it when there is none.</summary>
    /// <param name="dataFolder">The data directory.</param>
    /// <param name="keyIdsInUse">Keys that stored secrets are wrapped by.</param>
    /// <param name="inline">The ring as JSON, in place of the file; null for the file.</param>
    /// <exception cref="StoreException">A key that is in use is missing: nothing is started, rather than secrets lost or stored in the clear.</exception>
    public static KeyRing Load(string dataFolder, IReadOnlyCollection<string> keyIdsInUse, string? inline = null)
    {
        var path = Path.Combine(dataFolder, FileName);
        if (inline is null && !File.Exists(path) && keyIdsInUse.Count == 0)
        {
            Write(path, [KeyRingEntry.New()]);
        }

        var keys = Parse(inline, path);
        var missing = keyIdsInUse.Where(id => !keys.Any(key => key.Id == id)).ToList();
        if (missing.Count > 0)
        {
            throw new StoreException(
                $"The key ring ({(inline is null ? Path.GetFullPath(path) : "TRIBUTARY_KEYS")}) lacks the key {string.Join(", ", missing)}, by which stored credentials are encrypted. Bring the ring back that belongs to this database; credentials cannot be read without it."
            );
        }

        return new KeyRing(inline is null ? path : null, keys);
    }

    /// <summary>Adds a new key and puts it in use; older keys stay until nothing is wrapped by them.</summary>
    /// <exception cref="StoreException">The ring does not come from a file.</exception>
    public void AddKey()
    {
        if (_path is null)
        {
            throw new StoreException(
                "The key ring comes from TRIBUTARY_KEYS: put a new key in front of it there, and start again."
            );
        }

        IReadOnlyList<KeyRingEntry> keys = [KeyRingEntry.New(), .. _keys];
        Write(_path, keys);
        _keys = keys;
    }

    /// <summary>Forgets every key but the one in use.</summary>
    public void DropOldKeys()
    {
        if (_path is not null)
        {
            Write(_path, [_keys[0]]);
            _keys = [_keys[0]];
        }
    }

    internal byte[] Find(string id) =>
        _keys.FirstOrDefault(key => key.Id == id)?.Key
        ?? throw new CryptographicException($"The key {id} is not in the key ring.");

    private static List<KeyRingEntry> Parse(string? inline, string path)
    {
        try
        {
            var json = inline ?? (File.Exists(path) ? File.ReadAllText(path) : "[]");
            var keys = JsonSerializer.Deserialize<List<KeyRingEntry>>(json) ?? [];
            return keys.Count > 0 && keys.TrueForAll(key => key.Key.Length == 32)
                ? keys
                : throw new StoreException(
                    $"The key ring {Path.GetFullPath(path)} is missing or empty, but credentials are stored. Bring it back."
                );
        }
        catch (JsonException exception)
        {
            throw new StoreException(
                $"The key ring {Path.GetFullPath(path)} is not readable: {exception.Message}",
                exception
            );
        }
    }

    private static void Write(string path, IReadOnlyList<KeyRingEntry> keys)
    {
        var temporary = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(temporary, options))
        {
            JsonSerializer.Serialize(stream, keys);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}

/// <summary>A key of the ring.</summary>
/// <param name="Id">Its name, stored with everything it wraps.</param>
/// <param name="Key">32 bytes.</param>
public sealed record KeyRingEntry(string Id, byte[] Key)
{
    /// <summary>A new random key.</summary>
    public static KeyRingEntry New() =>
        new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4)), RandomNumberGenerator.GetBytes(32));
}
