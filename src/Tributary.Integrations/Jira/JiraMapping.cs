using System.Globalization;
using System.Text.Json;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Markup;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Jira;

/// <summary>Makes documents of issues: a section for the description and one for each comment. Attachments are documents of their own.</summary>
internal sealed class JiraMapping(ReaderContext context, JiraApi jira)
{
    /// <summary>Tickets that machines write to grow without end: the first part of one is worth more than none of it.</summary>
    private const int MostCharacters = 1_000_000;

    /// <summary>What options, people and others are called by, the best first.</summary>
    private static readonly string[] Names = ["value", "name", "displayName", "key"];

    private readonly Uri _site = jira.Config.Site;
    private readonly JiraAccess _access = new(context, jira);

    /// <summary>The fields of a whole issue.</summary>
    public IReadOnlyList<string> Fields { get; } =
    [
        .. "summary description comment status priority issuetype resolution resolutiondate labels components fixVersions project parent subtasks issuelinks reporter assignee created updated duedate security".Split(
            ' '
        ),
        .. jira.CustomFields.Keys,
    ];

    /// <summary>Keys change when an issue moves to another project; the number stays.</summary>
    public string IdOf(string issueId) => _site.At($"issues/{issueId}").AbsoluteUri;

    public string IdOf(JiraAttachment attachment) => _site.At($"secure/attachment/{attachment.Id}").AbsoluteUri;

    public string LinkTo(string key) => _site.At($"browse/{key}").AbsoluteUri;

    public static string? VersionOf(Issue issue) =>
        issue.Fields?.Updated is { } updated ? $"{updated:O} {issue.Key}" : null;

    public async Task<Document> DocumentOfAsync(Issue issue, CancellationToken cancellationToken)
    {
        var fields = issue.Fields ?? new IssueFields();
        var link = LinkTo(issue.Key ?? issue.Id);
        var sections = new List<Section> { new(TextOf(fields.Description), link) };
        foreach (var comment in await jira.CommentsAsync(issue, cancellationToken))
        {
            if (IsWanted(comment))
            {
                var name = comment.Author?.DisplayName ?? "";
                sections.Add(
                    new Section(
                        TextOf(comment.Body),
                        $"{link}?focusedCommentId={Uri.EscapeDataString(comment.Id)}",
                        comment.IsInternal ? $"{name} (internal note)".Trim()
                            : name.Length > 0 ? name
                            : null
                    )
                );
            }
        }

        return new Document
        {
            Id = IdOf(issue.Id),
            Title = $"{issue.Key}: {fields.Summary}",
            Link = link,
            Sections = [.. Capped(sections).Where(section => section.Text.Length > 0)],
            Version = VersionOf(issue),
            CreatedAt = fields.Created,
            UpdatedAt = fields.Updated,
            PrimaryOwners = [.. new[] { fields.Reporter, fields.Assignee }.Select(OwnerOf).OfType<Owner>().Distinct()],
            Metadata = MetadataOf(issue, fields),
            Access = await _access.OfAsync(fields, cancellationToken),
        };
    }

    public async Task<Document> DocumentOfAsync(
        Issue issue,
        JiraAttachment attachment,
        CancellationToken cancellationToken
    )
    {
        var name = attachment.Filename is { Length: > 0 } given ? given : attachment.Id;
        return new Document
        {
            Id = IdOf(attachment),
            Title = $"{issue.Key}: {name}",
            Link = LinkTo(issue.Key ?? issue.Id),
            File = context.Http.FileAt(jira.ContentOf(attachment), name, attachment.MimeType, attachment.Size),
            // A file never changes once it is attached, but its issue may move.
            Version = $"{attachment.Created:O} {issue.Key}",
            CreatedAt = attachment.Created,
            UpdatedAt = attachment.Created,
            PrimaryOwners = [.. new[] { OwnerOf(attachment.Author) }.OfType<Owner>()],
            Metadata = new Dictionary<string, MetadataValue>
            {
                ["key"] = issue.Key ?? "",
                ["project"] = issue.Fields?.Project?.Key ?? "",
                ["attachment_of"] = IdOf(issue.Id),
            },
            Access = await _access.OfAsync(issue.Fields ?? new IssueFields(), cancellationToken),
        };
    }

    private bool IsWanted(JiraComment comment) =>
        (jira.Config.IncludeInternalNotes || !comment.IsInternal)
        && !jira.Config.CommentEmailBlacklist.Contains(
            comment.Author?.EmailAddress ?? "",
            StringComparer.OrdinalIgnoreCase
        );

    private Dictionary<string, MetadataValue> MetadataOf(Issue issue, IssueFields fields)
    {
        var metadata = new Dictionary<string, MetadataValue>();
        Add("key", issue.Key);
        Add("project", fields.Project?.Key);
        Add("project_name", fields.Project?.Name);
        Add("issuetype", fields.Issuetype?.Name);
        Add("status", fields.Status?.Name);
        Add("priority", fields.Priority?.Name);
        Add("resolution", fields.Resolution?.Name);
        Add("parent", fields.Parent?.Key);
        Add("reporter", fields.Reporter?.DisplayName);
        Add("reporter_email", fields.Reporter?.EmailAddress);
        Add("assignee", fields.Assignee?.DisplayName);
        Add("assignee_email", fields.Assignee?.EmailAddress);
        Add("created", TextOf(fields.Created));
        Add("updated", TextOf(fields.Updated));
        Add("duedate", fields.Duedate);
        Add("resolution_date", TextOf(fields.Resolutiondate));
        AddAll("labels", fields.Labels);
        AddAll("components", fields.Components?.Select(component => component.Name));
        AddAll("fix_versions", fields.FixVersions?.Select(version => version.Name));
        AddAll("subtasks", fields.Subtasks?.Select(task => task.Key));
        AddAll("links", fields.Issuelinks?.Select(TextOf));
        foreach (var (id, name) in jira.CustomFields)
        {
            AddAll(name, fields.Others?.TryGetValue(id, out var value) == true ? ValuesOf(value) : null);
        }

        return metadata;

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                metadata[name] = value;
            }
        }

        void AddAll(string name, IEnumerable<string?>? values)
        {
            if (
                values?.Where(value => !string.IsNullOrEmpty(value)).Select(value => value!).ToList() is
                { Count: > 0 } list
            )
            {
                metadata[name] = MetadataValue.FromList(list);
            }
        }
    }

    private static string? TextOf(IssueLink link) =>
        link.OutwardIssue is { } outward ? $"{link.Type?.Outward} {outward.Key}".Trim()
        : link.InwardIssue is { } inward ? $"{link.Type?.Inward} {inward.Key}".Trim()
        : null;

    private static string? TextOf(DateTimeOffset? time) =>
        time?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Cloud writes documents as JSON, Data Center its wiki markup as text.</summary>
    private static string TextOf(JsonElement body) =>
        body.ValueKind switch
        {
            JsonValueKind.String => JiraWikiMarkup.ToMarkdown(body.GetString()!),
            JsonValueKind.Object => AtlassianDocument.ToMarkdown(body),
            _ => "",
        };

    /// <summary>What people see of a custom field: texts, options, people, lists of those.</summary>
    private static IEnumerable<string?> ValuesOf(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Array => value.EnumerateArray().SelectMany(ValuesOf),
            JsonValueKind.String => [value.GetString()],
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => [value.GetRawText()],
            JsonValueKind.Object when value.TryGetProperty("type", out var type) && type.ValueEquals("doc") =>
            [
                AtlassianDocument.ToMarkdown(value),
            ],
            JsonValueKind.Object =>
            [
                Names
                    .Select(name =>
                        value.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String
                            ? text.GetString()
                            : null
                    )
                    .FirstOrDefault(text => text is not null),
            ],
            _ => [],
        };

    private static Owner? OwnerOf(JiraUser? user) =>
        user is null || string.IsNullOrEmpty(user.DisplayName) && string.IsNullOrEmpty(user.EmailAddress)
            ? null
            : new Owner(
                string.IsNullOrEmpty(user.DisplayName) ? null : user.DisplayName,
                string.IsNullOrEmpty(user.EmailAddress) ? null : user.EmailAddress
            );

    private static IEnumerable<Section> Capped(IEnumerable<Section> sections)
    {
        var left = MostCharacters;
        foreach (var section in sections.TakeWhile(_ => left > 0))
        {
            yield return section.Text.Length <= left ? section : section with { Text = section.Text[..left] };
            left -= section.Text.Length;
        }
    }
}
