using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Http;
using Tributary.Sdk.Incremental;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.HubSpot;

/// <summary>
/// Reads type after type: the first time by the list, later by searches for what changed; at the end the records whose notes
/// changed, since that does not always change the record. See https://developers.hubspot.com/docs/api-reference.
/// </summary>
internal sealed class HubSpotReader(ReaderContext context, HubSpotConfig config) : ISearchingReader, ISingleReader
{
    private const int MostParents = 1_000;

    // A search trails what was written by seconds up to minutes.
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(10);

    private readonly HubSpotCrm _crm = new(context, config.Root);
    private readonly IReadOnlyList<CrmType> _types =
    [
        .. CrmType.Records.Where(
            (_, index) => config.ObjectTypes.Count == 0 || config.ObjectTypes.Contains((HubSpotObjectType)index)
        ),
    ];

    public Task CheckAsync(CancellationToken cancellationToken) => OpenAsync(cancellationToken);

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var mapping = await OpenAsync(cancellationToken);
        var position = request.CheckpointAs<HubSpotPosition>() ?? new HubSpotPosition();
        if (position.Type is { } at && at != CrmType.Notes.Name && _types.All(type => type.Name != at))
        {
            position = position with { Type = null, Next = null };
        }

        // What changed while a pass was cut off may lie behind where it goes on: a second pass looks there.
        for (var passes = position.IsMidway ? 2 : 1; passes > 0; passes--)
        {
            var types = _types
                .Append(CrmType.Notes)
                .SkipWhile(type => position.Type is { } at && type.Name != at)
                .ToList();
            foreach (var type in types)
            {
                position = position.Type == type.Name ? position : position with { Type = type.Name, Next = null };
                var items =
                    type == CrmType.Notes
                        ? ReadNotesAsync(mapping, position, cancellationToken)
                        : ReadTypeAsync(type, mapping, position, cancellationToken);
                await foreach (var item in items)
                {
                    yield return item;
                    position = (item as ReadItem.Checkpoint)?.As<HubSpotPosition>() ?? position;
                }
            }

            position = position with { Type = null, Next = null };
        }

        yield return ReadItem.Checkpoint.From(position);
    }

    private async IAsyncEnumerable<ReadItem> ReadTypeAsync(
        CrmType type,
        HubSpotMapping mapping,
        HubSpotPosition position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var pages = position.MarkOf(type).From(Overlap) is { } since
            ? _crm.SearchAsync(type, since, position.Next, cancellationToken)
            : _crm.ListAsync(type, type.Properties, position.Next, cancellationToken);
        await foreach (var page in pages)
        {
            var records = page.Body.Results;
            position = position.Begin(type, records).Begin(CrmType.Notes, records);
            var known = await context.Known.GetAsync([.. records.Select(x => type.IdOf(x.Id))], cancellationToken);
            var fresh = new List<CrmRecord>();
            foreach (var record in records)
            {
                var version = known.GetValueOrDefault(type.IdOf(record.Id))?.Version;
                if (version?.StartsWith(HubSpotMapping.VersionOf(record), StringComparison.Ordinal) == true)
                {
                    yield return new ReadItem.Unchanged(type.IdOf(record.Id));
                }
                else
                {
                    fresh.Add(record);
                }
            }

            await foreach (var (record, item) in mapping.ReadAsync(type, fresh, cancellationToken))
            {
                position = item is ReadItem.Failed ? position.Hold(type, record) : position;
                yield return item;
            }

            if (page.Next is not null)
            {
                position = position with { Next = page.Next };
                yield return ReadItem.Checkpoint.From(position);
            }
        }

        yield return ReadItem.Checkpoint.From(position.Complete(type, NextOf(type)));
    }

    /// <summary>The records of notes that changed, but for those that were read with these notes.</summary>
    private async IAsyncEnumerable<ReadItem> ReadNotesAsync(
        HubSpotMapping mapping,
        HubSpotPosition position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var pages =
            mapping.ReadsNotes && position.MarkOf(CrmType.Notes).From(Overlap) is { } since
                ? _crm.SearchAsync(CrmType.Notes, since, position.Next, cancellationToken)
                : AsyncEnumerable.Empty<Page<ObjectsAnswer>>();
        await foreach (var page in pages)
        {
            position = position.Begin(CrmType.Notes, page.Body.Results);
            var times = page
                .Body.Results.GroupBy(note => note.Id, note => note.UpdatedAt)
                .ToDictionary(group => group.Key, group => group.Max());
            foreach (var type in _types)
            {
                var links = await _crm.LinksAsync(CrmType.Notes, type, [.. times.Keys], MostParents, cancellationToken);
                foreach (var note in page.Body.Results.Where(note => links.Failed.ContainsKey(note.Id)))
                {
                    position = position.Hold(CrmType.Notes, note);
                }

                var parents = links
                    .Ids.Where(pair => times.ContainsKey(pair.Key))
                    .SelectMany(pair =>
                        pair.Value.Select(id => (Id: id.ToString(CultureInfo.InvariantCulture), Time: times[pair.Key]))
                    )
                    .GroupBy(parent => parent.Id, parent => parent.Time)
                    .ToDictionary(group => group.Key, group => group.Max());
                var known = await context.Known.GetAsync([.. parents.Keys.Select(type.IdOf)], cancellationToken);
                var stale = parents.Where(parent => !(NotedAt(known, type, parent.Key) >= parent.Value));
                foreach (var some in stale.Select(parent => parent.Key).Chunk(HubSpotCrm.PerPage))
                {
                    var records = await _crm.ReadAsync(type, some, cancellationToken);
                    await foreach (
                        var (record, item) in mapping.ReadAsync(type, [.. records.Values], cancellationToken)
                    )
                    {
                        foreach (var note in page.Body.Results.Where(_ => item is ReadItem.Failed))
                        {
                            position = position.Hold(CrmType.Notes, note);
                        }

                        yield return item;
                    }
                }
            }

            if (page.Next is not null)
            {
                position = position with { Next = page.Next };
                yield return ReadItem.Checkpoint.From(position);
            }
        }

        yield return ReadItem.Checkpoint.From(position.Complete(CrmType.Notes, null));
    }

    /// <summary>The newest note that a known document was read with.</summary>
    private static DateTimeOffset? NotedAt(IReadOnlyDictionary<string, KnownDocument> known, CrmType type, string id) =>
        DateTimeOffset.TryParse(
            known.GetValueOrDefault(type.IdOf(id))?.Note,
            CultureInfo.InvariantCulture,
            out var time
        )
            ? time
            : null;

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _crm.MayReadAsync(_types[0], isNeeded: true, cancellationToken);
        foreach (var type in _types)
        {
            await foreach (var page in _crm.ListAsync(type, ["hs_object_id"], null, cancellationToken))
            {
                foreach (var record in page.Body.Results)
                {
                    yield return type.IdOf(record.Id);
                }
            }
        }
    }

    public async IAsyncEnumerable<FoundItem> SearchAsync(
        string query,
        int limit,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        foreach (var type in _types)
        {
            foreach (var record in await _crm.FindAsync(type, query, limit, cancellationToken))
            {
                yield return new FoundItem(type.IdOf(record.Id), type.TitleOf(record), null, record.UpdatedAt);
            }
        }
    }

    public async Task<ReadItem> ReadOneAsync(string id, CancellationToken cancellationToken)
    {
        var type = _types.FirstOrDefault(type => id.StartsWith(type.IdOf(""), StringComparison.Ordinal));
        var records = type is null ? [] : await _crm.ReadAsync(type, [id[type.IdOf("").Length..]], cancellationToken);
        if (type is null || records.Count == 0)
        {
            return new ReadItem.Deleted(id);
        }

        var mapping = await OpenAsync(cancellationToken);
        return (
            await mapping.ReadAsync(type, [.. records.Values], cancellationToken).FirstAsync(cancellationToken)
        ).Item;
    }

    private string NextOf(CrmType type) =>
        _types.SkipWhile(other => other != type).Skip(1).FirstOrDefault()?.Name ?? CrmType.Notes.Name;

    /// <summary>What the token may read: all that was chosen, or it ends here.</summary>
    private async Task<HubSpotMapping> OpenAsync(CancellationToken cancellationToken)
    {
        var account = await _crm.AccountAsync(cancellationToken);
        var linked = new List<CrmType>();
        foreach (var type in CrmType.Records)
        {
            if (await _crm.MayReadAsync(type, isNeeded: _types.Contains(type), cancellationToken))
            {
                linked.Add(type);
            }
        }

        var readsNotes = await _crm.MayReadAsync(CrmType.Notes, isNeeded: false, cancellationToken);
        return new HubSpotMapping(context, _crm, account, linked, readsNotes);
    }
}

/// <summary>Where a read stands.</summary>
internal sealed record HubSpotPosition
{
    /// <summary>How far back each type was read; "notes" for those.</summary>
    public IReadOnlyDictionary<string, Watermark> Marks { get; init; } = new Dictionary<string, Watermark>();

    /// <summary>The newest change that was seen, of any type.</summary>
    public DateTimeOffset? Seen { get; init; }

    /// <summary>The type that is being read; null between passes.</summary>
    public string? Type { get; init; }

    /// <summary>Where in it.</summary>
    public string? Next { get; init; }

    /// <summary>A pass was cut off here.</summary>
    [JsonIgnore]
    public bool IsMidway => Type is not null;

    public Watermark MarkOf(CrmType type) => Marks.GetValueOrDefault(type.Name) ?? new Watermark();

    /// <summary>
    /// A type's pass begins at the newest change that was seen anywhere until its first page. By id, that page may hold old
    /// records only; but all that earlier passes have seen is older than what changes from now on.
    /// </summary>
    public HubSpotPosition Begin(CrmType type, IReadOnlyList<CrmRecord> page)
    {
        var newest = page.Max(record => (DateTimeOffset?)record.UpdatedAt);
        var seen = newest > Seen || Seen is null ? newest : Seen;
        return With(type, MarkOf(type).Begin(seen)) with { Seen = seen };
    }

    public HubSpotPosition Hold(CrmType type, CrmRecord record) => With(type, MarkOf(type).Hold(record.UpdatedAt));

    public HubSpotPosition Complete(CrmType type, string? next) =>
        With(type, MarkOf(type).Complete()) with
        {
            Type = next,
            Next = null,
        };

    private HubSpotPosition With(CrmType type, Watermark mark) =>
        this with
        {
            Marks = new Dictionary<string, Watermark>(Marks) { [type.Name] = mark },
        };
}
