using Tributary.Engine.Connectors;
using Tributary.Engine.Store;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Collections;

/// <inheritdoc cref="ICollectionService"/>
internal sealed class CollectionService(ICollectionStore store, IConnectorStore connectors, TimeProvider time)
    : ICollectionService
{
    public async Task<Collection> CreateAsync(
        Caller caller,
        string name,
        IReadOnlyList<long> connectorIds,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Editor);
        DemandName(name);
        await DemandConnectorsAsync(caller, connectorIds, cancellationToken).ConfigureAwait(false);
        var now = time.GetUtcNow();
        var row =
            await store
                .InsertAsync(
                    caller.WorkspaceId,
                    name,
                    connectorIds,
                    now,
                    Audit(caller, "collection.create", ""),
                    cancellationToken
                )
                .ConfigureAwait(false)
            ?? throw Taken(name);
        return await LoadAsync(caller, row, cancellationToken).ConfigureAwait(false);
    }

    public async Task<Collection> GetAsync(Caller caller, long id, CancellationToken cancellationToken) =>
        await store.FindAsync(caller.WorkspaceId, id, cancellationToken).ConfigureAwait(false) is { } row
            ? await LoadAsync(caller, row, cancellationToken).ConfigureAwait(false)
            : throw Missing(id);

    public async Task<Collection?> FindByNameAsync(Caller caller, string name, CancellationToken cancellationToken) =>
        await store.FindByNameAsync(caller.WorkspaceId, name, cancellationToken).ConfigureAwait(false) is { } row
            ? await LoadAsync(caller, row, cancellationToken).ConfigureAwait(false)
            : null;

    public async Task<IReadOnlyList<Collection>> ListAsync(
        Caller caller,
        long afterId,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var result = new List<Collection>();
        foreach (
            var row in await store
                .ListAsync(caller.WorkspaceId, afterId, limit, cancellationToken)
                .ConfigureAwait(false)
        )
        {
            result.Add(await LoadAsync(caller, row, cancellationToken).ConfigureAwait(false));
        }

        return result;
    }

    public async Task<Collection> UpdateAsync(
        Caller caller,
        long id,
        string? name,
        IReadOnlyList<long>? connectorIds,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Editor);
        if (name is not null)
        {
            DemandName(name);
        }

        await DemandConnectorsAsync(caller, connectorIds ?? [], cancellationToken).ConfigureAwait(false);
        try
        {
            var audit = Audit(caller, "collection.update", $"collection {id}");
            if (
                !await store
                    .UpdateAsync(caller.WorkspaceId, id, name, connectorIds, audit, cancellationToken)
                    .ConfigureAwait(false)
            )
            {
                throw Missing(id);
            }
        }
        catch (NameTakenException)
        {
            throw Taken(name!);
        }

        return await GetAsync(caller, id, cancellationToken).ConfigureAwait(false);
    }

    public async Task DeleteAsync(Caller caller, long id, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Editor);
        var audit = Audit(caller, "collection.delete", $"collection {id}");
        if (!await store.DeleteAsync(caller.WorkspaceId, id, audit, cancellationToken).ConfigureAwait(false))
        {
            throw Missing(id);
        }
    }

    private async Task<Collection> LoadAsync(Caller caller, CollectionRow row, CancellationToken cancellationToken)
    {
        var members = new List<Connector>(row.ConnectorIds.Count);
        foreach (var id in row.ConnectorIds)
        {
            if (
                await connectors.FindAsync(caller.WorkspaceId, id, cancellationToken).ConfigureAwait(false) is
                { } connector
            )
            {
                members.Add(connector);
            }
        }

        return new Collection(row.Id, row.Name, members, row.CreatedAt);
    }

    private async Task DemandConnectorsAsync(
        Caller caller,
        IReadOnlyList<long> ids,
        CancellationToken cancellationToken
    )
    {
        var missing = new List<long>();
        foreach (var id in ids.Distinct())
        {
            if (await connectors.FindAsync(caller.WorkspaceId, id, cancellationToken).ConfigureAwait(false) is null)
            {
                missing.Add(id);
            }
        }

        if (missing.Count > 0)
        {
            throw EngineException.NotFound($"These sources do not exist: {string.Join(", ", missing)}");
        }
    }

    private static void DemandName(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > 200)
        {
            throw new EngineException(RefusalKind.Rejected, "A collection's name has 1 to 200 characters.");
        }
    }

    private AuditDraft Audit(Caller caller, string action, string target) =>
        new(caller.WorkspaceId, time.GetUtcNow(), caller.Name, action, target);

    private static EngineException Missing(long id) => EngineException.NotFound($"Collection {id} does not exist");

    private static EngineException Taken(string name) =>
        new(RefusalKind.Rejected, $"A collection named '{name}' already exists.");
}
