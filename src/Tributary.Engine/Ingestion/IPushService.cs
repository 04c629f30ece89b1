using Tributary.Engine.Workspaces;
using Tributary.Sdk.Documents;

namespace Tributary.Engine.Ingestion;

/// <summary>Documents that callers push; durable and searchable when a call returns.</summary>
public interface IPushService
{
    /// <summary>
    /// Stores documents into a connector; the same id replaces. One transaction; the same id twice in a call: the last wins.
    /// </summary>
    /// <param name="caller">An editor.</param>
    /// <param name="connectorId">Any connector of the workspace; null for the built-in one of <c>ingestion_api</c>, made on first use.</param>
    /// <param name="documents">At most 1,000.</param>
    /// <param name="cancellationToken">Ends the wait, not what was already handed over.</param>
    /// <returns>What became of each, in order.</returns>
    Task<IReadOnlyList<PushedDocument>> PushAsync(
        Caller caller,
        long? connectorId,
        IReadOnlyList<Document> documents,
        CancellationToken cancellationToken
    );

    /// <summary>Deletes one pushed document. NotFound when it does not exist; Rejected when it came another way.</summary>
    Task DeleteAsync(Caller caller, string documentId, CancellationToken cancellationToken);

    /// <summary>Documents in order of <see cref="DocumentSummary.Key"/>: of one connector, or (null) everything that was pushed.</summary>
    Task<IReadOnlyList<DocumentSummary>> ListAsync(
        Caller caller,
        long? connectorId,
        long afterKey,
        int limit,
        CancellationToken cancellationToken
    );
}

/// <summary>What became of a pushed document.</summary>
/// <param name="DocumentId">Its id.</param>
/// <param name="AlreadyExisted">It was there before.</param>
/// <param name="Chunks">Passages that it has now.</param>
public sealed record PushedDocument(string DocumentId, bool AlreadyExisted, int Chunks);

/// <summary>A document in a list.</summary>
/// <param name="Key">Its place in the list.</param>
/// <param name="Id">Its id.</param>
/// <param name="Title">Its title.</param>
/// <param name="Link">Where a person opens it.</param>
/// <param name="SourceType">Its source type.</param>
/// <param name="UpdatedAt">When it changed.</param>
public sealed record DocumentSummary(
    long Key,
    string Id,
    string Title,
    string? Link,
    string SourceType,
    DateTimeOffset? UpdatedAt
);
