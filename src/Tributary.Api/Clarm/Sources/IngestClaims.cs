using System.Text.Json;
using Tributary.Api.Clarm.Files;
using Tributary.Sdk.Content;

namespace Tributary.Api.Clarm.Sources;

/// <summary>A source to create, with the uploads that are its own.</summary>
/// <param name="Body">As it was sent.</param>
/// <param name="Config">Its config, with the uploads' ids filled in.</param>
/// <param name="Credentials">What it is to be read with.</param>
/// <param name="Files">Its uploads.</param>
/// <param name="Problem">Why it cannot be created; null when it can.</param>
internal sealed record PlannedSource(
    IngestSourceBody Body,
    JsonElement Config,
    JsonElement Credentials,
    IReadOnlyList<StoredFile> Files,
    string? Problem
);

/// <summary>Decides which upload belongs to which source.</summary>
internal static class IngestClaims
{
    private const string FileType = "file";
    private static readonly JsonElement Empty = JsonElement.Parse("{}");

    /// <summary>
    /// Sources that name files take them first; then the first <c>file</c> source that names none takes the rest; what
    /// nobody takes becomes a source of its own, named after its first file.
    /// </summary>
    public static IReadOnlyList<PlannedSource> Assign(
        IReadOnlyList<(IngestSourceBody Body, JsonElement Json)> sources,
        IReadOnlyList<StoredFile> files
    )
    {
        var free = files.ToList();
        var planned = new PlannedSource?[sources.Count];
        foreach (var (index, (body, json)) in sources.Index())
        {
            if (body.Type != FileType)
            {
                planned[index] = new PlannedSource(body, Config(json), Credentials(json), [], Problem: null);
            }
            else if (Strings(json, "file_locations") is { Count: > 0 })
            {
                planned[index] = new PlannedSource(body, Config(json), Credentials(json), [], Problem: null);
            }
            else if (Strings(json, "file_names") is { Count: > 0 } names)
            {
                planned[index] = Named(body, json, names, free);
            }
        }

        foreach (var (index, (body, json)) in sources.Index())
        {
            planned[index] ??= Rest(body, json, free);
        }

        return free.Count == 0
            ? [.. planned!]
            : [.. planned!, Rest(new IngestSourceBody { Name = free[0].Name, Type = FileType }, Empty, free)];
    }

    private static PlannedSource Named(
        IngestSourceBody body,
        JsonElement json,
        IReadOnlyList<string> names,
        List<StoredFile> free
    )
    {
        var taken = new List<StoredFile>();
        var missing = new List<string>();
        foreach (var name in names)
        {
            if (free.Find(file => file.Name == name) is { } file)
            {
                free.Remove(file);
                taken.Add(file);
            }
            else
            {
                missing.Add(name);
            }
        }

        var problem = missing.Count == 0 ? null : $"Not uploaded with this request: {string.Join(", ", missing)}";
        return new PlannedSource(body, Uploads.FillIn(Config(json), taken), Credentials(json), taken, problem);
    }

    private static PlannedSource Rest(IngestSourceBody body, JsonElement json, List<StoredFile> free)
    {
        IReadOnlyList<StoredFile> taken = [.. free];
        free.Clear();
        var problem = taken.Count == 0 ? "No uploaded file is left for this source" : null;
        return new PlannedSource(body, Uploads.FillIn(Config(json), taken), Credentials(json), taken, problem);
    }

    private static JsonElement Config(JsonElement json) => Member(json, "config") ?? Empty;

    private static JsonElement Credentials(JsonElement json) =>
        Member(json, "credential") is { } credential ? Member(credential, "credentials") ?? Empty : Empty;

    private static JsonElement? Member(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static List<string>? Strings(JsonElement json, string name) =>
        Member(json, "config") is { } config
        && config.TryGetProperty(name, out var list)
        && list.ValueKind == JsonValueKind.Array
            ?
            [
                .. list.EnumerateArray()
                    .Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : item.GetRawText()),
            ]
            : null;
}
