using System.Runtime.CompilerServices;
using Tributary.Integrations.Atlassian;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Incremental;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Jira;

/// <summary>
/// Searches for what changed, oldest change first, and fetches the issues in batches.
/// See https://developer.atlassian.com/cloud/jira/platform/rest/v3/.
/// </summary>
internal sealed class JiraReader(ReaderContext context, JiraConfig config, JiraCredentials credentials)
    : ISearchingReader,
        ISingleReader
{
    private const int BatchSize = 100;

    /// <summary>Jira's index lags behind; its times are read by the minute.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    /// <summary>Where the account's time zone is unknown, any may be meant.</summary>
    private static readonly TimeSpan AnyZone = TimeSpan.FromHours(27);

    private readonly ItemReads _reads = new();

    public Task CheckAsync(CancellationToken cancellationToken) =>
        JiraApi.OpenAsync(context, config, credentials, cancellationToken);

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var jira = await JiraApi.OpenAsync(context, config, credentials, cancellationToken);
        var mapping = new JiraMapping(context, jira);
        var position = request.CheckpointAs<JiraPosition>();
        if (position?.Scope != jira.Scope)
        {
            position = new JiraPosition { Scope = jira.Scope };
        }

        var changes = position.Changes;
        await foreach (
            var page in WalkAsync(jira, changes.From(jira.IsZoneKnown ? Overlap : AnyZone), cancellationToken)
        )
        {
            foreach (var batch in page.Chunk(BatchSize))
            {
                await foreach (var item in ReadBatchAsync(jira, mapping, batch, cancellationToken))
                {
                    if (item is ReadItem.Failed failed)
                    {
                        changes = changes.Hold(
                            batch.FirstOrDefault(row => mapping.IdOf(row.Id) == failed.ItemId)?.Fields?.Updated
                        );
                    }

                    yield return item;
                }

                changes = changes.Reach(batch.Max(row => row.Fields?.Updated));
                yield return ReadItem.Checkpoint.From(position with { Changes = changes });
            }
        }

        yield return ReadItem.Checkpoint.From(position with { Changes = changes.Complete() });
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var jira = await JiraApi.OpenAsync(context, config, credentials, cancellationToken);
        var mapping = new JiraMapping(context, jira);
        await foreach (var page in WalkAsync(jira, null, cancellationToken))
        {
            foreach (var row in page.Where(row => !config.IsSkipped(row.Fields?.Labels)))
            {
                yield return mapping.IdOf(row.Id);
                foreach (var attachment in AttachmentsOf(row))
                {
                    yield return mapping.IdOf(attachment);
                }
            }
        }
    }

    public async IAsyncEnumerable<FoundItem> SearchAsync(
        string query,
        int limit,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var jira = await JiraApi.OpenAsync(context, config, credentials, cancellationToken);
        var mapping = new JiraMapping(context, jira);
        foreach (var issue in await jira.FindAsync(query, limit, cancellationToken))
        {
            var key = issue.Key ?? issue.Id;
            yield return new FoundItem(key, issue.Fields?.Summary, mapping.LinkTo(key), issue.Fields?.Updated);
        }
    }

    public async Task<ReadItem> ReadOneAsync(string id, CancellationToken cancellationToken)
    {
        var jira = await JiraApi.OpenAsync(context, config, credentials, cancellationToken);
        var mapping = new JiraMapping(context, jira);
        var issue = await jira.FindIssueAsync(id, mapping.Fields, cancellationToken);
        return await ReadIssueAsync(mapping, issue?.Id ?? id, issue, null, cancellationToken);
    }

    private async IAsyncEnumerable<ReadItem> ReadBatchAsync(
        JiraApi jira,
        JiraMapping mapping,
        IReadOnlyList<Issue> rows,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var ids = rows.SelectMany(row => AttachmentsOf(row).Select(mapping.IdOf).Prepend(mapping.IdOf(row.Id)));
        var known = await context.Known.GetAsync([.. ids], cancellationToken);
        var wanted = new List<string>();
        foreach (var row in rows)
        {
            var id = mapping.IdOf(row.Id);
            if (config.IsSkipped(row.Fields?.Labels))
            {
                yield return known.ContainsKey(id)
                    ? new ReadItem.Deleted(id)
                    : new ReadItem.Skipped(id, "It has a label that is left out.");
                foreach (var attachment in AttachmentsOf(row).Select(mapping.IdOf).Where(known.ContainsKey))
                {
                    yield return new ReadItem.Deleted(attachment);
                }
            }
            else if (row.Fields is not null && known.GetValueOrDefault(id)?.Version == JiraMapping.VersionOf(row))
            {
                yield return new ReadItem.Unchanged(id);
            }
            else
            {
                wanted.Add(row.Id);
            }
        }

        await foreach (var (id, issue, failure) in jira.FetchAsync(wanted, mapping.Fields, cancellationToken))
        {
            yield return await _reads.ReadAsync(
                mapping.IdOf(id),
                issue?.Key is { } key ? mapping.LinkTo(key) : null,
                () => ReadIssueAsync(mapping, id, issue, failure, cancellationToken)
            );
        }

        foreach (var row in rows.Where(row => !config.IsSkipped(row.Fields?.Labels)))
        {
            foreach (var attachment in AttachmentsOf(row))
            {
                var document = await mapping.DocumentOfAsync(row, attachment, cancellationToken);
                yield return known.GetValueOrDefault(document.Id)?.Version == document.Version
                    ? new ReadItem.Unchanged(document.Id)
                    : new ReadItem.Found(document);
            }
        }
    }

    private static async Task<ReadItem> ReadIssueAsync(
        JiraMapping mapping,
        string id,
        Issue? issue,
        SourceException? failure,
        CancellationToken cancellationToken
    ) =>
        failure is not null ? throw failure
        : issue is null ? new ReadItem.Deleted(mapping.IdOf(id))
        : issue.Error is { } error ? new ReadItem.Failed(mapping.IdOf(id), null, $"Jira cannot read the issue: {error}")
        : new ReadItem.Found(await mapping.DocumentOfAsync(issue, cancellationToken));

    private IEnumerable<JiraAttachment> AttachmentsOf(Issue row) =>
        config.IncludeAttachments ? (row.Fields?.Attachment ?? []).DistinctBy(attachment => attachment.Id) : [];

    private IAsyncEnumerable<IReadOnlyList<Issue>> WalkAsync(
        JiraApi jira,
        DateTimeOffset? from,
        CancellationToken cancellationToken
    )
    {
        string[] fields =
        [
            "updated",
            .. config.LabelsToSkip.Count > 0 ? ["labels"] : Array.Empty<string>(),
            .. config.IncludeAttachments
                ? ["attachment", "project", "security", "reporter", "assignee"]
                : Array.Empty<string>(),
        ];
        return AscendingWalk.WalkAsync(
            from,
            since => jira.SearchAsync(since, fields, cancellationToken),
            answer => answer.Issues,
            row => row.Fields?.Updated,
            row => $"{row.Id} {JiraMapping.VersionOf(row)}",
            jira.IsZoneKnown,
            cancellationToken
        );
    }
}

/// <summary>Where a pass over the changes stands.</summary>
internal sealed record JiraPosition
{
    /// <summary>What is being read: another scope begins afresh.</summary>
    public required string Scope { get; init; }

    /// <summary>How far.</summary>
    public Ascent Changes { get; init; } = new();
}
