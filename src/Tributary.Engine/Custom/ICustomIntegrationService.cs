using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Custom;

/// <summary>
/// A workspace's custom integrations. Looking needs the role reader, everything else editor. Throws
/// <see cref="EngineException"/>: NotFound (<c>customIntegrationNotFound</c>), Rejected with what is wrong with the server
/// or its manifest, Conflict while connectors use it.
/// </summary>
public interface ICustomIntegrationService
{
    /// <summary>Asks the server for its manifest, and keeps both when it is right.</summary>
    Task<CustomIntegration> CreateAsync(
        Caller caller,
        CustomIntegrationDraft draft,
        CancellationToken cancellationToken
    );

    /// <summary>One.</summary>
    Task<CustomIntegration> GetAsync(Caller caller, Guid uuid, CancellationToken cancellationToken);

    /// <summary>All, in the order in which they were made.</summary>
    Task<IReadOnlyList<CustomIntegration>> ListAsync(Caller caller, CancellationToken cancellationToken);

    /// <summary>Changes one, and asks for its manifest again; nothing is changed when that is not right.</summary>
    Task<CustomIntegration> UpdateAsync(
        Caller caller,
        Guid uuid,
        CustomIntegrationChange change,
        CancellationToken cancellationToken
    );

    /// <summary>Removes one that no connector uses.</summary>
    Task DeleteAsync(Caller caller, Guid uuid, CancellationToken cancellationToken);
}
