using System.Text.Json;
using Tributary.Engine.Workspaces;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Models;

/// <inheritdoc cref="IRecordService"/>
internal sealed class RecordService(IRecordStore store, ModelContext context, TimeProvider time) : IRecordService
{
    private const int MaxAtOnce = 1_000;
    private const int MaxRecordCharacters = 1024 * 1024;

    /// <summary>The column of answers that holds a row's id; in what is sent it may name one.</summary>
    private const string IdMember = "_id";

    public async Task<(StoredRecord Record, bool IsRefreshing)> GetAsync(
        Caller caller,
        Guid model,
        string id,
        CancellationToken cancellationToken
    )
    {
        var found = await context.ModelAsync(caller.WorkspaceId, model, cancellationToken).ConfigureAwait(false);
        var record =
            await store.FindAsync(found, id, cancellationToken).ConfigureAwait(false)
            ?? throw EngineException.NotFound($"The model '{found.Slug}' has no record '{id}'.", "recordNotFound");
        return (record, found.IsRefreshing);
    }

    public async Task<(IReadOnlyList<StoredRecord> Records, bool IsRefreshing)> ListAsync(
        Caller caller,
        Guid model,
        RecordOrder order,
        bool isDescending,
        int limit,
        int offset,
        CancellationToken cancellationToken
    )
    {
        var found = await context.ModelAsync(caller.WorkspaceId, model, cancellationToken).ConfigureAwait(false);
        var records = await store
            .ListAsync(found, order, isDescending, limit, offset, cancellationToken)
            .ConfigureAwait(false);
        return (records, found.IsRefreshing);
    }

    public async Task<IReadOnlyList<StoredRecord>> CreateAsync(
        Caller caller,
        Guid model,
        IReadOnlyList<JsonElement> records,
        CancellationToken cancellationToken
    )
    {
        var found = await WritableAsync(caller, model, cancellationToken).ConfigureAwait(false);
        DemandShape(records);
        var withIds = records.Select(record => (IdOf(found, record), WithoutSystem(record))).ToList();
        return await store
            .WriteAsync(found, withIds, mustExist: false, time.GetUtcNow(), cancellationToken)
            .ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<StoredRecord>> UpdateAsync(
        Caller caller,
        Guid model,
        IReadOnlyList<(string Id, JsonElement Data)> records,
        CancellationToken cancellationToken
    )
    {
        var found = await WritableAsync(caller, model, cancellationToken).ConfigureAwait(false);
        DemandShape([.. records.Select(record => record.Data)]);
        var changes = records.Select(record => (record.Id, WithoutSystem(record.Data))).ToList();
        return await store
            .WriteAsync(found, changes, mustExist: true, time.GetUtcNow(), cancellationToken)
            .ConfigureAwait(false);
    }

    public async Task<int> RemoveAsync(
        Caller caller,
        Guid model,
        IReadOnlyCollection<string> ids,
        CancellationToken cancellationToken
    )
    {
        var found = await WritableAsync(caller, model, cancellationToken).ConfigureAwait(false);
        return await store.RemoveAsync(found, ids, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Model> WritableAsync(Caller caller, Guid uuid, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Editor);
        var model = await context.ModelAsync(caller.WorkspaceId, uuid, cancellationToken).ConfigureAwait(false);
        var source = await context.SourceAsync(model, cancellationToken).ConfigureAwait(false);
        return source is { Extractor.Mode.IsFetch: true }
            ? throw new EngineException(
                RefusalKind.Rejected,
                $"The model '{model.Slug}' is read from its source: change its records there.",
                "incompatibleWithRecordAction"
            )
            : model;
    }

    private static string IdOf(Model model, JsonElement record) =>
        RecordText.Id(record, IdMember)
        ?? (model.IdColumn is { } column ? RecordText.Id(record, column) : null)
        ?? Guid.NewGuid().ToString();

    /// <summary>What answers add to every record is no column of it.</summary>
    private static JsonElement WithoutSystem(JsonElement record)
    {
        if (!record.EnumerateObject().Any(member => IsSystem(member.Name)))
        {
            return record;
        }

        var members = record.EnumerateObject().Where(member => !IsSystem(member.Name));
        return JsonSerializer.SerializeToElement(members.ToDictionary(member => member.Name, member => member.Value));
    }

    private static bool IsSystem(string name) => name is IdMember or "_title" or "_emitted_at" or "_time";

    private static void DemandShape(IReadOnlyList<JsonElement> records)
    {
        var problems = new List<SettingsProblem>();
        if (records.Count > MaxAtOnce)
        {
            problems.Add(new(["records"], "too_long", $"At most {MaxAtOnce} records at once"));
        }

        for (var i = 0; i < records.Count && problems.Count < 100; i++)
        {
            if (records[i].ValueKind != JsonValueKind.Object)
            {
                problems.Add(new(["records", i, "data"], "dict_type", "Input should be an object"));
            }
            else if (records[i].GetRawText().Length > MaxRecordCharacters)
            {
                problems.Add(
                    new(["records", i, "data"], "too_long", $"A record has at most {MaxRecordCharacters} characters")
                );
            }
        }

        if (problems.Count > 0)
        {
            throw new EngineException(problems);
        }
    }
}
