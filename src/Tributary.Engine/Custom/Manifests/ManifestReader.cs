using System.Text.Json;
using Tributary.Engine.Catalog;
using Tributary.Sdk;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Custom.Manifests;

/// <summary>
/// Reads the manifest that a custom integration's server serves, of any of its generations. What is wrong with it is
/// told completely, in words for the one who writes the server.
/// </summary>
internal sealed class ManifestReader
{
    private const int MaxText = 10_000;
    private const int MaxIcon = 200_000;
    private const int MaxEntries = 1_000;

    private readonly ManifestProblems _problems = new();
    private readonly Dictionary<string, IReadOnlyList<ConditionalLimit>> _limits = [];

    private ManifestReader() { }

    /// <summary>Reads one.</summary>
    /// <param name="slug">What the workspace calls the integration.</param>
    /// <param name="manifest">What the server answered.</param>
    /// <param name="problems">Every mistake; paths start at the manifest.</param>
    /// <returns>The manifest; null when there was a mistake.</returns>
    public static CustomManifest? Read(string slug, JsonElement manifest, out IReadOnlyList<SettingsProblem> problems)
    {
        var reader = new ManifestReader();
        var result = reader.Manifest(slug, manifest);
        problems = reader._problems.All;
        return problems.Count == 0 ? result : null;
    }

    private CustomManifest? Manifest(string slug, JsonElement manifest)
    {
        if (manifest.ValueKind != JsonValueKind.Object)
        {
            _problems.Add([], "dict_type", "The manifest should be a JSON object");
            return null;
        }

        var name = _problems.Text(manifest, [], "name", MaxText, isRequired: true) ?? "";
        var connector = manifest.Object("connector") ?? default;
        if (manifest.Member("connector") is { ValueKind: not JsonValueKind.Object })
        {
            _problems.Add(["connector"], "dict_type", "Should be an object with config.jsonSchema");
        }

        var generation =
            manifest.Object("extractors") is not null ? ContractGeneration.Current
            : manifest.Object("model") is not null ? ContractGeneration.Old
            : ContractGeneration.Unknown;
        var extractors =
            generation == ContractGeneration.Old && manifest.Object("model") is { } model
                ? OldModel.Extractors(model, _problems, _limits)
                : Entries(manifest, "extractors")
                    .ToDictionary(
                        entry => entry.Slug,
                        entry => ManifestExtractors.Read(entry.Value, entry.Path, entry.Slug, _problems, _limits)
                    );
        var description = new IntegrationDescription
        {
            Slug = slug,
            Name = name,
            Description = _problems.Text(manifest, [], "description", MaxText) ?? "",
            IsCustom = true,
            Category = IntegrationCategory.Custom,
            Icon = _problems.Text(manifest, [], "icon", MaxIcon),
            Color = _problems.Text(manifest, [], "color", 100),
            Url = _problems.Text(manifest, [], "url", 2_000),
            Documentation = manifest.Text("documentation") ?? "",
            RateLimit = _problems.Limit(connector, ["connector"], "rateLimit"),
            Config = _problems.Schemas(connector, ["connector"], "config"),
            CachingIsCompatible = connector.Object("caching")?.Flag("isCompatible") ?? false,
            OffersOAuth = OffersOAuth(connector),
            Actions = Entries(manifest, "actions")
                .ToDictionary(entry => entry.Slug, entry => Action(entry.Value, entry.Path, entry.Slug)),
            Extractors = extractors,
            Autocompletes = Entries(manifest, "autocompletes")
                .ToDictionary(entry => entry.Slug, entry => Autocomplete(entry.Value, entry.Path)),
            DynamicSchemas = Entries(manifest, "dynamicSchemas")
                .ToDictionary(entry => entry.Slug, entry => _problems.Schemas(entry.Value, entry.Path, "params")),
        };
        return new CustomManifest(generation, description, _limits);
    }

    private ActionDescription Action(JsonElement action, object[] path, string slug)
    {
        _limits[CustomManifest.ActionKey(slug)] = _problems.Limits(action, path);
        var executing = action.Object("executing") ?? default;
        return new ActionDescription
        {
            Name = _problems.Text(action, path, "name", MaxText) ?? slug,
            Description = _problems.Text(action, path, "description", MaxText) ?? "",
            Config = _problems.Schemas(action, path, "config"),
            IsRateLimited = action.Flag("isRateLimited") ?? true,
            IsSerialized = action.Flag("isSerialized") ?? false,
            CachingIsCompatible = action.Object("caching")?.Flag("isCompatible") ?? false,
            Retry = ManifestProblems.Retry(action),
            ExecutingRetry = ManifestProblems.Retry(executing),
            ExecutingWithRateLimit = executing.Flag("withRateLimit") ?? true,
            Raw = action.Clone(),
        };
    }

    private AutocompleteDescription Autocomplete(JsonElement autocomplete, object[] path) =>
        new(
            _problems.Schemas(autocomplete, path, "params"),
            autocomplete.Whole("cacheExpirationInSeconds") is { } seconds
                ? (int)Math.Clamp(seconds, 0, int.MaxValue)
                : null
        );

    // A map by slug, or an array whose items name theirs.
    private List<(string Slug, JsonElement Value, object[] Path)> Entries(JsonElement manifest, string name)
    {
        if (manifest.Member(name) is not { } entries)
        {
            return [];
        }

        var found = entries.ValueKind switch
        {
            JsonValueKind.Object => entries
                .EnumerateObject()
                .Select(entry => ((string?)entry.Name, entry.Value, Path: (object[])[name, entry.Name])),
            JsonValueKind.Array => entries
                .EnumerateArray()
                .Select((entry, index) => (entry.Text("slug"), entry, Path: (object[])[name, index])),
            _ => null,
        };
        if (found is null)
        {
            _problems.Add(
                [name],
                "dict_type",
                "Should be an object whose members are slugs, or an array of objects with a slug"
            );
            return [];
        }

        var result = new Dictionary<string, (string, JsonElement, object[])>(StringComparer.Ordinal);
        foreach (var (slug, value, path) in found.Take(MaxEntries + 1))
        {
            if (result.Count == MaxEntries)
            {
                _problems.Add([name], "too_long", $"At most {MaxEntries} are allowed");
            }
            else if (slug is null || !ManifestProblems.IsSlug(slug))
            {
                _problems.Add(path, "value_error", "A slug has 1 to 100 letters, digits, '_', '-' and '.'");
            }
            else if (value.ValueKind != JsonValueKind.Object)
            {
                _problems.Add(path, "dict_type", "Should be an object");
            }
            else if (!result.TryAdd(slug, (slug, value, path)))
            {
                _problems.Add(path, "value_error", $"The slug '{slug}' is there twice");
            }
        }

        return [.. result.Values];
    }

    // Forms mark the field that takes what a sign-in returns; servers that offer one say so in their uiSchema.
    private static bool OffersOAuth(JsonElement connector) =>
        connector.Object("oauth") is not null
        || connector.Flag("oauth") == true
        || connector
            .Object("config")
            ?.Object("uiSchema")
            ?.GetRawText()
            .Contains("oauth", StringComparison.OrdinalIgnoreCase) == true;
}
