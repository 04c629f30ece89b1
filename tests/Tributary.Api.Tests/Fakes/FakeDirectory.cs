using Tributary.Engine.Catalog;

namespace Tributary.Api.Tests.Fakes;

/// <summary>The fakes' integrations, and one custom one when it is given.</summary>
internal sealed class FakeDirectory(BuiltInDescriptions builtIn, IntegrationDescription? custom = null)
    : IIntegrationDirectory
{
    public ValueTask<IntegrationDescription?> FindAsync(
        long workspaceId,
        string slug,
        CancellationToken cancellationToken
    ) => new(builtIn.Find(slug) ?? (custom?.Slug == slug ? custom : null));

    public Task<IReadOnlyList<IntegrationDescription>> ListAsync(
        long workspaceId,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<IntegrationDescription>>([
            .. builtIn.Visible,
            .. custom is null ? [] : (IntegrationDescription[])[custom],
        ]);
}
