using System.Globalization;
using System.Runtime.CompilerServices;
using Tributary.Sdk;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.MediaWiki;

/// <summary>
/// Documents whose page was deleted or given another title, from the wiki's own logs. A refresh drops them, so that
/// nobody has to wait for a prune; what leaves a category is seen by a prune alone.
/// </summary>
internal sealed class MediaWikiDepartures(ReaderContext context, MediaWikiApi api)
{
    private const int TitlesPerRequest = 10;

    // Copies of the database lag a little behind the clock that a pass was dated with.
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(2);

    /// <summary>Ids of known documents that are gone since then.</summary>
    public async IAsyncEnumerable<string> SinceAsync(
        DateTimeOffset since,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        foreach (var type in new[] { "move", "delete" })
        {
            var log = new Dictionary<string, string>
            {
                ["list"] = "logevents",
                ["letype"] = type,
                ["leprop"] = "ids|title|type",
                ["ledir"] = "newer",
                ["lestart"] = (since - Overlap).UtcDateTime.ToString(
                    "yyyy-MM-ddTHH:mm:ssZ",
                    CultureInfo.InvariantCulture
                ),
                ["lelimit"] = "max",
            };
            await foreach (var answer in ToldAsync(log, cancellationToken))
            {
                var events = (answer.Query?.LogEvents ?? [])
                    .OfType<WikiLogEvent>()
                    .Where(entry => entry is { LogPage: > 0, Title: not null, Action: not null })
                    .Where(entry => entry.Action!.StartsWith(type, StringComparison.Ordinal));
                foreach (var some in events.Chunk(TitlesPerRequest))
                {
                    foreach (var id in await GoneAsync(some, cancellationToken))
                    {
                        yield return id;
                    }
                }
            }
        }
    }

    /// <summary>What the log tells; nothing more where the wiki keeps it to itself: then the next prune finds what is gone.</summary>
    private async IAsyncEnumerable<WikiAnswer> ToldAsync(
        Dictionary<string, string> log,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var answers = api.AnswersAsync(log, null, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await answers.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (SourceException exception)
                when (exception is { Kind: FailureKind.Source or FailureKind.Configuration, InnerException: null })
            {
                yield break;
            }

            yield return answers.Current.Answer;
        }
    }

    private async Task<IEnumerable<string>> GoneAsync(WikiLogEvent[] events, CancellationToken cancellationToken)
    {
        // The wiki itself says what address the old title has or had, also when there is no such page any more.
        var titles = events.Select(entry => entry.Title!).Distinct();
        var addresses = (await PagesAsync("titles", titles, cancellationToken))
            .Where(page => page is { Title: not null, FullUrl: not null })
            .ToLookup(page => page.Title!, page => page.FullUrl!);
        var old = events
            .SelectMany(entry => addresses[entry.Title!].Select(address => (entry.LogPage, Address: address)))
            // A page that was deleted twice, or moved to and fro, stands in the log as often.
            .Distinct()
            .ToDictionary(page => WikiPage.DocumentIdOf(page.LogPage, page.Address), page => page.LogPage);
        var known = await context.Known.GetAsync(old.Keys, cancellationToken);
        var suspects = old.Where(page => known.ContainsKey(page.Key)).ToList();
        if (suspects.Count == 0)
        {
            return [];
        }

        // What came back since (restored, moved to and fro) is not gone.
        var ids = suspects.Select(page => page.Value.ToString(CultureInfo.InvariantCulture)).Distinct();
        var live = (await PagesAsync("pageids", ids, cancellationToken))
            .Where(page => page.IsThere)
            .Select(page => page.DocumentId)
            .ToHashSet();
        return suspects.Select(page => page.Key).Where(id => !live.Contains(id));
    }

    private async Task<IEnumerable<WikiPage>> PagesAsync(
        string name,
        IEnumerable<string> values,
        CancellationToken cancellationToken
    )
    {
        var answer = await api.QueryAsync(
            new()
            {
                [name] = string.Join('|', values),
                ["prop"] = "info",
                ["inprop"] = "url",
            },
            cancellationToken
        );
        return (answer.Query?.Pages ?? []).OfType<WikiPage>();
    }
}
