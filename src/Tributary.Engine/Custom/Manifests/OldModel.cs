using System.Text.Json;
using Tributary.Engine.Catalog;

namespace Tributary.Engine.Custom.Manifests;

/// <summary>
/// The old generation's <c>model</c>: one schema whose options are slugs, and variants of which the first that names a slug
/// (or none at all) says how it is fetched. To everybody else they look like extractors.
/// </summary>
internal static class OldModel
{
    private const string OnlySlug = "model";

    public static Dictionary<string, ExtractorDescription> Extractors(
        JsonElement model,
        ManifestProblems problems,
        Dictionary<string, IReadOnlyList<ConditionalLimit>> limits
    )
    {
        var variants = model.Items("variants").ToList();
        if (variants.Count == 0)
        {
            // The oldest manifests have their config right there.
            variants = [model];
        }

        var result = new Dictionary<string, ExtractorDescription>(StringComparer.Ordinal);
        foreach (var (slug, label) in Slugs(model, variants))
        {
            var index = variants.FindIndex(variant => Covers(variant, slug));
            if (index >= 0 && ManifestProblems.IsSlug(slug))
            {
                var path = (object[])["model", "variants", index];
                var extractor = ManifestExtractors.Read(WithMode(variants[index]), path, slug, problems, limits);
                result[slug] = extractor with { Name = variants[index].Text("name") ?? label };
            }
        }

        return result;
    }

    private static List<(string Slug, string Label)> Slugs(JsonElement model, List<JsonElement> variants)
    {
        var schema = model.Object("slug")?.Member("jsonSchema") ?? default;
        var options = schema
            .Items("enum")
            .Where(item => item.ValueKind == JsonValueKind.String)
            .Select(item => (Slug: item.GetString()!, Label: item.GetString()!))
            .Concat(
                schema
                    .Items("oneOf")
                    .Concat(schema.Items("anyOf"))
                    .Where(item => item.Text("const") is not null)
                    .Select(item => (item.Text("const")!, item.Text("title") ?? item.Text("const")!))
            )
            .Concat(variants.SelectMany(Named).Select(slug => (slug, slug)))
            .DistinctBy(option => option.Item1)
            .ToList();
        return options.Count > 0 ? options : [(OnlySlug, OnlySlug)];
    }

    private static bool Covers(JsonElement variant, string slug) =>
        variant.Object("condition") is null || Named(variant).Contains(slug);

    private static IEnumerable<string> Named(JsonElement variant) =>
        (variant.Object("condition") ?? default)
            .Items("slugs")
            .Where(item => item.ValueKind == JsonValueKind.String)
            .Select(item => item.GetString()!);

    // The old generation could do without.
    private static JsonElement WithMode(JsonElement variant)
    {
        if (variant.Object("mode") is not null)
        {
            return variant;
        }

        var members = variant
            .EnumerateObject()
            .Where(member => member.Name != "mode")
            .ToDictionary(m => m.Name, m => m.Value);
        members["mode"] = JsonElement.Parse("""{"kind":"fetch","isIncremental":false}"""u8);
        return JsonSerializer.SerializeToElement(members);
    }
}
