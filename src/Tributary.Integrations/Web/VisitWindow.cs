using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Web;

/// <summary>
/// The next items of the frontier, in order, whose pages are already being fetched: a few at once, and a few more that
/// wait for those before them to be dealt with. Nothing of it outlives the crawl.
/// </summary>
internal sealed class VisitWindow(
    Frontier frontier,
    IKnownDocuments known,
    int concurrency,
    Func<Visit, CancellationToken, Task<PageOutcome>> fetch,
    CancellationToken cancellationToken
) : IAsyncDisposable
{
    private readonly int _size = concurrency * 4;
    private readonly Queue<Visit> _visits = new();
    private readonly SemaphoreSlim _turns = new(concurrency);
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

    /// <summary>The next item; null when there is none left.</summary>
    public async Task<Visit?> NextAsync()
    {
        await FillAsync();
        return _visits.TryDequeue(out var visit) ? visit : null;
    }

    /// <summary>Ends what is still being fetched.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var visit in _visits)
        {
            Task fetch = visit.Fetch ?? Task.CompletedTask;
            await fetch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _turns.Dispose();
        _stop.Dispose();
    }

    // Takes many at a time: each taking is a trip to the store, as is each look-up of what is known.
    private async Task FillAsync()
    {
        while (_visits.Count <= _size / 2 && frontier.Pending > _visits.Count)
        {
            var items = await frontier.TakeAsync(_size - _visits.Count, _stop.Token);
            if (items.Count == 0)
            {
                return;
            }

            var taken = items.Select(frontier.VisitOf).ToList();
            var pages = taken.FindAll(visit => visit.Data.Kind is null);
            if (pages.Count > 0)
            {
                await PrepareAsync(pages);
            }

            foreach (var visit in taken)
            {
                if (visit.Data.Kind == FrontierKind.Mark)
                {
                    frontier.Complete(visit.Item);
                    continue;
                }

                if (visit.Data.Kind is null)
                {
                    visit.Fetch ??= FetchAsync(visit);
                }

                _visits.Enqueue(visit);
            }
        }
    }

    private async Task PrepareAsync(List<Visit> pages)
    {
        await frontier.MarkLateAsync(pages.Select(visit => visit.Url), _stop.Token);
        var stored = await known.GetAsync([.. pages.Select(visit => visit.Id)], _stop.Token);
        foreach (var visit in pages)
        {
            visit.Known = stored.GetValueOrDefault(visit.Id);
            if (await frontier.IsLateAsync(visit.Url, _stop.Token))
            {
                var links = LinkNote.Read(visit.Url, visit.Known?.Note) ?? [];
                visit.Fetch = Task.FromResult<PageOutcome>(new PageOutcome.Seen(new PageLinks(links, [])));
            }
        }
    }

    private async Task<PageOutcome> FetchAsync(Visit visit)
    {
        await _turns.WaitAsync(_stop.Token);
        try
        {
            return await fetch(visit, _stop.Token);
        }
        finally
        {
            _turns.Release();
        }
    }
}

/// <summary>An item of the frontier that was taken.</summary>
/// <param name="item">As it was taken.</param>
/// <param name="url">Its address.</param>
/// <param name="id">The id of its document, after url_rewrites.</param>
/// <param name="data">What is known of it.</param>
internal sealed class Visit(WorkItem item, string url, string id, FrontierData data)
{
    public WorkItem Item => item;

    public string Url => url;

    public string Id => id;

    public FrontierData Data => data;

    public bool IsStart => data.IsStart == true;

    /// <summary>What is stored of it.</summary>
    public KnownDocument? Known { get; set; }

    /// <summary>What comes of it; null for what is no page.</summary>
    public Task<PageOutcome>? Fetch { get; set; }
}
