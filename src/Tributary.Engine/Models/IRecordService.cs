using System.Text.Json;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Models;

/// <summary>The rows of models as their users handle them. Only models that nobody reads for us are written to.</summary>
public interface IRecordService
{
    /// <summary>One row. NotFound <c>recordNotFound</c>.</summary>
    Task<(StoredRecord Record, bool IsRefreshing)> GetAsync(
        Caller caller,
        Guid model,
        string id,
        CancellationToken cancellationToken
    );

    /// <summary>Rows in an order.</summary>
    Task<(IReadOnlyList<StoredRecord> Records, bool IsRefreshing)> ListAsync(
        Caller caller,
        Guid model,
        RecordOrder order,
        bool isDescending,
        int limit,
        int offset,
        CancellationToken cancellationToken
    );

    /// <summary>Adds rows, all or none. One whose id is taken is merged into the row that is there.</summary>
    /// <exception cref="EngineException">Rejected <c>incompatibleWithRecordAction</c>: the model is read from a source.</exception>
    Task<IReadOnlyList<StoredRecord>> CreateAsync(
        Caller caller,
        Guid model,
        IReadOnlyList<JsonElement> records,
        CancellationToken cancellationToken
    );

    /// <summary>Changes members of rows, all or none. NotFound <c>recordNotFound</c>.</summary>
    Task<IReadOnlyList<StoredRecord>> UpdateAsync(
        Caller caller,
        Guid model,
        IReadOnlyList<(string Id, JsonElement Data)> records,
        CancellationToken cancellationToken
    );

    /// <summary>Removes rows; unknown ids are passed over. Returns how many there were.</summary>
    Task<int> RemoveAsync(
        Caller caller,
        Guid model,
        IReadOnlyCollection<string> ids,
        CancellationToken cancellationToken
    );
}
