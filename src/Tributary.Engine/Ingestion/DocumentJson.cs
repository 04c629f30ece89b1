using System.Text.Json;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Ingestion;

/// <summary>How owners, tags and access lists are stored with a document.</summary>
public static class DocumentJson
{
    /// <summary>Owners; null when there are none. The member <c>search</c> holds names and addresses in lower case, for filters.</summary>
    public static string? WriteOwners(IReadOnlyList<Owner> primary, IReadOnlyList<Owner> secondary)
    {
        if (primary.Count == 0 && secondary.Count == 0)
        {
            return null;
        }

        var search = primary
            .Concat(secondary)
            .SelectMany(owner => new[] { owner.Name, owner.Email })
            .Where(text => !string.IsNullOrEmpty(text))
            .Select(text => text!.ToLowerInvariant())
            .Distinct();
        return JsonSerializer.Serialize(new StoredOwners(primary, secondary, [.. search]), SettingsJson.Options);
    }

    /// <summary>The owners that <see cref="WriteOwners"/> wrote.</summary>
    public static (IReadOnlyList<Owner> Primary, IReadOnlyList<Owner> Secondary) ReadOwners(string? json)
    {
        if (json is null || JsonSerializer.Deserialize<StoredOwners>(json, SettingsJson.Options) is not { } owners)
        {
            return ([], []);
        }

        return (owners.Primary, owners.Secondary);
    }

    /// <summary>Tags in order of their names; null when there are none.</summary>
    public static string? WriteMetadata(IReadOnlyDictionary<string, MetadataValue> metadata) =>
        metadata.Count == 0
            ? null
            : JsonSerializer.Serialize(
                new SortedDictionary<string, MetadataValue>(metadata.ToDictionary(), StringComparer.Ordinal),
                SettingsJson.Options
            );

    /// <summary>The tags that <see cref="WriteMetadata"/> wrote.</summary>
    public static IReadOnlyDictionary<string, MetadataValue> ReadMetadata(string? json) =>
        json is null
            ? new Dictionary<string, MetadataValue>()
            : JsonSerializer.Deserialize<Dictionary<string, MetadataValue>>(json, SettingsJson.Options)!;

    /// <summary>An access list; null when unknown.</summary>
    public static string? WriteAccess(DocumentAccess? access) =>
        access is null ? null : JsonSerializer.Serialize(access, SettingsJson.Options);

    private sealed record StoredOwners(
        IReadOnlyList<Owner> Primary,
        IReadOnlyList<Owner> Secondary,
        IReadOnlyList<string> Search
    );
}
