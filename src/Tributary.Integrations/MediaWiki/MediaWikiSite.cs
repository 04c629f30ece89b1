using System.Text;
using Tributary.Sdk.Markup;

namespace Tributary.Integrations.MediaWiki;

/// <summary>What a wiki says about itself.</summary>
internal sealed record MediaWikiSite(WikiGeneral General, IReadOnlyDictionary<int, WikiNamespace> Namespaces)
{
    /// <summary>The wiki's own clock, to compare its time stamps with.</summary>
    public DateTimeOffset Now(TimeProvider ours) => General.Time ?? ours.GetUtcNow();

    /// <summary>Namespaces whose pages are content: the main one, and those that the wiki's owner added.</summary>
    public bool IsContent(int ns) => ns == 0 || (Namespaces.TryGetValue(ns, out var found) && found.Content);

    public string NameOf(int ns) =>
        Namespaces.TryGetValue(ns, out var found) && found.Name is { Length: > 0 } name ? name : "Main";

    /// <summary>A category's name as the wiki itself writes it: no prefix, spaces for underscores, first letter as the wiki's rule wants it.</summary>
    public string WithoutCategoryPrefix(string title)
    {
        var name = title.Replace('_', ' ').Trim();
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && IsCategoryPrefix(name[..colon].TrimEnd()))
        {
            name = name[(colon + 1)..].TrimStart();
        }

        return General.Case == "case-sensitive" || name.Length == 0 ? name : UpperFirst(name);
    }

    /// <summary>What the conversion of a page's source has to know of this wiki.</summary>
    public WikitextOptions Markup =>
        new()
        {
            AddressOf = AddressOf,
            FilesAndCategories =
            [
                .. new[] { WikiNamespace.File, WikiNamespace.Category }
                    .Where(Namespaces.ContainsKey)
                    .Select(ns => Namespaces[ns].Name)
                    .OfType<string>(),
            ],
        };

    /// <summary>The address of a page by its title; null where the wiki does not tell its pattern.</summary>
    private string? AddressOf(string title) =>
        General is { Server: { } server, ArticlePath: { } path }
            ? (server.StartsWith("//", StringComparison.Ordinal) ? "https:" : "")
                + server
                + path.Replace(
                    "$1",
                    Uri.EscapeDataString(title.Replace(' ', '_')).Replace("%2F", "/").Replace("%3A", ":"),
                    StringComparison.Ordinal
                )
            : null;

    private bool IsCategoryPrefix(string prefix) =>
        prefix.Equals("Category", StringComparison.OrdinalIgnoreCase)
        || (
            Namespaces.TryGetValue(WikiNamespace.Category, out var category)
            && prefix.Equals(category.Name, StringComparison.OrdinalIgnoreCase)
        );

    private static string UpperFirst(string name)
    {
        Rune.DecodeFromUtf16(name, out var first, out var length);
        return Rune.ToUpperInvariant(first) + name[length..];
    }
}
