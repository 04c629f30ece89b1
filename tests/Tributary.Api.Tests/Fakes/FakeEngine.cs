using System.Collections.Concurrent;
using Tributary.Engine;
using Tributary.Engine.Audit;
using Tributary.Engine.Collections;
using Tributary.Engine.Connectors;
using Tributary.Engine.Ingestion;
using Tributary.Engine.Runs;
using Tributary.Engine.Search;
using Tributary.Engine.Workspaces;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;

namespace Tributary.Api.Tests.Fakes;

/// <summary>What the fakes of the engine's services share.</summary>
internal sealed class FakeEngine(TimeProvider time)
{
    private long _lastId;

    public TimeProvider Time { get; } = time;
    public FakeCatalog Catalog { get; } = new();
    public ConcurrentDictionary<long, Connector> Connectors { get; } = new();
    public ConcurrentDictionary<long, string> Credentials { get; } = new();
    public ConcurrentDictionary<long, Run> Runs { get; } = new();
    public ConcurrentDictionary<long, DocumentFailure> Failures { get; } = new();
    public ConcurrentDictionary<long, Collection> Collections { get; } = new();
    public ConcurrentDictionary<string, StoredFile> Files { get; } = new();
    public ConcurrentDictionary<string, (long ConnectorId, Document Document)> Documents { get; } = new();
    public ConcurrentQueue<AuditEntry> Audit { get; } = new();
    public ConcurrentQueue<SearchRequest> Searches { get; } = new();

    /// <summary>When set, every service method that changes something throws it.</summary>
    public Exception? Mishap { get; set; }

    public long NextId() => Interlocked.Increment(ref _lastId);

    public void Demand(Caller caller, Role role)
    {
        if (Mishap is { } mishap)
        {
            throw mishap;
        }

        caller.Demand(role);
    }

    public Connector Connector(Caller caller, long id) =>
        Connectors.TryGetValue(id, out var connector) && connector.WorkspaceId == caller.WorkspaceId
            ? connector
            : throw EngineException.NotFound($"There is no source {id}.");

    /// <summary>Adds a run that has ended, or goes on.</summary>
    public Run AddRun(long connectorId, RunKind kind, RunState state, RunCounts? counts = null, string? error = null)
    {
        var now = Time.GetUtcNow();
        var id = NextId();
        return Runs[id] = new Run
        {
            Id = id,
            Uuid = Guid.NewGuid(),
            ConnectorId = connectorId,
            Kind = kind,
            State = state,
            RequestedBy = "start",
            QueuedAt = now,
            StartedAt = state == RunState.Queued ? null : now,
            FinishedAt = state is RunState.Queued or RunState.Running or RunState.NeedsConfirmation ? null : now,
            Counts = counts ?? new RunCounts(),
            Error = error,
        };
    }
}
