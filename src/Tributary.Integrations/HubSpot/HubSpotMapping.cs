using System.Globalization;
using System.Runtime.CompilerServices;
using Tributary.Sdk;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.HubSpot;

/// <summary>Makes documents of records: the record itself, what it is linked to, and its notes.</summary>
/// <param name="context">What may be touched.</param>
/// <param name="crm">The account.</param>
/// <param name="account">Whose it is.</param>
/// <param name="linked">Types of records that the token may read.</param>
/// <param name="readsNotes">Whether it may read notes.</param>
internal sealed class HubSpotMapping(
    ReaderContext context,
    HubSpotCrm crm,
    AccountDetails account,
    IReadOnlyList<CrmType> linked,
    bool readsNotes
)
{
    private const int MostNotes = 500;
    private const int MostLinked = 250;
    private const int NotesAtOnce = 1_000;

    private readonly ItemReads _reads = new();
    private readonly Dictionary<string, IReadOnlyDictionary<string, string?>> _labels = [];
    private IReadOnlyDictionary<string, Owner>? _owners;

    /// <summary>Whether the token may read notes.</summary>
    public bool ReadsNotes => readsNotes;

    /// <summary>What a known document's version begins with while its record has not changed.</summary>
    public static string VersionOf(CrmRecord record) => $"{record.UpdatedAt.UtcDateTime:O} ";

    /// <summary>Reads a page of records with all that belongs to them, or some of it where they have many notes.</summary>
    public async IAsyncEnumerable<(CrmRecord Record, ReadItem Item)> ReadAsync(
        CrmType type,
        IReadOnlyList<CrmRecord> records,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (records.Count == 0)
        {
            yield break;
        }

        _owners ??= await crm.OwnersAsync(cancellationToken);
        if (type.TypeId is "0-3" or "0-5" && !_labels.ContainsKey(type.Name))
        {
            _labels[type.Name] = await crm.LabelsAsync(type, cancellationToken);
        }

        var ids = records.Select(record => record.Id).ToList();
        var links = new Dictionary<CrmType, CrmLinks>();
        foreach (var other in readsNotes ? linked.Append(CrmType.Notes) : linked)
        {
            if (other != type)
            {
                var most = other == CrmType.Notes ? MostNotes : MostLinked;
                links[other] = await crm.LinksAsync(type, other, ids, most, cancellationToken);
            }
        }

        // Bounds what is held at once.
        for (var (start, end) = (0, 0); start < records.Count; start = end)
        {
            var notes = 0;
            do
            {
                notes += Count(links, records[end++]);
            } while (end < records.Count && notes < NotesAtOnce);

            var some = records.Skip(start).Take(end - start).ToList();
            var names = new Dictionary<CrmType, Dictionary<string, CrmRecord>>();
            foreach (var (other, found) in links)
            {
                var wanted = some.SelectMany(record => IdsOf(found, record));
                names[other] = await crm.ReadAsync(other, wanted, cancellationToken);
            }

            foreach (var record in some)
            {
                var item = await _reads.ReadAsync(
                    type.IdOf(record.Id),
                    LinkTo(type, record),
                    () => Task.FromResult<ReadItem>(DocumentOf(type, record, links, names))
                );
                yield return (record, item);
            }
        }
    }

    private ReadItem.Found DocumentOf(
        CrmType type,
        CrmRecord record,
        Dictionary<CrmType, CrmLinks> links,
        Dictionary<CrmType, Dictionary<string, CrmRecord>> names
    )
    {
        foreach (var found in links.Values)
        {
            if (found.Failed.TryGetValue(record.Id, out var reason))
            {
                throw new SourceException(FailureKind.Source, $"HubSpot: {reason}");
            }
        }

        var sections = new List<Section> { new(TextOf(type, record), LinkTo(type, record)) };
        var metadata = MetadataOf(type, record);
        foreach (var (other, found) in links.Where(pair => pair.Key != CrmType.Notes))
        {
            var there = IdsOf(found, record)
                .Select(id => names[other].GetValueOrDefault(id))
                .OfType<CrmRecord>()
                .ToList();
            sections.AddRange(there.Select(to => LinkedSection(other, to)));
            if (there.Count > 0)
            {
                metadata[$"associated_{other.Single}_ids"] = MetadataValue.FromList(there.Select(to => to.Id));
            }
        }

        List<CrmRecord> notes = links.TryGetValue(CrmType.Notes, out var noted)
            ? [.. IdsOf(noted, record).Select(id => names[CrmType.Notes].GetValueOrDefault(id)).OfType<CrmRecord>()]
            : [];
        sections.AddRange(
            notes
                .OrderBy(note => note["hs_timestamp"], StringComparer.Ordinal)
                .ThenBy(note => note.Id, StringComparer.Ordinal)
                .Select(NoteSection)
        );
        var newest = notes.Max(note => (DateTimeOffset?)note.UpdatedAt);
        return new ReadItem.Found(
            new Document
            {
                Id = type.IdOf(record.Id),
                Title = type.TitleOf(record),
                Link = LinkTo(type, record),
                Sections = [.. sections.Where(section => section.Text.Length > 0)],
                Version = $"{VersionOf(record)}{sections.Count} {newest?.UtcDateTime:O}",
                Note = newest?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
                CreatedAt = record.CreatedAt,
                UpdatedAt = newest > record.UpdatedAt ? newest : record.UpdatedAt,
                PrimaryOwners = OwnerOf(record) is { } owner ? [owner] : [],
                Metadata = metadata,
            }
        );
    }

    private string TextOf(CrmType type, CrmRecord record)
    {
        var text = Readable(record["content"] ?? record["description"] ?? "", null);
        return $"{text}\n\n{string.Join('\n', Facts(type, record))}".Trim();
    }

    private Section LinkedSection(CrmType type, CrmRecord record) =>
        new(
            $"{type.TitleOf(record)}\n{string.Join('\n', Facts(type, record))}".Trim(),
            LinkTo(type, record),
            $"{char.ToUpperInvariant(type.Single[0])}{type.Single[1..]}: {type.TitleOf(record)}"
        );

    private Section NoteSection(CrmRecord note)
    {
        var time = DateTimeOffset.TryParse(note["hs_timestamp"], CultureInfo.InvariantCulture, out var at)
            ? $" at {at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)}"
            : "";
        var author = OwnerOf(note) is { } owner ? $" by {owner}" : "";
        return new Section(Readable(note["hs_note_body"] ?? "", note.Url), null, $"Note{author}{time}");
    }

    private IEnumerable<string> Facts(CrmType type, CrmRecord record) =>
        FactsOf(type, record).Where(fact => fact.Value is not null).Select(fact => $"{fact.Label}: {fact.Value}");

    private IEnumerable<(string Label, string? Value)> FactsOf(CrmType type, CrmRecord record) =>
        type.Name switch
        {
            "tickets" =>
            [
                ("Pipeline", PipelineOf(type, record)),
                ("Stage", StageOf(type, record)),
                ("Priority", record["hs_ticket_priority"]),
                ("Category", record["hs_ticket_category"]),
            ],
            "companies" =>
            [
                ("Domain", record["domain"]),
                ("Industry", record["industry"]),
                ("City", record["city"]),
                ("State", record["state"]),
                ("Country", record["country"]),
            ],
            "deals" =>
            [
                ("Amount", AmountOf(record)),
                ("Pipeline", PipelineOf(type, record)),
                ("Stage", StageOf(type, record)),
                // A day, written as midnight.
                ("Close date", record["closedate"]?.Split('T')[0]),
            ],
            _ =>
            [
                ("E-mail", record["email"]),
                ("Job title", record["jobtitle"]),
                ("Company", record["company"]),
                ("Phone", record["phone"]),
                ("Lifecycle stage", record["lifecyclestage"]),
            ],
        };

    private Dictionary<string, MetadataValue> MetadataOf(CrmType type, CrmRecord record)
    {
        (string Name, string? Value)[] all =
        [
            ("object_type", type.Single),
            ("pipeline", PipelineOf(type, record)),
            ("stage", StageOf(type, record)),
            ("priority", record["hs_ticket_priority"]),
            ("industry", record["industry"]),
            ("domain", record["domain"]),
            ("amount", AmountOf(record)),
        ];
        return all.Where(pair => pair.Value is not null)
            .ToDictionary(pair => pair.Name, pair => (MetadataValue)pair.Value!);
    }

    private static string? AmountOf(CrmRecord record) =>
        record["amount"] is { } amount ? $"{amount} {record["deal_currency_code"]}".Trim() : null;

    private string? PipelineOf(CrmType type, CrmRecord record) =>
        PipelineId(record) is { } id ? _labels.GetValueOrDefault(type.Name)?.GetValueOrDefault(id) ?? id : null;

    private string? StageOf(CrmType type, CrmRecord record) =>
        (record["hs_pipeline_stage"] ?? record["dealstage"]) is { } id
            ? _labels.GetValueOrDefault(type.Name)?.GetValueOrDefault($"{PipelineId(record)}/{id}") ?? id
            : null;

    private static string? PipelineId(CrmRecord record) => record["hs_pipeline"] ?? record["pipeline"];

    private Owner? OwnerOf(CrmRecord record) => _owners?.GetValueOrDefault(record["hubspot_owner_id"] ?? "");

    /// <summary>Null where HubSpot tells neither an address nor whose account it is.</summary>
    private string? LinkTo(CrmType type, CrmRecord record) =>
        Uri.TryCreate(record.Url, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" ? url.AbsoluteUri
        : account.PortalId is { } portal
            ? $"https://{account.UiDomain ?? "app.hubspot.com"}/contacts/{portal}/record/{type.TypeId}/{record.Id}"
        : null;

    /// <summary>Texts are HTML or plain, as people and programs have written them.</summary>
    private string Readable(string text, string? link) =>
        text.Contains("</", StringComparison.Ordinal) || text.Contains("<br", StringComparison.OrdinalIgnoreCase)
            ? context.Html.ToMarkdown(text, link)
            : text;

    private static IEnumerable<string> IdsOf(CrmLinks links, CrmRecord record) =>
        (links.Ids.GetValueOrDefault(record.Id) ?? []).Select(id => id.ToString(CultureInfo.InvariantCulture));

    private static int Count(Dictionary<CrmType, CrmLinks> links, CrmRecord record) =>
        links.Values.Sum(found => found.Ids.GetValueOrDefault(record.Id)?.Count ?? 0);
}
