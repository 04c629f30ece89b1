using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Discourse;

/// <summary>The forum's categories, and what of it is read.</summary>
/// <param name="IsOpen">Everyone may read what is not restricted.</param>
/// <param name="Categories">By id.</param>
/// <param name="Lists">The lists of topics that together are what is to be read: categories, null for the whole forum's.</param>
internal sealed record DiscourseForum(
    bool IsOpen,
    IReadOnlyDictionary<int, Category> Categories,
    IReadOnlyList<int?> Lists
)
{
    /// <summary>What is read, as a mark that another selection does not have.</summary>
    public string Selection => string.Join(',', Lists);

    public static async Task<DiscourseForum> OpenAsync(
        ReaderContext context,
        DiscourseConfig config,
        CancellationToken cancellationToken
    )
    {
        var info = await context.Http.GetJsonAsync(
            config.Root.At($"site/basic-info.json"),
            DiscourseJson.Default.BasicInfo,
            cancellationToken
        );
        var site = await context.Http.GetJsonAsync(
            config.Root.At($"site.json"),
            DiscourseJson.Default.Site,
            cancellationToken
        );
        return new DiscourseForum(
            !info.LoginRequired,
            site.Categories.ToDictionary(category => category.Id),
            config.Categories.Count > 0 ? Named(config, site.Categories) : Everything(site.Categories)
        );
    }

    /// <summary>"Support / Printers" for a category below another.</summary>
    public string? NameOf(int? id) =>
        id is not { } known || !Categories.TryGetValue(known, out var category) ? null
        : category.ParentCategoryId is { } parent && parent != known ? $"{NameOf(parent)} / {category.Name}"
        : category.Name;

    // A category's list has the topics of those below it; muted ones are missing from the forum's own list.
    private static IReadOnlyList<int?> Everything(IEnumerable<Category> categories) =>
        [null, .. categories.Where(category => category.IsMuted).Select(category => (int?)category.Id).Order()];

    private static IReadOnlyList<int?> Named(DiscourseConfig config, IReadOnlyList<Category> categories)
    {
        var wanted = config.Categories.ToLookup(name =>
            categories.Any(category => string.Equals(category.Name, name.Trim(), StringComparison.OrdinalIgnoreCase))
        );
        return wanted[false].FirstOrDefault() is { } unknown
            ? throw new SourceException(
                FailureKind.Configuration,
                $"The forum has no category '{unknown}' that these credentials can see. It has: "
                    + $"{string.Join(", ", categories.Select(category => category.Name).Order().Take(30))}."
            )
            {
                Member = "config.categories",
            }
            :
            [
                .. categories
                    .Where(category =>
                        wanted[true]
                            .Any(name => string.Equals(category.Name, name.Trim(), StringComparison.OrdinalIgnoreCase))
                    )
                    .Select(category => (int?)category.Id)
                    .Order(),
            ];
    }
}
