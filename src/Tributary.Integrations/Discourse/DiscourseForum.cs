using System.Net;
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
        var isOpen = await IsOpenAsync(context, config, cancellationToken);
        var categories = await DiscourseCategories.AllAsync(context.Http, config.Root, cancellationToken);
        return new DiscourseForum(
            isOpen,
            categories.ToDictionary(category => category.Id),
            config.Names.Count > 0 ? Named(config.Names, categories) : Everything(categories)
        );
    }

    /// <summary>Whether a topic of a list's answer belongs to it: some servers do not know what restricts a list.</summary>
    public bool Has(ListedTopic topic, int? list) =>
        !topic.IsMessage
        && (
            list is null
            || topic.CategoryId is not { } category
            || !Categories.ContainsKey(category)
            || PathOf(category).Any(one => one.Id == list)
        );

    /// <summary>"Support / Printers" for a category below another.</summary>
    public string? NameOf(int? id) =>
        PathOf(id).Select(category => category.Name).Reverse().ToArray() is { Length: > 0 } names
            ? string.Join(" / ", names)
            : null;

    /// <summary>A category and those above it, which end where one would come again.</summary>
    private IEnumerable<Category> PathOf(int? id)
    {
        var seen = new HashSet<int>();
        while (id is { } one && seen.Add(one) && Categories.TryGetValue(one, out var category))
        {
            yield return category;
            id = category.ParentCategoryId;
        }
    }

    /// <summary>A forum that does not tell is taken for one that asks for a login: nobody sees too much of it.</summary>
    private static async Task<bool> IsOpenAsync(
        ReaderContext context,
        DiscourseConfig config,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var info = await context.Http.GetJsonAsync(
                config.Root.At($"site/basic-info.json"),
                DiscourseJson.Default.BasicInfo,
                cancellationToken
            );
            return info.LoginRequired != true;
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    // A category's list has the topics of those below it; muted ones are missing from the forum's own list.
    private static IReadOnlyList<int?> Everything(IEnumerable<Category> categories) =>
        [null, .. categories.Where(category => category.IsMuted).Select(category => (int?)category.Id).Order()];

    private static IReadOnlyList<int?> Named(IReadOnlyList<string> names, IReadOnlyList<Category> categories)
    {
        var wanted = names.ToLookup(name =>
            categories.Any(category => string.Equals(category.Name, name, StringComparison.OrdinalIgnoreCase))
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
                        wanted[true].Any(name => string.Equals(category.Name, name, StringComparison.OrdinalIgnoreCase))
                    )
                    .Select(category => (int?)category.Id)
                    .Order(),
            ];
    }
}
