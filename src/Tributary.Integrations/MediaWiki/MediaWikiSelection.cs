using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tributary.Sdk;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.MediaWiki;

/// <summary>What of a wiki is read, as work items: a category each, a few page titles each, or everything.</summary>
internal sealed record MediaWikiSelection(
    IReadOnlyList<string> Categories,
    IReadOnlyList<string> Pages,
    int RecurseDepth
)
{
    // Ten titles of 255 bytes still make an address that every server takes.
    private const int TitlesPerRequest = 10;
    private const string CategoryKey = "category:";
    private const string TitlesKey = "titles:";
    private const string EverythingKey = "everything";

    private const string PageProperties = "info|revisions";

    /// <summary>Tells one selection from another: a position in one means nothing in another.</summary>
    public string ToMark() =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this, SettingsJson.Options)))[
            ..16
        ];

    public static IEnumerable<SettingsProblem> Problems(IReadOnlyList<string> categories, IReadOnlyList<string> pages)
    {
        foreach (var (member, names) in new[] { ("categories", categories), ("pages", pages) })
        {
            if (names.Any(name => string.IsNullOrWhiteSpace(name) || name.AsSpan().ContainsAny('|', '\u001f')))
            {
                yield return SettingsProblem.Of(member, "A name may not be empty and may not hold '|'");
            }
        }
    }

    /// <summary>Where a pass begins.</summary>
    public IReadOnlyList<WorkItem> Seeds(MediaWikiSite site) =>
        Categories.Count + Pages.Count == 0
            ? [new WorkItem(EverythingKey)]
            :
            [
                .. Categories.Select(name => CategoryItem(site, name, depth: 0)),
                .. Pages
                    .Chunk(TitlesPerRequest)
                    .Select(titles => Encoded(string.Join('|', titles)))
                    .Select((titles, index) => new WorkItem($"{TitlesKey}{index}", titles)),
            ];

    /// <summary>The sub-categories among the members of a category, as further work; none below the chosen depth.</summary>
    public IReadOnlyList<WorkItem> SubCategories(
        MediaWikiSite site,
        WorkItem category,
        IEnumerable<WikiPage> members
    ) =>
        Descends(category)
            ?
            [
                .. members
                    .Where(page => page is { Ns: WikiNamespace.Category, Title: not null })
                    .Select(page => CategoryItem(site, page.Title!, category.Depth + 1)),
            ]
            : [];

    /// <summary>The query that lists the pages of a work item, with address, revision and last change of each.</summary>
    public Dictionary<string, string> QueryOf(WorkItem item)
    {
        var query = new Dictionary<string, string>
        {
            ["prop"] = PageProperties,
            ["inprop"] = "url",
            ["rvprop"] = "ids|timestamp|user",
        };
        if (item.Key.StartsWith(TitlesKey, StringComparison.Ordinal))
        {
            query["titles"] = item.Data!;
            query["redirects"] = "1";
        }
        else if (item.Key.StartsWith(CategoryKey, StringComparison.Ordinal))
        {
            query["generator"] = "categorymembers";
            query["gcmtitle"] = item.Data!;
            query["gcmtype"] = Descends(item) ? "page|subcat" : "page";
            query["gcmlimit"] = "max";
        }
        else
        {
            query["generator"] = "allpages";
            query["gapnamespace"] = "0";
            query["gapfilterredir"] = "nonredirects";
            query["gaplimit"] = "max";
        }

        return query;
    }

    /// <summary>Whether the pages of this item were named one by one, so that each has to be there.</summary>
    public static bool AreNamed(WorkItem item) => item.Key.StartsWith(TitlesKey, StringComparison.Ordinal);

    /// <summary>What to say when a work item turns out to name nothing.</summary>
    public static SourceException NothingIn(WorkItem item) =>
        item.Key.StartsWith(CategoryKey, StringComparison.Ordinal)
            ? new SourceException(
                FailureKind.Configuration,
                $"The category '{item.Key[CategoryKey.Length..]}' does not exist or is empty: correct its name."
            )
            {
                Member = "config.categories",
            }
        : AreNamed(item)
            ? new SourceException(
                FailureKind.Configuration,
                $"None of these pages exists: {item.Data!.Replace("|", ", ", StringComparison.Ordinal)}. Correct their titles."
            )
            {
                Member = "config.pages",
            }
        : new SourceException(FailureKind.Configuration, "The wiki has no pages in its main namespace.");

    private static string Encoded(string titles) => titles.Normalize(NormalizationForm.FormC);

    private static WorkItem CategoryItem(MediaWikiSite site, string name, int depth)
    {
        var title = site.WithoutCategoryPrefix(Encoded(name));
        return new WorkItem(CategoryKey + title, "Category:" + title, depth);
    }

    private bool Descends(WorkItem category) => RecurseDepth < 0 || category.Depth < RecurseDepth;
}
