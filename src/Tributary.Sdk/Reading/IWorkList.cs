namespace Tributary.Sdk.Reading;

/// <summary>
/// A durable, de-duplicating, first-in-first-out queue of things still to be read, e.g. a crawl's frontier. It lives in
/// the store, so memory does not grow with it. Changes take effect for the reader at once and become durable with the
/// next checkpoint, in the same transaction: after a crash it is as it was at the last one.
/// A read and a listing have a list each. Not safe for concurrent use.
/// </summary>
public interface IWorkList
{
    /// <summary>Forgets everything: a new pass over the source begins.</summary>
    ValueTask ClearAsync(CancellationToken cancellationToken);

    /// <summary>Adds the items whose key was never added in this pass.</summary>
    /// <returns>The items that were new, in order.</returns>
    ValueTask<IReadOnlyList<WorkItem>> AddAsync(
        IReadOnlyCollection<WorkItem> items,
        CancellationToken cancellationToken
    );

    /// <summary>Takes the next items that are neither finished nor already taken by this run.</summary>
    /// <returns>At most <paramref name="max"/>; fewer, or none, when there are no more for the moment.</returns>
    ValueTask<IReadOnlyList<WorkItem>> TakeAsync(int max, CancellationToken cancellationToken);

    /// <summary>
    /// Marks an item as finished that was taken, or that was added since the last checkpoint. To be called after everything
    /// that came of it was yielded.
    /// </summary>
    void Complete(string key);

    /// <summary>Whether the key was ever added in this pass.</summary>
    ValueTask<bool> ContainsAsync(string key, CancellationToken cancellationToken);

    /// <summary>Items not finished yet, taken ones included.</summary>
    long Pending { get; }

    /// <summary>Items added in this pass.</summary>
    long Total { get; }
}

/// <summary>One thing to read.</summary>
/// <param name="Key">Its identity in this pass, e.g. a normalised URL; at most 2,000 characters.</param>
/// <param name="Data">Whatever the reader needs to know about it; null when the key says it all.</param>
/// <param name="Depth">How many steps from the start it was found.</param>
public sealed record WorkItem(string Key, string? Data = null, int Depth = 0);
