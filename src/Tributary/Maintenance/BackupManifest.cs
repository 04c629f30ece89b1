using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tributary.Maintenance;

/// <summary>What a backup holds; the last entry of the archive.</summary>
internal sealed record BackupManifest
{
    /// <summary>The entry's name.</summary>
    public const string EntryName = "tributary-backup.json";

    /// <summary>The form that this version writes and reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>How members are written.</summary>
    public static JsonSerializerOptions Json { get; } =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>The form of the archive.</summary>
    [JsonRequired]
    public required int Format { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether the key ring is in it: without it secrets cannot be read.</summary>
    public required bool HasKeys { get; init; }

    /// <summary>The files.</summary>
    [JsonRequired]
    public required IReadOnlyList<BackupFile> Files { get; init; }
}

/// <summary>A file of a backup.</summary>
/// <param name="Path">Relative to the data directory, with forward slashes.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
internal sealed record BackupFile(string Path, long Length, string Sha256);
