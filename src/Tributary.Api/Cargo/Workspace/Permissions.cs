using System.ComponentModel;
using Tributary.Api.Http;
using Tributary.Engine.Workspaces;

namespace Tributary.Api.Cargo.Workspace;

/// <summary>What a token may do, in the dialect's words.</summary>
internal sealed record PermissionBody
{
    [Description("allow or deny; deny beats allow.")]
    public required PermissionEffect Effect { get; init; }

    [Description("Null: tokens are not confined to single resources.")]
    public IReadOnlyList<string>? Resources { get; init; }

    [Description("For example connection:read, storage:*, workspaceManagement:write.")]
    public required IReadOnlyList<string> Actions { get; init; }
}

internal enum PermissionEffect
{
    Allow,
    Deny,
}

/// <summary>The same in answers.</summary>
internal sealed record PermissionAnswer(string Effect, IReadOnlyList<string>? Resources, IReadOnlyList<string> Actions);

/// <summary>Translates between permissions and the three roles.</summary>
internal static class Permissions
{
    private static readonly string[] Read = ["connection:read", "storage:read", "workspaceManagement:read"];
    private static readonly string[] Write = ["connection:write", "storage:write"];
    private const string Manage = "workspaceManagement:write";

    /// <summary>What a role may do.</summary>
    public static IReadOnlyList<PermissionAnswer> Of(Role role) =>
        [
            new(
                "allow",
                null,
                role switch
                {
                    Role.Admin => ["connection:*", "storage:*", "workspaceManagement:*"],
                    Role.Editor => ["connection:*", "storage:*", "workspaceManagement:read"],
                    _ => Read,
                }
            ),
        ];

    /// <summary>The largest role that may do nothing beyond what is permitted.</summary>
    /// <exception cref="RequestException">400: no role is that small.</exception>
    public static Role RoleOf(IReadOnlyList<PermissionBody> permissions)
    {
        if (permissions.Any(permission => permission.Resources is not null))
        {
            throw Refusal("Tokens are not confined to single resources: send resources as null");
        }

        if (!Read.All(May))
        {
            throw Refusal($"A token may at least read: allow {string.Join(", ", Read)}, or send null");
        }

        return !Write.All(May) ? Role.Reader
            : May(Manage) ? Role.Admin
            : Role.Editor;

        bool May(string action) => Has(PermissionEffect.Allow, action) && !Has(PermissionEffect.Deny, action);

        bool Has(PermissionEffect effect, string action) =>
            permissions.Any(permission =>
                permission.Effect == effect && permission.Actions.Any(granted => Covers(granted, action, effect))
            );
    }

    // Who may write may read; who must not read cannot write either.
    private static bool Covers(string granted, string action, PermissionEffect effect)
    {
        var (area, level) = (action.Split(':')[0], action.Split(':')[1]);
        var implied = effect == PermissionEffect.Allow ? "write" : "read";
        return granted == "*"
            || granted == action
            || granted == $"{area}:*"
            || (granted == $"{area}:{implied}" && level != implied);
    }

    private static RequestException Refusal(string message) =>
        RequestException.Of(["body", "permissions"], "value_error", message);
}
