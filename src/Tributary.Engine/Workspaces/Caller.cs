namespace Tributary.Engine.Workspaces;

/// <summary>Who asks. Everything that the engine does for a caller is confined to the caller's workspace.</summary>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="WorkspaceUuid">The same, as the Cargo dialect names it.</param>
/// <param name="UserId">The person, or the owner of the token.</param>
/// <param name="UserUuid">The same, as the Cargo dialect names it.</param>
/// <param name="Name">What the audit log shows: an e-mail address, or the token's name.</param>
/// <param name="Role">What he may do.</param>
public sealed record Caller(long WorkspaceId, Guid WorkspaceUuid, long UserId, Guid UserUuid, string Name, Role Role)
{
    /// <summary>Throws when the caller's role is too small.</summary>
    /// <exception cref="EngineException">Forbidden.</exception>
    public void Demand(Role role)
    {
        if (Role < role)
        {
            throw new EngineException(
                RefusalKind.Forbidden,
                $"This needs the role {role.ToString().ToLowerInvariant()}; {Name} is {Role.ToString().ToLowerInvariant()}."
            );
        }
    }
}
