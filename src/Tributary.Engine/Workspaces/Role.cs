namespace Tributary.Engine.Workspaces;

/// <summary>What a person or token may do; each includes the ones before it.</summary>
public enum Role
{
    /// <summary>Search, and look at everything but secrets.</summary>
    Reader,

    /// <summary>Also create, change, run and delete connectors, collections and documents.</summary>
    Editor,

    /// <summary>Also manage users and tokens, and read the audit log.</summary>
    Admin,
}
