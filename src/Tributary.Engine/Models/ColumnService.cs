using System.Text.Json;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Models;

/// <inheritdoc cref="IColumnService"/>
internal sealed class ColumnService(
    IModelStore models,
    IRecordStore records,
    ModelContext context,
    RelationshipRules rules,
    TimeProvider time
) : IColumnService
{
    private const int MaxAdded = 200;
    private const int MaxValues = 100;

    public async Task AddAsync(Caller caller, Guid model, JsonElement column, CancellationToken cancellationToken)
    {
        var slug = ColumnRules.Demand(column);
        await rules.DemandAsync(caller.WorkspaceId, column, cancellationToken).ConfigureAwait(false);
        await ChangeAsync(
                caller,
                model,
                (found, columns) =>
                {
                    if (SlugsOf(found).Contains(slug, StringComparer.OrdinalIgnoreCase))
                    {
                        throw new EngineException(
                            RefusalKind.Conflict,
                            $"The model has a column '{slug}' already.",
                            "duplicateSlug"
                        );
                    }

                    if (columns.Count >= MaxAdded)
                    {
                        throw new EngineException(RefusalKind.Rejected, $"A model takes {MaxAdded} added columns.");
                    }

                    columns.Add(column);
                },
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    public async Task UpdateAsync(Caller caller, Guid model, JsonElement column, CancellationToken cancellationToken)
    {
        var slug = ColumnRules.Demand(column);
        await rules.DemandAsync(caller.WorkspaceId, column, cancellationToken).ConfigureAwait(false);
        await ChangeAsync(caller, model, (_, columns) => columns[IndexOf(columns, slug)] = column, cancellationToken)
            .ConfigureAwait(false);
    }

    public Task RemoveAsync(Caller caller, Guid model, string slug, CancellationToken cancellationToken) =>
        ChangeAsync(caller, model, (_, columns) => columns.RemoveAt(IndexOf(columns, slug)), cancellationToken);

    public Task MoveAsync(Caller caller, Guid model, string slug, int toIndex, CancellationToken cancellationToken) =>
        ChangeAsync(
            caller,
            model,
            (_, columns) =>
            {
                var from = IndexOf(columns, slug);
                if (toIndex < 0 || toIndex >= columns.Count)
                {
                    throw new EngineException(
                        RefusalKind.Rejected,
                        $"There is no place {toIndex}: the added columns have the places 0 to {columns.Count - 1}.",
                        "invalidIndex"
                    );
                }

                var column = columns[from];
                columns.RemoveAt(from);
                columns.Insert(toIndex, column);
            },
            cancellationToken
        );

    public async Task<IReadOnlyList<string>> ListAsync(
        Caller caller,
        Guid model,
        CancellationToken cancellationToken
    ) => SlugsOf(await context.ModelAsync(caller.WorkspaceId, model, cancellationToken).ConfigureAwait(false));

    public async Task<bool> ExistsAsync(Caller caller, Guid model, string slug, CancellationToken cancellationToken) =>
        await models.FindAsync(caller.WorkspaceId, model, cancellationToken).ConfigureAwait(false) is { } found
        && SlugsOf(found).Contains(slug, StringComparer.Ordinal);

    public async Task<IReadOnlyList<string>> ListValuesAsync(
        Caller caller,
        Guid model,
        string column,
        string? containing,
        CancellationToken cancellationToken
    )
    {
        var found = await context.ModelAsync(caller.WorkspaceId, model, cancellationToken).ConfigureAwait(false);
        return await records
            .ListValuesAsync(
                found,
                column,
                string.IsNullOrEmpty(containing) ? null : containing,
                MaxValues,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    public Task<IReadOnlyList<Relationship>> ListRelationshipsAsync(
        Caller caller,
        CancellationToken cancellationToken
    ) => models.ListRelationshipsAsync(caller.WorkspaceId, cancellationToken);

    public async Task<IReadOnlyList<Relationship>> SetRelationshipsAsync(
        Caller caller,
        Guid dataset,
        IReadOnlyList<JsonElement> relationships,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Editor);
        await context.DatasetAsync(caller.WorkspaceId, dataset, cancellationToken).ConfigureAwait(false);
        var read = await rules
            .ReadAsync(caller.WorkspaceId, dataset, relationships, time.GetUtcNow(), cancellationToken)
            .ConfigureAwait(false);
        await models
            .ReplaceRelationshipsAsync(caller.WorkspaceId, dataset, read, cancellationToken)
            .ConfigureAwait(false);
        return read;
    }

    private async Task ChangeAsync(
        Caller caller,
        Guid model,
        Action<Model, List<JsonElement>> change,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Editor);
        await context.ModelAsync(caller.WorkspaceId, model, cancellationToken).ConfigureAwait(false);
        await models
            .ChangeColumnsAsync(
                caller.WorkspaceId,
                model,
                found =>
                {
                    var columns = found.AdditionalColumns.EnumerateArray().ToList();
                    change(found, columns);
                    return JsonSerializer.SerializeToElement(columns);
                },
                time.GetUtcNow(),
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    private static List<string> SlugsOf(Model model) =>
        [
            .. model.Columns.Select(column => column.Slug),
            .. model.AdditionalColumns.EnumerateArray().Select(ColumnRules.SlugOf),
        ];

    private static int IndexOf(List<JsonElement> columns, string slug)
    {
        var index = columns.FindIndex(column => ColumnRules.SlugOf(column) == slug);
        return index >= 0
            ? index
            : throw EngineException.NotFound($"The model has no added column '{slug}'.", "columnNotFound");
    }
}
