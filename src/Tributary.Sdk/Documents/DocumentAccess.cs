namespace Tributary.Sdk.Documents;

/// <summary>Who may read a document at its source.</summary>
/// <param name="IsPublic">Everyone in the workspace.</param>
/// <param name="Users">E-mail addresses.</param>
/// <param name="Groups">The source's own group ids, prefixed with the integration's slug.</param>
public sealed record DocumentAccess(bool IsPublic, IReadOnlyList<string> Users, IReadOnlyList<string> Groups);
