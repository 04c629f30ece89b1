using System.Net;
using Tributary.Sdk;

namespace Tributary.Engine.Catalog;

/// <summary>
/// What an integration looks like in the catalogue: the SVG that its assembly embeds under <c>icons/{slug}.svg</c>; where
/// there is none, a tile with the first letter of its name in the colour of its shelf.
/// </summary>
internal static class IntegrationIcon
{
    public static string Of(Integration integration)
    {
        var manifest = integration.Manifest;
        using var embedded = integration.GetType().Assembly.GetManifestResourceStream($"icons/{manifest.Slug}.svg");
        if (embedded is null)
        {
            return Letter(manifest);
        }

        using var reader = new StreamReader(embedded);
        return reader.ReadToEnd().TrimEnd();
    }

    public static string ColorOf(IntegrationCategory category) =>
        category switch
        {
            IntegrationCategory.Knowledge => "#2f6f9f",
            IntegrationCategory.Storage => "#5a7d2b",
            IntegrationCategory.Communication => "#8a4fa3",
            IntegrationCategory.Projects => "#b0641c",
            IntegrationCategory.Development => "#3d4451",
            IntegrationCategory.Support => "#1f8a7a",
            IntegrationCategory.Sales => "#b23a48",
            _ => "#6b6b6b",
        };

    private static string Letter(IntegrationManifest manifest) =>
        $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="{ColorOf(manifest.Category)}"/><text x="16" y="22" font-family="sans-serif" font-size="18" text-anchor="middle" fill="#ffffff">{WebUtility.HtmlEncode(manifest.Name[..1])}</text></svg>""";
}
