using Tributary.Engine.Catalog;
using Tributary.Sdk;

namespace Tributary.Engine.Custom.Manifests;

/// <summary>A custom integration's manifest, understood.</summary>
/// <param name="Generation">Which generation of the contract its server speaks.</param>
/// <param name="Description">The same as the catalogue has it; without slug, which is ours to give.</param>
/// <param name="Limits">Limits of single actions and extractors that hold for some configs.</param>
internal sealed record CustomManifest(
    ContractGeneration Generation,
    IntegrationDescription Description,
    IReadOnlyDictionary<string, IReadOnlyList<ConditionalLimit>> Limits
)
{
    /// <summary>The key of an action's limits.</summary>
    public static string ActionKey(string slug) => "action/" + slug;

    /// <summary>The key of an extractor's limits.</summary>
    public static string ExtractorKey(string slug) => "extractor/" + slug;
}

/// <summary>The generations of the contract between a platform and a custom integration's server, as far as calls differ.</summary>
internal enum ContractGeneration
{
    /// <summary><c>/extractors/{slug}/fetch</c>, <c>/autocompletes/{slug}</c>, …</summary>
    Current,

    /// <summary><c>/model/fetch</c> (once <c>/model/execute</c>), <c>/autocomplete</c>, <c>/getDynamicSchema</c>: slugs in the body.</summary>
    Old,

    /// <summary>The manifest does not tell: the current paths are tried first.</summary>
    Unknown,
}

/// <summary>A limit that holds when a call's config fits a schema.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="ResourceId">Limits with the same one share their window; null for one of its own.</param>
/// <param name="Schema">Which configs; null for all.</param>
internal sealed record ConditionalLimit(RateLimit Limit, string? ResourceId, System.Text.Json.JsonElement? Schema);
