namespace Tributary.Sdk.Reading;

/// <summary>What is stored of a connector's documents, so that a reader need not fetch what it has.</summary>
public interface IKnownDocuments
{
    /// <summary>Looks up documents of this connector by id.</summary>
    /// <param name="ids">Any number; a few hundred at a time is best.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    /// <returns>The known ones by id; ids that are not stored are absent. Empty in a read from the beginning.</returns>
    ValueTask<IReadOnlyDictionary<string, KnownDocument>> GetAsync(
        IReadOnlyCollection<string> ids,
        CancellationToken cancellationToken
    );
}

/// <summary>What is stored of a document.</summary>
/// <param name="Version">Its <see cref="Documents.Document.Version"/> when it was last stored.</param>
/// <param name="Note">Its <see cref="Documents.Document.Note"/> when it was last stored.</param>
public sealed record KnownDocument(string? Version, string? Note);
