using System.Text.Json.Serialization;
using Tributary.Sdk;
using Tributary.Sdk.Http;

namespace Tributary.Integrations.Zendesk;

/// <summary>
/// A page of a list. Cursors are asked for; where a list has page numbers alone, the query of its next link is followed.
/// </summary>
internal abstract record ZendeskPage
{
    private const char Query = '#';

    public CursorMeta? Meta { get; init; }

    public PageLinks? Links { get; init; }

    public string? NextPage { get; init; }

    /// <summary>What the next page is asked for with; null at the end.</summary>
    /// <exception cref="SourceException">There is more, and no way to it.</exception>
    [JsonIgnore]
    public string? Next =>
        Meta?.HasMore switch
        {
            false => null,
            true => Meta.AfterCursor ?? QueryOf(Links?.Next) ?? throw ZendeskReader.NoWayOn(),
            null when (Links?.Next ?? NextPage) is { Length: > 0 } link => QueryOf(link)
                ?? throw ZendeskReader.NoWayOn(),
            null => null,
        };

    /// <summary>The address of a page.</summary>
    /// <param name="root">Where the API is.</param>
    /// <param name="list">The list below it.</param>
    /// <param name="size">How many items to ask for.</param>
    /// <param name="after">What the page before gave; null for the first one.</param>
    /// <param name="query">What else to ask for.</param>
    public static Uri At(
        Uri root,
        FormattableString list,
        int size,
        string? after,
        params ReadOnlySpan<(string, object?)> query
    ) =>
        after is [Query, .. var asked]
            ? new Uri($"{root.At(list).AbsoluteUri}?{asked}")
            : root.At(list, [("page[size]", size), ("page[after]", after), .. query]);

    // Of a link no more than the query is taken: requests go to the account's own host.
    private static string? QueryOf(string? link) =>
        link?.IndexOf('?') is >= 0 and var start ? Query + link[(start + 1)..] : null;
}

internal sealed record CursorMeta(bool? HasMore = null, string? AfterCursor = null);

internal sealed record PageLinks(string? Next = null);
