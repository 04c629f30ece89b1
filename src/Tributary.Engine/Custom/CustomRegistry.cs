using System.Collections.Concurrent;
using Tributary.Engine.Custom.Client;
using Tributary.Engine.Custom.Manifests;
using Tributary.Engine.Store;

namespace Tributary.Engine.Custom;

/// <summary>The custom integrations of workspaces with their manifests, of which each is read once.</summary>
internal sealed class CustomRegistry(ICustomIntegrationStore store)
{
    private const int MostKept = 1_000;
    private readonly ConcurrentDictionary<Guid, LoadedIntegration> _loaded = new();

    public async ValueTask<LoadedIntegration?> FindAsync(
        long workspaceId,
        string slug,
        CancellationToken cancellationToken
    ) =>
        await store.FindBySlugAsync(workspaceId, slug, cancellationToken).ConfigureAwait(false) is { } row
            ? Load(row)
            : null;

    /// <summary>One that must be there.</summary>
    /// <exception cref="EngineException">NotFound.</exception>
    public async ValueTask<LoadedIntegration> GetAsync(
        long workspaceId,
        string slug,
        CancellationToken cancellationToken
    ) =>
        await FindAsync(workspaceId, slug, cancellationToken).ConfigureAwait(false)
        ?? throw EngineException.NotFound(
            $"There is no integration '{slug}' in this workspace.",
            "integrationNotFound"
        );

    public async Task<IReadOnlyList<LoadedIntegration>> ListAsync(
        long workspaceId,
        CancellationToken cancellationToken
    ) => [.. (await store.ListAsync(workspaceId, cancellationToken).ConfigureAwait(false)).Select(Load)];

    private LoadedIntegration Load(CustomIntegration row)
    {
        if (
            _loaded.TryGetValue(row.Uuid, out var loaded)
            && loaded.Row == (row with { Manifest = loaded.Row.Manifest })
        )
        {
            return loaded;
        }

        // Stored manifests were right when they were stored; an older version may have been less strict.
        var manifest =
            ManifestReader.Read(row.Slug, row.Manifest, out var problems)
            ?? throw new EngineException(
                RefusalKind.Rejected,
                $"The manifest of '{row.Slug}' is not valid: {ManifestFetcher.InWords(problems)}",
                "failedToGetIntegration"
            );
        if (_loaded.Count >= MostKept)
        {
            _loaded.Clear();
        }

        return _loaded[row.Uuid] = new LoadedIntegration(row, manifest);
    }
}
