using System.Runtime.CompilerServices;
using System.Text.Json;
using Tributary.Api.Http;
using Tributary.Engine.Connectors;
using Tributary.Sdk;

namespace Tributary.Api.Clarm.Onyx;

/// <summary>A connector in Onyx's words.</summary>
internal sealed record ConnectorSnapshot
{
    public required long Id { get; init; }
    public required string Name { get; init; }
    public required string Source { get; init; }

    /// <summary><c>poll</c>, <c>load_state</c> or <c>event</c>.</summary>
    public required string InputType { get; init; }
    public required JsonElement ConnectorSpecificConfig { get; init; }
    public required long? RefreshFreq { get; init; }
    public required long? PruneFreq { get; init; }
    public DateTimeOffset? IndexingStart { get; init; }
    public required DateTimeOffset TimeCreated { get; init; }
    public required DateTimeOffset TimeUpdated { get; init; }
    public required IReadOnlyList<long> CredentialIds { get; init; }

    public static ConnectorSnapshot Of(Connector connector, IIntegrationCatalog catalog) =>
        new()
        {
            Id = connector.Id,
            Name = connector.Name,
            Source = connector.IntegrationSlug,
            InputType = catalog.Find(connector.IntegrationSlug)?.Manifest switch
            {
                { Kind: IntegrationKind.Push } => "event",
                { Capabilities.Incremental: true } => "poll",
                _ => "load_state",
            },
            ConnectorSpecificConfig = connector.Config,
            RefreshFreq = connector.RefreshFreq,
            PruneFreq = connector.PruneFreq,
            TimeCreated = connector.CreatedAt,
            TimeUpdated = connector.UpdatedAt,
            CredentialIds = [connector.CredentialId],
        };
}

/// <summary>A credential in Onyx's words. Each belongs to one connector, and shares its name.</summary>
internal sealed record CredentialSnapshot
{
    public required long Id { get; init; }

    /// <summary>Masked.</summary>
    public required JsonElement CredentialJson { get; init; }
    public required Guid UserId { get; init; }
    public string? UserEmail { get; init; }
    public bool AdminPublic { get; init; } = true;
    public bool CuratorPublic { get; init; }
    public IReadOnlyList<long> Groups { get; init; } = [];
    public required string Source { get; init; }
    public required string Name { get; init; }
    public required DateTimeOffset TimeCreated { get; init; }
    public required DateTimeOffset TimeUpdated { get; init; }

    public static async Task<CredentialSnapshot> OfAsync(Exchange exchange, Connector connector) =>
        new()
        {
            Id = connector.CredentialId,
            CredentialJson = await exchange
                .Get<IConnectorService>()
                .GetMaskedCredentialsAsync(exchange.Caller, connector.Id, exchange.Aborted),
            UserId = connector.CreatedByUuid,
            Source = connector.IntegrationSlug,
            Name = connector.Name,
            TimeCreated = connector.CreatedAt,
            TimeUpdated = connector.UpdatedAt,
        };
}

/// <summary>Onyx's lists are unpaged; they are read page by page here.</summary>
internal static class AllConnectors
{
    private const int Batch = 100;

    /// <summary>The workspace's connectors in order of id, as far as they fit the filter.</summary>
    public static async IAsyncEnumerable<ConnectorOverview> ReadAsync(
        Exchange exchange,
        ConnectorFilter filter,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        var service = exchange.Get<IConnectorService>();
        IReadOnlyList<ConnectorOverview> batch = [];
        do
        {
            var after = batch.Count == 0 ? 0 : batch[^1].Connector.Id;
            batch = await service.ListAsync(exchange.Caller, filter, after, Batch, cancellationToken);
            foreach (var row in batch)
            {
                yield return row;
            }
        } while (batch.Count > 0);
    }
}
