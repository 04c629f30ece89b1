using System.Net;
using Tributary.Sdk;
using Tributary.Sdk.Http;

namespace Tributary.Integrations.Discourse;

/// <summary>All categories that the credentials can see, each once.</summary>
internal static class DiscourseCategories
{
    private const int MostPages = 1_000;

    /// <summary>By the description of the site, or by the list of categories where that has none.</summary>
    public static async Task<IReadOnlyList<Category>> AllAsync(
        HttpClient http,
        Uri root,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var site = await http.GetJsonAsync(root.At($"site.json"), DiscourseJson.Default.Site, cancellationToken);
            if (site.Categories is { } categories)
            {
                return [.. categories.DistinctBy(category => category.Id)];
            }
        }
        catch (SourceException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            // An older forum, or a gateway that leaves it out.
        }

        return await ListedAsync(http, root, cancellationToken);
    }

    /// <summary>The tree, whose first level has pages on large forums; on others every page is the whole.</summary>
    private static async Task<IReadOnlyList<Category>> ListedAsync(
        HttpClient http,
        Uri root,
        CancellationToken cancellationToken
    )
    {
        var all = new Dictionary<int, Category>();
        for (var (page, before) = (1, -1); all.Count > before && page <= MostPages; page++)
        {
            before = all.Count;
            var answer = await http.GetJsonAsync(
                root.At($"categories.json", ("include_subcategories", true), ("page", page)),
                DiscourseJson.Default.CategoriesAnswer,
                cancellationToken
            );
            Add(all, answer.CategoryList.Categories, above: null);
        }

        return [.. all.Values];
    }

    private static void Add(Dictionary<int, Category> all, IReadOnlyList<Category> categories, int? above)
    {
        foreach (var category in categories)
        {
            all.TryAdd(category.Id, category with { ParentCategoryId = category.ParentCategoryId ?? above });
            Add(all, category.SubcategoryList ?? [], category.Id);
        }
    }
}
