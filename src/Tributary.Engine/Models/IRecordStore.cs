using System.Text.Json;
using Tributary.Engine.Ingestion;
using Tributary.Engine.Store;

namespace Tributary.Engine.Models;

/// <summary>The rows of models.</summary>
public interface IRecordStore
{
    /// <summary>The stored JSON of these records; unknown ids are absent.</summary>
    ValueTask<IReadOnlyDictionary<string, string>> LookUpAsync(
        long modelId,
        IReadOnlyCollection<string> ids,
        CancellationToken cancellationToken
    );

    /// <summary>A pass over the extractor begins from nothing: what position there was is forgotten.</summary>
    /// <exception cref="FencedException">A newer run has begun.</exception>
    Task BeginPassAsync(RunFence fence, Model model, CancellationToken cancellationToken);

    /// <summary>Writes a page: records, their documents, counters and the position that covers them, in one transaction.</summary>
    /// <returns>Whether the run is asked to stop.</returns>
    /// <exception cref="FencedException">A newer run has begun; nothing was written.</exception>
    Task<bool> CommitAsync(RecordPage page, CancellationToken cancellationToken);

    /// <summary>Removes some of the rows that the pass has not seen, with their documents.</summary>
    /// <returns>How many there were; fewer than <paramref name="max"/> when none is left.</returns>
    Task<(int Removed, bool StopRequested)> RemoveUnseenAsync(
        RunFence fence,
        Model model,
        long pass,
        int max,
        DateTimeOffset now,
        CancellationToken cancellationToken
    );

    /// <summary>The pass is over. Its position is kept when the extractor goes on from there.</summary>
    Task EndPassAsync(RunFence fence, Model model, bool keepPosition, CancellationToken cancellationToken);

    /// <summary>Removes some rows of a model, whatever they are, with their documents.</summary>
    /// <returns>How many there were; 0 when none is left.</returns>
    Task<int> ClearAsync(RunFence fence, Model model, int max, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>One row; null when the model has none with this id.</summary>
    ValueTask<StoredRecord?> FindAsync(Model model, string id, CancellationToken cancellationToken);

    /// <summary>Rows in an order.</summary>
    Task<IReadOnlyList<StoredRecord>> ListAsync(
        Model model,
        RecordOrder order,
        bool isDescending,
        int limit,
        int offset,
        CancellationToken cancellationToken
    );

    /// <summary>Writes rows that came through the API, all or none; their members are merged into rows that are there.</summary>
    /// <param name="model">The model.</param>
    /// <param name="records">What to write, with ids.</param>
    /// <param name="mustExist">Whether a row that is not there is a mistake.</param>
    /// <param name="now">The time of the write.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="EngineException">NotFound <c>recordNotFound</c>.</exception>
    Task<IReadOnlyList<StoredRecord>> WriteAsync(
        Model model,
        IReadOnlyList<(string Id, JsonElement Data)> records,
        bool mustExist,
        DateTimeOffset now,
        CancellationToken cancellationToken
    );

    /// <summary>Removes rows that came through the API; unknown ids are passed over.</summary>
    /// <returns>How many there were.</returns>
    Task<int> RemoveAsync(Model model, IReadOnlyCollection<string> ids, CancellationToken cancellationToken);

    /// <summary>Distinct values of a column among the newest rows, those that contain a text.</summary>
    Task<IReadOnlyList<string>> ListValuesAsync(
        Model model,
        string column,
        string? containing,
        int limit,
        CancellationToken cancellationToken
    );
}

/// <summary>What rows are ordered by.</summary>
public enum RecordOrder
{
    Id,
    Title,
    EmittedAt,
}

/// <summary>A row as it is stored.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">Its name.</param>
/// <param name="EmittedAt">When it was last added or changed.</param>
/// <param name="Data">Its columns, an object.</param>
public sealed record StoredRecord(string Id, string Title, DateTimeOffset EmittedAt, JsonElement Data);

/// <summary>What is written together.</summary>
public sealed record RecordPage
{
    public required RunFence Fence { get; init; }
    public required Model Model { get; init; }

    /// <summary>The pass, for the stamp of the rows that are seen.</summary>
    public required long Pass { get; init; }
    public required DateTimeOffset Now { get; init; }

    /// <summary>Rows to write; no id twice.</summary>
    public IReadOnlyList<PreparedRecord> Records { get; init; } = [];

    /// <summary>Ids of rows that are gone at the source.</summary>
    public IReadOnlyList<string> Removed { get; init; } = [];

    /// <summary>Records that could not be taken, with the reason.</summary>
    public IReadOnlyList<Sdk.Reading.ReadItem.Failed> Failures { get; init; } = [];

    /// <summary>What the page said of the table; null when it said nothing (it is still prepared).</summary>
    public TableFacts? Facts { get; init; }

    /// <summary>The position after this page.</summary>
    public required JsonElement? Meta { get; init; }

    /// <summary>It was the last.</summary>
    public required bool IsLast { get; init; }

    /// <summary>What the run is doing.</summary>
    public required RunProgress Progress { get; init; }
}

/// <summary>A row ready to be written.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">Its name.</param>
/// <param name="Json">Its columns.</param>
/// <param name="Document">What search finds of it; null for nothing, then what it found so far goes.</param>
public sealed record PreparedRecord(string Id, string Title, string Json, PreparedDocument? Document);

/// <summary>What a page says of the table.</summary>
public sealed record TableFacts(
    IReadOnlyList<ModelColumn> Columns,
    string IdColumn,
    string? TitleColumn,
    string? TimeColumn,
    bool HasDocuments
);
