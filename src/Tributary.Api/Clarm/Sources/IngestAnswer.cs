namespace Tributary.Api.Clarm.Sources;

/// <summary>What became of one source.</summary>
/// <param name="SourceName">Its name.</param>
/// <param name="SourceType">Its type.</param>
/// <param name="ConnectorId">Its id; null when it could not be created.</param>
/// <param name="DocumentsIndexed">Documents that it holds now.</param>
/// <param name="ChunksIndexed">Passages that were written.</param>
/// <param name="Success">It was read to its end, and every uploaded file was.</param>
/// <param name="ErrorMessage">What went wrong; also of single documents when the source as a whole went well.</param>
internal sealed record IngestResult(
    string SourceName,
    string SourceType,
    long? ConnectorId,
    long DocumentsIndexed,
    long ChunksIndexed,
    bool Success,
    string? ErrorMessage
);

/// <summary>What became of all.</summary>
internal sealed record IngestAnswer
{
    /// <summary>Every source went well.</summary>
    public required bool Success { get; init; }
    public required string Message { get; init; }
    public required IReadOnlyList<IngestResult> Results { get; init; }
    public required long TotalDocumentsIndexed { get; init; }
    public required long TotalChunksIndexed { get; init; }
    public long? CollectionId { get; init; }

    /// <summary>Ids of the sources that went well, in the order of the results.</summary>
    public required IReadOnlyList<long> KnowledgeSourceIds { get; init; }

    public static IngestAnswer Of(IReadOnlyList<IngestResult> results)
    {
        var good = results.Count(result => result.Success);
        var documents = results.Sum(result => result.DocumentsIndexed);
        return new IngestAnswer
        {
            Success = good == results.Count,
            Message =
                good == results.Count
                    ? $"{documents} documents of {results.Count} sources indexed"
                    : $"{results.Count - good} of {results.Count} sources failed; {documents} documents indexed",
            Results = results,
            TotalDocumentsIndexed = documents,
            TotalChunksIndexed = results.Sum(result => result.ChunksIndexed),
            KnowledgeSourceIds =
            [
                .. results.Where(result => result.Success).Select(result => result.ConnectorId!.Value),
            ],
        };
    }
}
