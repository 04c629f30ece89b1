using System.Text.Json;
using Tributary.Engine.Runs;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Connectors;

/// <summary>
/// Connectors as their users handle them. Every method confines itself to the caller's workspace, demands the role it
/// needs (reader to look, editor to change), writes the audit log, and throws <see cref="EngineException"/> otherwise.
/// </summary>
public interface IConnectorService
{
    /// <summary>
    /// Validates shape and settings (every mistake at once), checks credentials and config against the source, and
    /// stores connector and credential in one transaction. Nothing is stored when anything is wrong.
    /// </summary>
    Task<Connector> CreateAsync(Caller caller, ConnectorDraft draft, CancellationToken cancellationToken);

    /// <summary>One connector. NotFound when it is not in the caller's workspace.</summary>
    Task<Connector> GetAsync(Caller caller, long id, CancellationToken cancellationToken);

    /// <summary>One connector by its uuid. NotFound (<c>connectorNotFound</c>) also when it is being deleted.</summary>
    Task<Connector> GetAsync(Caller caller, Guid uuid, CancellationToken cancellationToken);

    /// <summary>Whether a connector of the workspace has the slug; one that is being deleted has freed it.</summary>
    ValueTask<bool> IsSlugTakenAsync(Caller caller, string slug, CancellationToken cancellationToken);

    /// <summary>The models of each connector of the workspace, by the connector's id; those without any are left out.</summary>
    Task<IReadOnlyDictionary<long, long>> CountModelsAsync(Caller caller, CancellationToken cancellationToken);

    /// <summary>One connector with what goes on.</summary>
    Task<ConnectorOverview> GetOverviewAsync(Caller caller, long id, CancellationToken cancellationToken);

    /// <summary>Connectors in order of id, from after <paramref name="afterId"/>, with what goes on.</summary>
    Task<IReadOnlyList<ConnectorOverview>> ListAsync(
        Caller caller,
        ConnectorFilter filter,
        long afterId,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>Changes settings; validated and checked like a new one. A running run ends with the old settings.</summary>
    Task<Connector> UpdateAsync(Caller caller, long id, ConnectorChange change, CancellationToken cancellationToken);

    /// <summary>The connector's credentials with every secret masked (<c>abcd...wxyz</c>, short ones as bullets).</summary>
    Task<JsonElement> GetMaskedCredentialsAsync(Caller caller, long id, CancellationToken cancellationToken);

    /// <summary>
    /// Config and credentials as one object, as the Cargo dialect has them, secrets masked; null when the connector reads
    /// with shared credentials.
    /// </summary>
    ValueTask<JsonElement?> GetMaskedSettingsAsync(
        Caller caller,
        Connector connector,
        CancellationToken cancellationToken
    );

    /// <summary>Stops what goes on at its next commit and schedules nothing more. Paused ones stay paused.</summary>
    Task<Connector> PauseAsync(Caller caller, long id, CancellationToken cancellationToken);

    /// <summary>Goes on from the last checkpoint. What was read to its end is not read again because of it.</summary>
    Task<Connector> ResumeAsync(Caller caller, long id, CancellationToken cancellationToken);

    /// <summary>Queues the deletion of the connector and of the documents that nobody else holds.</summary>
    Task<Run> DeleteAsync(Caller caller, long id, CancellationToken cancellationToken);

    /// <summary>As <see cref="DeleteAsync"/>, but Conflict (<c>connectorIsUsedInModels</c>) while it has models.</summary>
    Task<Run> DeleteUnusedAsync(Caller caller, long id, CancellationToken cancellationToken);
}

/// <summary>Which connectors to list; null members do not filter.</summary>
/// <param name="IntegrationSlug">Exact slug, aliases included.</param>
/// <param name="Name">Part of the name, without regard to case.</param>
/// <param name="Status">Exact.</param>
/// <param name="OnlyLive">Leave out those that are being deleted.</param>
public sealed record ConnectorFilter(
    string? IntegrationSlug = null,
    string? Name = null,
    ConnectorStatus? Status = null,
    bool OnlyLive = false
);

/// <summary>A connector with what goes on.</summary>
/// <param name="Connector">The connector.</param>
/// <param name="CurrentRun">The run that is queued, going on or waiting for confirmation; null when none.</param>
/// <param name="LastRun">The run that ended last; null when none has.</param>
/// <param name="OpenFailures">Documents that failed and have not succeeded since.</param>
public sealed record ConnectorOverview(Connector Connector, Run? CurrentRun, Run? LastRun, long OpenFailures);
