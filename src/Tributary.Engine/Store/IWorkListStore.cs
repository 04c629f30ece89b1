using Tributary.Sdk.Reading;

namespace Tributary.Engine.Store;

/// <summary>Readers' work lists as they were at the last checkpoint.</summary>
public interface IWorkListStore
{
    /// <summary>How it stands.</summary>
    ValueTask<WorkListState> GetStateAsync(WorkListId id, CancellationToken cancellationToken);

    /// <summary>Which of these keys are stored at a position above <paramref name="after"/>.</summary>
    ValueTask<IReadOnlyCollection<string>> FindKeysAsync(
        WorkListId id,
        long after,
        IReadOnlyCollection<string> keys,
        CancellationToken cancellationToken
    );

    /// <summary>Unfinished items with positions above <paramref name="after"/>, in order.</summary>
    ValueTask<IReadOnlyList<(long Position, WorkItem Item)>> TakeAsync(
        WorkListId id,
        long after,
        int max,
        CancellationToken cancellationToken
    );

    /// <summary>Writes changes by themselves, where no checkpoint has to go with them (listings).</summary>
    Task ApplyAsync(WorkListChanges changes, CancellationToken cancellationToken);
}

/// <summary>Which list.</summary>
/// <param name="ConnectorId">Of which connector.</param>
/// <param name="IsListing">The list of its listings, not of its reads.</param>
public sealed record WorkListId(long ConnectorId, bool IsListing);

/// <summary>How a list stands.</summary>
/// <param name="LastPosition">The highest position ever given; -1 when empty.</param>
/// <param name="Total">Items.</param>
/// <param name="Pending">Items not finished.</param>
public sealed record WorkListState(long LastPosition, long Total, long Pending);

/// <summary>Changes to a list, applied in this order.</summary>
/// <param name="Id">Which list.</param>
/// <param name="Cleared">Everything that was there is forgotten first.</param>
/// <param name="Added">New items with their positions, which grow.</param>
/// <param name="Done">Positions of finished items.</param>
public sealed record WorkListChanges(
    WorkListId Id,
    bool Cleared,
    IReadOnlyList<(long Position, WorkItem Item)> Added,
    IReadOnlyList<long> Done
)
{
    /// <summary>Whether there is nothing to write.</summary>
    public bool IsEmpty => !Cleared && Added.Count == 0 && Done.Count == 0;
}
