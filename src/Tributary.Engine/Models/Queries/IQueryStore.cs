namespace Tributary.Engine.Models.Queries;

/// <summary>Runs statements of strangers over the tables of some models, and over nothing else.</summary>
public interface IQueryStore
{
    /// <summary>Runs one read-only statement.</summary>
    /// <param name="query">The statement and its bounds.</param>
    /// <param name="rows">Receives the columns, then each row.</param>
    /// <param name="cancellationToken">Ends it in the middle.</param>
    /// <exception cref="EngineException">Rejected <c>invalidQuery</c>: the statement is wrong, not allowed, or exceeds a bound.</exception>
    Task RunAsync(ModelQuery query, IRowSink rows, CancellationToken cancellationToken);
}

/// <summary>A statement with the models that it may read.</summary>
/// <param name="Sql">As <see cref="TableNames.Rewrite"/> writes it.</param>
/// <param name="Models">By the names that the statement has for them.</param>
/// <param name="MaxRows">More are an error.</param>
/// <param name="TimeLimit">It is ended after that.</param>
public sealed record ModelQuery(string Sql, IReadOnlyDictionary<string, Model> Models, int MaxRows, TimeSpan TimeLimit);

/// <summary>Takes what a statement gives. Throws when it is too much.</summary>
public interface IRowSink
{
    /// <summary>The columns, before any row.</summary>
    void Begin(IReadOnlyList<string> columns);

    /// <summary>A row: null, long, double, string or byte[], in the columns' order.</summary>
    void Add(ReadOnlySpan<object?> values);
}
