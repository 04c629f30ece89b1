using System.Text;
using System.Text.Json;
using Tributary.Integrations.TaggedFiles;
using Tributary.Sdk.Content;

namespace Tributary.Integrations.File;

/// <summary>What a metadata file says, by the path of the file that it says it of.</summary>
/// <param name="tags">By path with forward slashes.</param>
/// <param name="folder">The folder that the metadata file stands in, with a slash at its end, or empty: paths may begin there or at the root.</param>
/// <param name="matchesNames">Whether an entry without a folder also means a file of that name in any folder.</param>
internal sealed class FileTagTable(IReadOnlyDictionary<string, FileTag> tags, string folder, bool matchesNames)
{
    /// <summary>The largest metadata file: it is held in memory.</summary>
    public const int MaxBytes = 32 * 1024 * 1024;

    /// <summary>Whether a file of this name holds metadata of its neighbours.</summary>
    public static bool IsName(string name) => name is ".onyx_metadata.json" or ".danswer_metadata.json";

    /// <summary>The table of a JSON value.</summary>
    /// <returns>What is wrong with it; null when it was read.</returns>
    public static string? TryRead(JsonElement json, out IReadOnlyDictionary<string, FileTag> tags)
    {
        var found = new Dictionary<string, FileTag>(StringComparer.Ordinal);
        tags = found;
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var entry in json.EnumerateObject())
                {
                    if (entry.Value.ValueKind != JsonValueKind.Object)
                    {
                        return $"The entry of '{entry.Name}' should be an object";
                    }

                    found[Normal(entry.Name)] = FileTag.Of(entry.Value);
                }

                return null;
            case JsonValueKind.Array:
                foreach (var entry in json.EnumerateArray())
                {
                    if (
                        entry.ValueKind != JsonValueKind.Object
                        || !entry.TryGetProperty("filename", out var name)
                        || name.ValueKind != JsonValueKind.String
                    )
                    {
                        return "Each entry should be an object with a member 'filename'";
                    }

                    found[Normal(name.GetString()!)] = FileTag.Of(entry);
                }

                return null;
            default:
                return "Should be a list of objects with 'filename', or an object keyed by file name";
        }
    }

    /// <summary>The table of a metadata file.</summary>
    /// <returns>What is wrong with it, null when it was read; and what it says, nothing when it was not.</returns>
    public static async Task<(string? Problem, IReadOnlyDictionary<string, FileTag> Tags)> ReadAsync(
        Func<CancellationToken, ValueTask<Stream>> openAsync,
        CancellationToken cancellationToken
    )
    {
        var none = new Dictionary<string, FileTag>();
        try
        {
            await using var json = await openAsync(cancellationToken);
            if (json.Length > MaxBytes)
            {
                return ($"The metadata file is larger than {MaxBytes} bytes.", none);
            }

            using var document = await JsonDocument.ParseAsync(
                json,
                new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip },
                cancellationToken
            );
            var problem = TryRead(document.RootElement, out var tags);
            return problem is null ? (null, tags) : ($"The metadata file does not have its form: {problem}.", none);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return ($"The metadata file is not valid JSON: {exception.Message}", none);
        }
        catch (Exception exception) when (exception is IOException or ContentException or UnauthorizedAccessException)
        {
            return ($"The metadata file cannot be opened: {exception.Message}", none);
        }
    }

    /// <summary>What is said of a file; null when nothing is.</summary>
    public FileTag? Find(string path)
    {
        var wanted = Normal(path);
        return tags.GetValueOrDefault(wanted)
            ?? (
                folder.Length > 0 && wanted.StartsWith(folder, StringComparison.Ordinal)
                    ? tags.GetValueOrDefault(wanted[folder.Length..])
                    : null
            )
            ?? (matchesNames ? tags.GetValueOrDefault(wanted[(wanted.LastIndexOf('/') + 1)..]) : null);
    }

    /// <summary>One spelling for names: archives of some systems take letters apart (NFD) or use backslashes.</summary>
    private static string Normal(string path)
    {
        var slashed = path.Replace('\\', '/');
        while (slashed.StartsWith("./", StringComparison.Ordinal))
        {
            slashed = slashed[2..];
        }

        try
        {
            return slashed.TrimStart('/').Normalize(NormalizationForm.FormC);
        }
        catch (ArgumentException)
        {
            // Half a surrogate pair has no normal form; the name as it is still finds itself.
            return slashed;
        }
    }
}
