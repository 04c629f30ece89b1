using System.Globalization;
using System.Text.Json;
using Tributary.Engine.Custom;
using Tributary.Engine.Ingestion;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Reading;

namespace Tributary.Engine.Models;

/// <summary>
/// Makes the records of a page ready to be written: several of one id become one, those that do not replace are merged
/// into what is stored, and those with a text become documents.
/// </summary>
internal sealed class RecordPreparer(IRecordStore store)
{
    /// <summary>A page ready to be written.</summary>
    public sealed record Result(
        IReadOnlyList<PreparedRecord> Records,
        IReadOnlyList<string> Removed,
        IReadOnlyList<ReadItem.Failed> Failures
    );

    /// <summary>Prepares a page.</summary>
    /// <param name="model">Whose rows they are.</param>
    /// <param name="sourceType">The source type of documents.</param>
    /// <param name="page">The page.</param>
    /// <param name="number">Its number in this run, to name records that have no id.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    public async Task<Result> PrepareAsync(
        Model model,
        string sourceType,
        ExtractorPage page,
        int number,
        CancellationToken cancellationToken
    )
    {
        var stored = await LookUpAsync(model, page, cancellationToken).ConfigureAwait(false);
        var rows = new Dictionary<string, JsonElement?>(StringComparer.Ordinal);
        var failures = new List<ReadItem.Failed>();
        for (var i = 0; i < page.Records.Count; i++)
        {
            var record = page.Records[i];
            if (IdOf(page, record) is not { } id)
            {
                failures.Add(Nameless(model, page, number, i));
                continue;
            }

            var before = rows.TryGetValue(id, out var earlier) ? earlier : stored.GetValueOrDefault(id);
            rows[id] =
                record.IsRemoved ? null
                : record.Overrides || before is null ? record.Record
                : RecordText.Merge(before.Value, record.Record);
        }

        var prepared = rows.Where(row => row.Value is not null)
            .Select(row => Prepare(model, sourceType, page, row.Key, row.Value!.Value))
            .ToList();
        return new Result(prepared, [.. rows.Where(row => row.Value is null).Select(row => row.Key)], failures);
    }

    private static string? IdOf(ExtractorPage page, ExtractedRecord record) =>
        RecordText.Id(record.Record, page.IdColumnSlug!);

    /// <summary>What is stored of the records that do not replace.</summary>
    private async Task<Dictionary<string, JsonElement?>> LookUpAsync(
        Model model,
        ExtractorPage page,
        CancellationToken cancellationToken
    )
    {
        var ids = page
            .Records.Where(record => record is { IsRemoved: false, Overrides: false })
            .Select(record => IdOf(page, record))
            .OfType<string>()
            .Distinct(StringComparer.Ordinal)
            .ToList();
        var found = await store.LookUpAsync(model.Id, ids, cancellationToken).ConfigureAwait(false);
        return found.ToDictionary(
            pair => pair.Key,
            pair => (JsonElement?)JsonElement.Parse(pair.Value),
            StringComparer.Ordinal
        );
    }

    private static PreparedRecord Prepare(
        Model model,
        string sourceType,
        ExtractorPage page,
        string id,
        JsonElement record
    )
    {
        var title = RecordText.Title(record, page.TitleColumnSlug, id);
        var text = page.TextColumnSlug is { } column ? RecordText.Of(record, column) : null;
        var document = string.IsNullOrWhiteSpace(text)
            ? null
            : DocumentPreparer.Prepare(
                new Document
                {
                    Id = ModelDocuments.IdOf(model, id),
                    Title = title,
                    Link = page.LinkColumnSlug is { } link ? RecordText.Of(record, link) : null,
                    UpdatedAt = page.TimeColumnSlug is { } time ? RecordText.Time(record, time) : null,
                    Sections = [new Section(text)],
                },
                sourceType
            );
        return new PreparedRecord(id, title, record.GetRawText(), document);
    }

    private static ReadItem.Failed Nameless(Model model, ExtractorPage page, int number, int index) =>
        new(
            string.Create(CultureInfo.InvariantCulture, $"model:{model.Uuid}#page {number}, record {index + 1}"),
            null,
            $"The record has no text or number of 1 to {RecordText.MaxIdLength} characters in its id column '{page.IdColumnSlug}'."
        );
}
