using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Jira;

/// <summary>
/// Who may see an issue: the holders of "Browse Projects" in its project's permission scheme, or those of its security
/// level. Asked once a project and level; where the account may not ask, it is unknown.
/// </summary>
internal sealed class JiraAccess(ReaderContext context, JiraApi jira)
{
    private const int MostRemembered = 10_000;

    private readonly Dictionary<string, Holders?> _projects = [];
    private readonly Dictionary<string, Holders?> _levels = [];
    private readonly Dictionary<string, string?> _emails = [];

    /// <summary>Null when it is not known, which leaves it to the connector; nobody, when that is unknown of a restricted issue.</summary>
    public async Task<DocumentAccess?> OfAsync(IssueFields issue, CancellationToken cancellationToken)
    {
        if (issue.Project?.Key is not { } project)
        {
            return null;
        }

        if (issue.Security?.Id is { } level)
        {
            var readers = await RememberedAsync(_levels, level, () => LevelAsync(project, level, cancellationToken));
            return readers is null ? new DocumentAccess(false, [], []) : AccessOf(readers, issue);
        }

        var holders = await RememberedAsync(_projects, project, () => ProjectAsync(project, cancellationToken));
        return holders is null ? null : AccessOf(holders, issue);
    }

    private static DocumentAccess AccessOf(Holders holders, IssueFields issue)
    {
        var own = new[]
        {
            holders.HasReporter ? issue.Reporter?.EmailAddress : null,
            holders.HasAssignee ? issue.Assignee?.EmailAddress : null,
        };
        return new DocumentAccess(
            holders.IsEveryone,
            [.. holders.Users.Concat(own.OfType<string>()).Where(mail => mail.Length > 0).Distinct()],
            [.. holders.Groups.Distinct()]
        );
    }

    private async Task<Holders?> ProjectAsync(string project, CancellationToken cancellationToken)
    {
        var scheme = await context.Http.GetJsonAsync(
            jira.At($"project/{project}/permissionscheme", ("expand", "permissions")),
            JiraJson.Default.PermissionScheme,
            cancellationToken
        );
        var grants = (scheme.Permissions ?? []).Where(grant => grant.Permission == "BROWSE_PROJECTS");
        return await HoldersAsync(project, grants.Select(grant => grant.Holder), cancellationToken);
    }

    private async Task<Holders?> LevelAsync(string project, string level, CancellationToken cancellationToken)
    {
        var scheme = await context.Http.GetJsonAsync(
            jira.At($"project/{project}/issuesecuritylevelscheme"),
            JiraJson.Default.SecurityScheme,
            cancellationToken
        );
        var members = new List<Holder?>();
        var pages = context.Http.PagesByOffsetAsync(
            start =>
                jira.At(
                    $"issuesecurityschemes/{scheme.Id}/members",
                    ("issueSecurityLevelId", level),
                    ("startAt", start),
                    ("maxResults", 50)
                ),
            JiraJson.Default.SecurityMembers,
            page => page.Values?.Count ?? 0,
            page => page.Total,
            null,
            cancellationToken
        );
        await foreach (var page in pages)
        {
            members.AddRange((page.Body.Values ?? []).Select(member => member.Holder));
        }

        return await HoldersAsync(project, members, cancellationToken);
    }

    private async Task<Holders> HoldersAsync(
        string project,
        IEnumerable<Holder?> holders,
        CancellationToken cancellationToken
    )
    {
        var all = new Holders();
        foreach (var holder in holders.OfType<Holder>())
        {
            var who = holder.Value ?? holder.Parameter;
            switch (holder.Type)
            {
                case "anyone":
                case "applicationRole" when string.IsNullOrEmpty(who):
                    all.IsEveryone = true;
                    break;
                case "applicationRole":
                    all.Groups.Add($"jira_application_{who}");
                    break;
                case "group" when who is not null:
                    all.Groups.Add($"jira_{who}");
                    break;
                case "projectRole" when who is not null:
                    await AddRoleAsync(all, project, who, cancellationToken);
                    break;
                case "user" when who is not null:
                    await AddUserAsync(all, who, cancellationToken);
                    break;
                case "reporter":
                    all.HasReporter = true;
                    break;
                case "assignee":
                    all.HasAssignee = true;
                    break;
                case "projectLead":
                    var facts = await context.Http.GetJsonAsync(
                        jira.At($"project/{project}"),
                        JiraJson.Default.ProjectFacts,
                        cancellationToken
                    );
                    await AddUserAsync(all, facts.Lead?.AccountId, cancellationToken);
                    break;
                default:
                    // Fields of an issue that hold people, and what apps add: fewer see it here than there.
                    break;
            }
        }

        return all;
    }

    private async Task AddRoleAsync(Holders all, string project, string role, CancellationToken cancellationToken)
    {
        var answer = await context.Http.GetJsonAsync(
            jira.At($"project/{project}/role/{role}"),
            JiraJson.Default.Role,
            cancellationToken
        );
        foreach (var actor in answer.Actors ?? [])
        {
            if ((actor.ActorGroup?.GroupId ?? actor.ActorGroup?.Name) is { } group)
            {
                all.Groups.Add($"jira_{group}");
            }

            await AddUserAsync(all, actor.ActorUser?.AccountId, cancellationToken);
        }
    }

    private async Task AddUserAsync(Holders all, string? accountId, CancellationToken cancellationToken)
    {
        if (accountId is null)
        {
            return;
        }

        var mail = await RememberedAsync(
            _emails,
            accountId,
            async () =>
                (
                    await context.Http.GetJsonAsync(
                        jira.At($"user", ("accountId", accountId)),
                        JiraJson.Default.JiraUser,
                        cancellationToken
                    )
                ).EmailAddress
        );
        if (!string.IsNullOrEmpty(mail))
        {
            all.Users.Add(mail);
        }
    }

    private static async Task<T?> RememberedAsync<T>(Dictionary<string, T?> memory, string key, Func<Task<T?>> ask)
        where T : class
    {
        if (memory.TryGetValue(key, out var known))
        {
            return known;
        }

        if (memory.Count >= MostRemembered)
        {
            memory.Clear();
        }

        try
        {
            return memory[key] = await ask();
        }
        catch (SourceException exception) when (IsRefusal(exception))
        {
            return memory[key] = null;
        }
    }

    /// <summary>The account lacks the right to ask, or there is no such scheme. Trouble that passes is none of that.</summary>
    private static bool IsRefusal(SourceException exception) =>
        exception.Status is { } status
        && (int)status is >= 400 and < 500
        && exception.Kind is not FailureKind.Transient;

    private sealed class Holders
    {
        public bool IsEveryone { get; set; }

        public bool HasReporter { get; set; }

        public bool HasAssignee { get; set; }

        public List<string> Users { get; } = [];

        public List<string> Groups { get; } = [];
    }
}
