using System.Text.Json;
using Tributary.Engine.Catalog;

namespace Tributary.Engine.Custom.Manifests;

/// <summary>Reads a manifest's extractors.</summary>
internal static class ManifestExtractors
{
    public static ExtractorDescription Read(
        JsonElement extractor,
        object[] path,
        string slug,
        ManifestProblems problems,
        Dictionary<string, IReadOnlyList<ConditionalLimit>> limits
    )
    {
        limits[CustomManifest.ExtractorKey(slug)] = problems.Limits(extractor, path);
        var fetching = extractor.Object("fetching") ?? default;
        return new ExtractorDescription
        {
            Name = problems.Text(extractor, path, "name", 10_000) ?? slug,
            Description = problems.Text(extractor, path, "description", 10_000) ?? "",
            Kind = OneOf(extractor, path, "kind", problems, "record", "query", "file"),
            Config = problems.Schemas(extractor, path, "config"),
            Mode = Mode(extractor, path, problems),
            Preview = OneOf(extractor, path, "preview", problems, "none", "records", "count"),
            Retry = ManifestProblems.Retry(extractor),
            FetchingRetry = ManifestProblems.Retry(fetching),
            FetchingWithRateLimit = fetching.Flag("withRateLimit") ?? true,
            Raw = extractor.Clone(),
        };
    }

    private static ExtractorMode Mode(JsonElement extractor, object[] path, ManifestProblems problems)
    {
        if (extractor.Object("mode") is not { } mode)
        {
            problems.Add(
                [.. path, "mode"],
                "missing",
                "Should be an object like {\"kind\": \"fetch\", \"isIncremental\": true}"
            );
            return new ExtractorMode(true);
        }

        path = [.. path, "mode"];
        var isIncremental = mode.Flag("isIncremental") ?? false;
        var strategy = mode.Member("writeStrategy") is null
            ? null
            : OneOf(mode, path, "writeStrategy", problems, "append", "overwrite");
        return new ExtractorMode(
            OneOf(mode, path, "kind", problems, "fetch", "ingest") == "fetch",
            isIncremental,
            mode.Flag("isWatchable") ?? false,
            mode.Whole("minIntervalInSeconds") is { } seconds ? (int)Math.Clamp(seconds, 0, int.MaxValue) : null,
            mode.Flag("autoFetch") ?? false,
            strategy is null ? isIncremental : strategy == "append",
            mode.Flag("autoIngest") ?? false
        );
    }

    // What is missing is the first.
    private static string OneOf(
        JsonElement json,
        object[] path,
        string name,
        ManifestProblems problems,
        params string[] allowed
    )
    {
        if (json.Member(name) is null)
        {
            return allowed[0];
        }

        var text = json.Text(name);
        if (text is null || !allowed.Contains(text))
        {
            problems.Add([.. path, name], "enum", $"Should be one of {string.Join(", ", allowed)}");
            return allowed[0];
        }

        return text;
    }
}
