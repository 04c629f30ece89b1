using Tributary.Engine;
using Tributary.Engine.Secrets;

namespace Tributary.Maintenance;

/// <summary>The engine's rotation on a data directory that no server works on.</summary>
internal sealed class EngineKeyRotation(EngineStart engine, IServiceProvider services) : IKeyRotation
{
    /// <inheritdoc />
    public async Task<int> RotateAsync(CancellationToken cancellationToken)
    {
        await engine.OpenAsync(cancellationToken);
        // It wants the key ring, which is there only now.
        return await services.GetRequiredService<KeyRotation>().RotateAsync(cancellationToken);
    }
}
