namespace Tributary.Engine.Workspaces;

/// <summary>The tenant: users, tokens, connectors and documents belong to exactly one.</summary>
public sealed record Workspace(long Id, Guid Uuid, string Name, DateTimeOffset CreatedAt)
{
    /// <summary>The uuid of its dataset <c>default</c>, which belongs to no connector.</summary>
    public Guid DatasetUuid { get; init; }
}

/// <summary>A person.</summary>
public sealed record User(long Id, Guid Uuid, long WorkspaceId, string Email, Role Role, DateTimeOffset CreatedAt);

/// <summary>A token for programs; without its secret, of which only a hash is stored.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Uuid">Its id in the Cargo dialect.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="UserUuid">Whose it is, in the Cargo dialect.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Display">First and last four characters of the secret.</param>
/// <param name="Role">What it may do.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends; null for never.</param>
/// <param name="LastUsedAt">When it was last used, to the minute; null for never.</param>
public sealed record ApiToken(
    long Id,
    Guid Uuid,
    long UserId,
    Guid UserUuid,
    string Name,
    string Display,
    Role Role,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt
)
{
    /// <summary>What people note of it; null for nothing.</summary>
    public string? Description { get; init; }
}
