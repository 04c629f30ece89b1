using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Content;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.MediaWiki;

/// <summary>What can be asked of any wiki: its own search, and single pages, whatever a connector reads of it.</summary>
internal static class MediaWikiActions
{
    /// <summary>Asks the wiki's own search.</summary>
    public static async Task<ActionResult> SearchAsync(
        MediaWikiApi api,
        WikiSearchInput input,
        CancellationToken cancellationToken
    )
    {
        await api.OpenAsync(cancellationToken).ConfigureAwait(false);
        var answer = await api.QueryAsync(
                new()
                {
                    ["list"] = "search",
                    ["srsearch"] = input.Query,
                    ["srlimit"] = $"{input.Limit}",
                    ["srprop"] = "timestamp",
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        var hits = answer.Query?.Search ?? [];
        return new ActionResult(
            $"{hits.Count} pages found",
            JsonSerializer.SerializeToElement(new WikiHits(hits), SettingsJson.Options)
        );
    }

    /// <summary>Reads one page, as its visitors see it.</summary>
    public static async Task<ActionResult> GetPageAsync(
        ReaderContext context,
        MediaWikiApi api,
        WikiPageInput input,
        CancellationToken cancellationToken
    )
    {
        await api.OpenAsync(cancellationToken).ConfigureAwait(false);
        var found = await api.QueryAsync(
                new()
                {
                    ["titles"] = input.Title,
                    ["prop"] = "info",
                    ["inprop"] = "url",
                    ["redirects"] = "1",
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        var page = found.Query?.Pages is [{ IsThere: true } first, ..] ? first : throw Missing(input.Title);
        var answer = await api.ParseAsync(page.PageId, cancellationToken).ConfigureAwait(false);
        var html = answer.Parse?.Text ?? throw Missing(input.Title);
        var read = context.Html.Convert(
            Encoding.UTF8.GetBytes(html),
            new HtmlOptions
            {
                BaseUri = new Uri(page.FullUrl!),
                Charset = "utf-8",
                MainContentOnly = false,
                SectionPerHeading = false,
            }
        );
        return new ActionResult(
            page.Title!,
            JsonSerializer.SerializeToElement(
                new WikiPageText(
                    page.Title!,
                    page.FullUrl!,
                    answer.Parse.RevId,
                    string.Join("\n\n", read.Sections.Select(section => section.Text))
                ),
                SettingsJson.Options
            )
        );
    }

    private static SourceException Missing(string title) =>
        new(FailureKind.Configuration, $"The wiki has no page '{title}' that can be shown.");

    private sealed record WikiHits(IReadOnlyList<WikiHit> Pages);

    private sealed record WikiPageText(string Title, string Url, long Revision, string Text);
}

/// <summary>What to search for.</summary>
public sealed record WikiSearchInput
{
    /// <summary>The words.</summary>
    [Description("What to search for, in the words of the wiki's own search.")]
    [MinLength(1)]
    [MaxLength(300)]
    public required string Query { get; init; }

    /// <summary>How many.</summary>
    [Description("At most this many pages.")]
    [Range(1, 100)]
    public int Limit { get; init; } = 10;
}

/// <summary>Which page.</summary>
public sealed record WikiPageInput
{
    /// <summary>The title.</summary>
    [Description("The page's title; redirects are followed.")]
    [MinLength(1)]
    [MaxLength(300)]
    public required string Title { get; init; }
}
