using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Models.Queries;

/// <inheritdoc cref="IQueryService"/>
internal sealed class QueryService(IModelStore models, IQueryStore store, Downloads downloads)
    : IQueryService,
        IDisposable
{
    private const int MaxCharacters = 100_000;
    private const int MaxRows = 10_000;
    private const int MaxBytes = 16 * 1024 * 1024;
    private const int MaxFileRows = 1_000_000;
    private const long MaxFileBytes = 256L * 1024 * 1024;
    private const int MaxTables = 50;

    /// <summary>Statements that run at once: each keeps a thread busy.</summary>
    private const int AtOnce = 2;
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FileTimeLimit = TimeSpan.FromSeconds(120);

    private readonly SemaphoreSlim _slots = new(AtOnce);

    public async Task<QueryAnswer> QueryAsync(Caller caller, string query, CancellationToken cancellationToken)
    {
        using var rows = new JsonRows(MaxBytes);
        var isRefreshing = await RunAsync(caller, query, MaxRows, TimeLimit, rows, cancellationToken)
            .ConfigureAwait(false);
        return new QueryAnswer(rows.End(), isRefreshing);
    }

    public async Task<DownloadAnswer> DownloadAsync(Caller caller, string query, CancellationToken cancellationToken)
    {
        var (ticket, file) = downloads.Create();
        try
        {
            bool isRefreshing;
            await using (file)
            {
                await using var rows = new CsvRows(file, MaxFileBytes);
                isRefreshing = await RunAsync(caller, query, MaxFileRows, FileTimeLimit, rows, cancellationToken)
                    .ConfigureAwait(false);
            }

            return new DownloadAnswer(ticket, isRefreshing);
        }
        catch
        {
            downloads.Delete(ticket);
            throw;
        }
    }

    public Stream? OpenDownload(string ticket) => downloads.Open(ticket);

    public void Dispose() => _slots.Dispose();

    private async Task<bool> RunAsync(
        Caller caller,
        string query,
        int maxRows,
        TimeSpan timeLimit,
        IRowSink rows,
        CancellationToken cancellationToken
    )
    {
        if (query.Length > MaxCharacters || query.Contains('\0'))
        {
            throw Invalid($"A statement has at most {MaxCharacters} characters, none of them NUL.");
        }

        var (sql, tables) = TableNames.Rewrite(query);
        if (tables.Count > MaxTables)
        {
            throw Invalid($"A statement reads at most {MaxTables} tables.");
        }

        var found = new Dictionary<string, Model>(StringComparer.Ordinal);
        foreach (var table in tables)
        {
            if (
                await models
                    .FindByTableAsync(caller.WorkspaceId, table.Dataset, table.Model, cancellationToken)
                    .ConfigureAwait(false) is
                { } model
            )
            {
                found[table.Name] = model;
            }
        }

        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await store
                .RunAsync(new ModelQuery(sql, found, maxRows, timeLimit), rows, cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            _slots.Release();
        }

        return found.Values.Any(model => model.IsRefreshing);
    }

    /// <summary>The refusal of a statement.</summary>
    public static EngineException Invalid(string message) => new(RefusalKind.Rejected, message, "invalidQuery");
}
