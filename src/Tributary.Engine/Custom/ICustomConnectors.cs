using System.Text.Json;

namespace Tributary.Engine.Custom;

/// <summary>What making and changing a connector of a custom integration needs.</summary>
public interface ICustomConnectors
{
    /// <summary>Validates a config by the integration's schema, has its server authenticate it, and returns the config to store.</summary>
    /// <param name="workspaceId">Whose integration.</param>
    /// <param name="slug">Which.</param>
    /// <param name="connectorUuid">The connector, which may not exist yet.</param>
    /// <param name="config">What was sent, secrets unmasked.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="EngineException">
    /// Invalid with every mistake; Rejected with <see cref="EngineException.Reason"/> <c>unauthenticated</c> when its server
    /// refuses the credentials, <c>failedToGetIntegration</c> when it cannot be asked.
    /// </exception>
    Task<JsonElement> AuthenticateAsync(
        long workspaceId,
        string slug,
        Guid connectorUuid,
        JsonElement config,
        CancellationToken cancellationToken
    );

    /// <summary>A stored config as answers show it: what its schema or its name says is secret is masked.</summary>
    ValueTask<JsonElement> MaskAsync(
        long workspaceId,
        string slug,
        JsonElement config,
        CancellationToken cancellationToken
    );
}
