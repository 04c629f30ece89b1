using Tributary.Engine.Custom;

namespace Tributary.Engine.Catalog;

/// <inheritdoc cref="IIntegrationDirectory"/>
internal sealed class IntegrationDirectory(BuiltInDescriptions builtIn, CustomRegistry custom) : IIntegrationDirectory
{
    public async ValueTask<IntegrationDescription?> FindAsync(
        long workspaceId,
        string slug,
        CancellationToken cancellationToken
    ) =>
        builtIn.Find(slug)
        ?? (await custom.FindAsync(workspaceId, slug, cancellationToken).ConfigureAwait(false))?.Manifest.Description;

    public async Task<IReadOnlyList<IntegrationDescription>> ListAsync(
        long workspaceId,
        CancellationToken cancellationToken
    )
    {
        var own = await custom.ListAsync(workspaceId, cancellationToken).ConfigureAwait(false);
        return
        [
            .. builtIn.Visible,
            .. own.Select(integration => integration.Manifest.Description)
                .OrderBy(description => description.Slug, StringComparer.Ordinal),
        ];
    }
}
