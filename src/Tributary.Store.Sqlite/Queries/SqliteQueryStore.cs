using Tributary.Engine;
using Tributary.Engine.Models.Queries;

namespace Tributary.Store.Sqlite.Queries;

/// <inheritdoc cref="IQueryStore"/>
internal sealed class SqliteQueryStore(EngineOptions options, TimeProvider time) : IQueryStore
{
    private const string Reason = "invalidQuery";

    public Task RunAsync(ModelQuery query, IRowSink rows, CancellationToken cancellationToken) =>
        Task.Run(() => Run(query, rows, cancellationToken), cancellationToken);

    private void Run(ModelQuery query, IRowSink rows, CancellationToken cancellationToken)
    {
        using var sandbox = new Sandbox(Path.Combine(options.DataFolder, SqliteStore.FileName));
        sandbox.AddViews(query.Models);
        var began = time.GetTimestamp();
        var isLate = false;
        sandbox.Close(() =>
        {
            isLate = time.GetElapsedTime(began) > query.TimeLimit;
            return isLate || cancellationToken.IsCancellationRequested;
        });
        try
        {
            using var statement = sandbox.Prepare(query.Sql);
            Read(statement, rows, query.MaxRows);
        }
        catch (SqliteStoreException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (SqliteStoreException) when (isLate)
        {
            throw Refused($"The statement took longer than {query.TimeLimit.TotalSeconds:0} seconds: select less.");
        }
        catch (SqliteStoreException exception)
        {
            throw Refused(exception.Reason);
        }
    }

    private static void Read(SandboxedStatement statement, IRowSink rows, int maxRows)
    {
        rows.Begin(statement.Columns);
        var values = new object?[statement.Columns.Count];
        for (var count = 0; statement.Step(); count++)
        {
            if (count == maxRows)
            {
                throw Refused($"The statement gives more than {maxRows} rows: add a LIMIT, or use query/download.");
            }

            statement.Values(values);
            rows.Add(values);
        }
    }

    public static EngineException Refused(string message) => new(RefusalKind.Rejected, message, Reason);
}
