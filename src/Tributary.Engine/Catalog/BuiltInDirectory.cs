namespace Tributary.Engine.Catalog;

/// <summary>A directory of the integrations of this version alone.</summary>
internal sealed class BuiltInDirectory(BuiltInDescriptions builtIn) : IIntegrationDirectory
{
    public ValueTask<IntegrationDescription?> FindAsync(
        long workspaceId,
        string slug,
        CancellationToken cancellationToken
    ) => ValueTask.FromResult(builtIn.Find(slug));

    public Task<IReadOnlyList<IntegrationDescription>> ListAsync(
        long workspaceId,
        CancellationToken cancellationToken
    ) => Task.FromResult(builtIn.Visible);
}
