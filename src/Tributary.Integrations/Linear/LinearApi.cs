using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Tributary.Sdk;
using Tributary.Sdk.GraphQl;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;

namespace Tributary.Integrations.Linear;

/// <summary>Linear's one address, and what is asked of it.</summary>
internal sealed class LinearApi(HttpClient http, LinearConfig config)
{
    private const int MaxEntries = 10_000;

    private readonly Uri _address = config.Root.At($"graphql");

    /// <summary>The pages of a list.</summary>
    public IAsyncEnumerable<Page<LinearItems<T>>> PagesAsync<T>(
        string query,
        JsonObject variables,
        JsonTypeInfo<LinearItems<T>> type,
        string? after,
        CancellationToken cancellationToken
    ) =>
        http.GraphQlPagesAsync(_address, query, variables, type, data => data.Items.PageInfo, after, cancellationToken);

    /// <summary>
    /// The pages of a list. An error in one item spoils the answer that it is in: such a page comes as stubs, which say what
    /// to ask for one by one.
    /// </summary>
    public async IAsyncEnumerable<(Page<LinearItems<T>> Page, bool IsWhole)> PagesOrStubsAsync<T>(
        LinearKind<T> kind,
        JsonObject variables,
        string? after,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
        where T : ILinearNode
    {
        while (true)
        {
            await using (
                var pages = PagesAsync(kind.Query, variables, kind.Type, after, cancellationToken)
                    .GetAsyncEnumerator(cancellationToken)
            )
            {
                while (await MoveAsync(pages) is { } hasMore)
                {
                    if (!hasMore)
                    {
                        yield break;
                    }

                    yield return (pages.Current, true);
                    after = pages.Current.Next;
                }
            }

            var stubs = await PagesAsync(kind.Stubs, variables, kind.Type, after, cancellationToken)
                .FirstAsync(cancellationToken);
            yield return (stubs, false);
            if (stubs.Next is null)
            {
                yield break;
            }

            after = stubs.Next;
        }
    }

    /// <summary>Whether there is another page; null where it is spoilt.</summary>
    private static async Task<bool?> MoveAsync<T>(IAsyncEnumerator<T> pages)
    {
        try
        {
            return await pages.MoveNextAsync();
        }
        catch (SourceException exception)
            when (exception is { Kind: FailureKind.Source } or { Kind: FailureKind.Transient, Status: null })
        {
            return null;
        }
    }

    /// <summary>One answer.</summary>
    public Task<T> AskAsync<T>(
        string query,
        JsonObject variables,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    ) => http.QueryGraphQlAsync(_address, query, variables, type, cancellationToken);

    /// <summary>The time of the newest comment or project update; long ago when there is none.</summary>
    public async Task<DateTimeOffset> NewestAsync(string query, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(query, [], LinearJson.Default.Entries, cancellationToken);
        return answer.Items.Nodes.Select(entry => entry.UpdatedAt).Append(DateTimeOffset.UnixEpoch).Max();
    }

    /// <summary>All entries below an issue or a project: those that came along where they are all, else asked for.</summary>
    public async Task<LinearPage<LinearEntry>> EntriesAsync(
        LinearPage<LinearEntry>? first,
        string query,
        string parent,
        string id,
        CancellationToken cancellationToken
    )
    {
        if (first is { PageInfo.HasNextPage: false })
        {
            return first;
        }

        var filter = new JsonObject { [parent] = new JsonObject { ["id"] = new JsonObject { ["eq"] = id } } };
        var entries = await PagesAsync(
                query,
                new JsonObject { ["filter"] = filter },
                LinearJson.Default.Entries,
                null,
                cancellationToken
            )
            .SelectMany(page => page.Body.Items.Nodes)
            .Take(MaxEntries)
            .ToListAsync(cancellationToken);
        return new LinearPage<LinearEntry>(entries, new GraphQlPageInfo(false, null));
    }

    /// <summary>The addresses of a team's members.</summary>
    public async Task<IReadOnlyList<string>> MembersAsync(string team, CancellationToken cancellationToken)
    {
        var members = new List<string>();
        for (string? after = null; ; )
        {
            var answer = await AskAsync(
                LinearQueries.Members,
                new JsonObject { ["team"] = team, ["after"] = after },
                LinearJson.Default.Teams,
                cancellationToken
            );
            var page = answer.Items.Nodes is [{ Members: { } listed }] ? listed : null;
            members.AddRange(
                (page?.Nodes ?? [])
                    .Where(member => member.Active != false && !string.IsNullOrEmpty(member.Email))
                    .Select(member => member.Email!)
            );
            if (page?.PageInfo is not { HasNextPage: true, EndCursor: { } next } || page.Nodes.Count == 0)
            {
                return members;
            }

            after =
                next != after
                    ? next
                    : throw new SourceException(FailureKind.Source, "Linear's list of a team's members never ends.");
        }
    }
}
