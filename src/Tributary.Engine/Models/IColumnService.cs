using System.Text.Json;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Models;

/// <summary>
/// Columns that people add to models, and how models belong together. Custom columns hold values; computed, metric and
/// lookup columns are kept as they were sent, not computed.
/// </summary>
public interface IColumnService
{
    /// <summary>Adds a column. Conflict <c>duplicateSlug</c>; Rejected <c>aiExpressionNotAllowed</c>, <c>invalidRelationship</c>.</summary>
    Task AddAsync(Caller caller, Guid model, JsonElement column, CancellationToken cancellationToken);

    /// <summary>Replaces the added column of the same slug. NotFound <c>columnNotFound</c>.</summary>
    Task UpdateAsync(Caller caller, Guid model, JsonElement column, CancellationToken cancellationToken);

    /// <summary>Removes an added column. NotFound <c>columnNotFound</c>.</summary>
    Task RemoveAsync(Caller caller, Guid model, string slug, CancellationToken cancellationToken);

    /// <summary>Moves an added column to another place among them. Rejected <c>invalidIndex</c>.</summary>
    Task MoveAsync(Caller caller, Guid model, string slug, int toIndex, CancellationToken cancellationToken);

    /// <summary>The slugs of all columns.</summary>
    Task<IReadOnlyList<string>> ListAsync(Caller caller, Guid model, CancellationToken cancellationToken);

    /// <summary>Whether a model has a column of this slug; false also without the model.</summary>
    Task<bool> ExistsAsync(Caller caller, Guid model, string slug, CancellationToken cancellationToken);

    /// <summary>Distinct values of a column, at most a hundred, that contain a text.</summary>
    Task<IReadOnlyList<string>> ListValuesAsync(
        Caller caller,
        Guid model,
        string column,
        string? containing,
        CancellationToken cancellationToken
    );

    /// <summary>All relationships of the workspace.</summary>
    Task<IReadOnlyList<Relationship>> ListRelationshipsAsync(Caller caller, CancellationToken cancellationToken);

    /// <summary>Replaces a dataset's relationships. Rejected <c>invalidRelationships</c>, <c>modelNotCompatible</c>.</summary>
    Task<IReadOnlyList<Relationship>> SetRelationshipsAsync(
        Caller caller,
        Guid dataset,
        IReadOnlyList<JsonElement> relationships,
        CancellationToken cancellationToken
    );
}
