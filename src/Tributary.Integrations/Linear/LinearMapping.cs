using System.Globalization;
using System.Net;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Linear;

/// <summary>Makes documents of issues, projects and documents.</summary>
internal sealed class LinearMapping(LinearApi api)
{
    private readonly Dictionary<string, Task<IReadOnlyList<string>>> _members = [];
    private readonly Lock _lock = new();

    public async Task<ReadItem> ReadAsync(LinearIssue issue, CancellationToken cancellationToken)
    {
        var comments = await api.EntriesAsync(
            issue.Comments,
            LinearQueries.CommentsOfIssue,
            "issue",
            issue.Id,
            cancellationToken
        );
        issue = issue with { Comments = comments };
        var author =
            issue.Creator ?? issue.ExternalUserCreator ?? new LinearUser(issue.BotActor?.Name ?? "a bot", null);
        return new ReadItem.Found(
            DocumentOf(issue, author, [issue.Assignee], comments.Nodes) with
            {
                Title = $"[{issue.Identifier}] {issue.Title}",
                Sections = SectionsOf([issue.Description], issue.Url, comments.Nodes),
                CreatedAt = issue.CreatedAt,
                Access = await AccessAsync([issue.Team], cancellationToken),
                Metadata = MetadataOf(
                    ("type", "Issue"),
                    ("identifier", issue.Identifier),
                    ("team", issue.Team?.Name),
                    ("state", issue.State?.Name),
                    ("priority", issue.PriorityLabel),
                    ("project", issue.Project?.Name),
                    ("cycle", issue.Cycle?.Name ?? issue.Cycle?.Number?.ToString(CultureInfo.InvariantCulture)),
                    ("parent", issue.Parent?.Identifier),
                    ("estimate", issue.Estimate?.ToString(CultureInfo.InvariantCulture)),
                    ("due_date", issue.DueDate),
                    ("created_at", TimeOf(issue.CreatedAt)),
                    ("completed_at", TimeOf(issue.CompletedAt)),
                    ("archived_at", TimeOf(issue.ArchivedAt)),
                    ("labels", (issue.Labels?.Nodes ?? []).Select(label => label.Name).OfType<string>().ToArray()),
                    ("previous_identifiers", (issue.PreviousIdentifiers ?? []).ToArray())
                ),
            }
        );
    }

    public async Task<ReadItem> ReadAsync(LinearProject project, CancellationToken cancellationToken)
    {
        var updates = await api.EntriesAsync(
            project.ProjectUpdates,
            LinearQueries.UpdatesOfProject,
            "project",
            project.Id,
            cancellationToken
        );
        project = project with { ProjectUpdates = updates };
        return new ReadItem.Found(
            DocumentOf(project, project.Lead ?? project.Creator, [project.Creator], updates.Nodes) with
            {
                Title = project.Name,
                Sections = SectionsOf([project.Description, project.Content], project.Url, updates.Nodes),
                CreatedAt = project.CreatedAt,
                Access = await AccessAsync(project.Teams?.Nodes ?? [], cancellationToken),
                Metadata = MetadataOf(
                    ("type", "Project"),
                    ("status", project.Status?.Name),
                    ("health", project.Health),
                    ("target_date", project.TargetDate),
                    ("teams", (project.Teams?.Nodes ?? []).Select(team => team.Name).OfType<string>().ToArray())
                ),
            }
        );
    }

    public async Task<ReadItem> ReadAsync(LinearDocument document, CancellationToken cancellationToken)
    {
        IEnumerable<LinearTeam?> teams = [document.Team, document.Issue?.Team, .. document.Project?.Teams?.Nodes ?? []];
        return new ReadItem.Found(
            DocumentOf(document, document.Creator, [document.UpdatedBy], []) with
            {
                Title = document.Title,
                Sections = SectionsOf([document.Content], document.Url, []),
                CreatedAt = document.CreatedAt,
                Access = await AccessAsync(teams, cancellationToken),
                Metadata = MetadataOf(
                    ("type", "Document"),
                    ("project", document.Project?.Name),
                    ("issue", document.Issue?.Identifier),
                    ("initiative", document.Initiative?.Name)
                ),
            }
        );
    }

    private static Document DocumentOf(
        ILinearNode node,
        LinearUser? author,
        IEnumerable<LinearUser?> others,
        IReadOnlyList<LinearEntry> entries
    )
    {
        var owner = OwnerOf(author);
        return new Document
        {
            Id = node.Id,
            Link = node.Url,
            Version = node.Version,
            UpdatedAt = entries.Select(entry => entry.UpdatedAt).Append(node.UpdatedAt).Max(),
            PrimaryOwners = owner is null ? [] : [owner],
            SecondaryOwners =
            [
                .. others
                    .Select(OwnerOf)
                    .Concat(entries.Select(entry => new Owner(entry.Author, entry.User?.Email)))
                    .OfType<Owner>()
                    .Distinct()
                    .Where(other => other != owner),
            ],
        };
    }

    private static Owner? OwnerOf(LinearUser? user) =>
        user is { Name: not null } or { Email: not null } ? new Owner(user.Name, user.Email) : null;

    private static IReadOnlyList<Section> SectionsOf(
        IEnumerable<string?> texts,
        string? link,
        IEnumerable<LinearEntry> entries
    ) =>
        [
            .. texts
                .Select(text => new Section(TextOf(text), link))
                .Concat(
                    entries
                        .OrderBy(entry => entry.CreatedAt)
                        .Select(entry => new Section(TextOf(entry.Body), entry.Url ?? link, entry.Author))
                )
                .Where(section => section.Text.Length > 0),
        ];

    private static Dictionary<string, MetadataValue> MetadataOf(params (string Name, object? Value)[] members) =>
        members
            .Where(member => member.Value is string { Length: > 0 } or string[])
            .ToDictionary(
                member => member.Name,
                member =>
                    member.Value is string[] list
                        ? MetadataValue.FromList(list)
                        : MetadataValue.FromString((string)member.Value!)
            );

    /// <summary>Everybody of the workspace sees what belongs to a public team, or to none.</summary>
    private async Task<DocumentAccess> AccessAsync(IEnumerable<LinearTeam?> teams, CancellationToken cancellationToken)
    {
        var known = teams.OfType<LinearTeam>().ToList();
        if (known.Count == 0 || known.Any(team => team.Visibility is "public"))
        {
            return new DocumentAccess(true, [], []);
        }

        var members = await Task.WhenAll(known.Select(team => MembersAsync(team.Id, cancellationToken)));
        return new DocumentAccess(
            false,
            [.. members.SelectMany(users => users).Distinct(StringComparer.OrdinalIgnoreCase)],
            [.. known.Select(team => $"linear_team:{team.Id}")]
        );
    }

    /// <summary>A team's members, asked for once in a run.</summary>
    private Task<IReadOnlyList<string>> MembersAsync(string team, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _members.TryGetValue(team, out var asked) && !asked.IsFaulted && !asked.IsCanceled
                ? asked
                : _members[team] = AskAsync(team, cancellationToken);
        }
    }

    /// <summary>The members; none where the key may not see them: the team's group stands for them then.</summary>
    private async Task<IReadOnlyList<string>> AskAsync(string team, CancellationToken cancellationToken)
    {
        try
        {
            return await api.MembersAsync(team, cancellationToken);
        }
        catch (SourceException exception)
            when (exception.Status is not HttpStatusCode.Unauthorized
                && exception.Kind is FailureKind.Credentials or FailureKind.Source
            )
        {
            return [];
        }
    }

    private static string TextOf(string? markdown) => (markdown ?? "").ReplaceLineEndings("\n").Trim();

    private static string? TimeOf(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
