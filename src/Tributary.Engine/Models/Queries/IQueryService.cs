using System.Text.Json;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Models.Queries;

/// <summary>SQL over a workspace's models: single read-only statements, bounded in time, rows and bytes.</summary>
public interface IQueryService
{
    /// <summary>Runs a statement.</summary>
    /// <exception cref="EngineException">Rejected <c>invalidQuery</c>.</exception>
    Task<QueryAnswer> QueryAsync(Caller caller, string query, CancellationToken cancellationToken);

    /// <summary>Runs a statement into a file of comma-separated values that can be fetched for an hour.</summary>
    /// <exception cref="EngineException">Rejected <c>invalidQuery</c>.</exception>
    Task<DownloadAnswer> DownloadAsync(Caller caller, string query, CancellationToken cancellationToken);

    /// <summary>Opens a file by its ticket; null when there is none, or its time is over.</summary>
    Stream? OpenDownload(string ticket);
}

/// <summary>What a statement gave.</summary>
/// <param name="Rows">An array of objects.</param>
/// <param name="IsRefreshing">A model that it reads is being read anew: some rows may be old.</param>
public sealed record QueryAnswer(JsonElement Rows, bool IsRefreshing);

/// <summary>Where a statement's rows can be fetched.</summary>
/// <param name="Ticket">Unguessable; whoever has it may fetch.</param>
/// <param name="IsRefreshing">See <see cref="QueryAnswer"/>.</param>
public sealed record DownloadAnswer(string Ticket, bool IsRefreshing);
