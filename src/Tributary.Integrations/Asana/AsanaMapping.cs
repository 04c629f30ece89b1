using System.Net;
using System.Text;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Asana;

/// <summary>Makes documents of tasks and of the files that were uploaded to them.</summary>
internal sealed class AsanaMapping(
    ReaderContext context,
    AsanaApi api,
    IReadOnlyDictionary<string, AsanaProject> projects
)
{
    private const int MostComments = 2_000;
    private const int MostAttachments = 500;

    /// <summary>The ids of a stored task's files, which a listing needs.</summary>
    public static IReadOnlyList<string>? FilesIn(KnownDocument known) =>
        known.Note?.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The files of a task that are documents; none where the token may not read files.</summary>
    public async Task<IReadOnlyList<AsanaAttachment>> AttachmentsAsync(string task, CancellationToken cancellationToken)
    {
        try
        {
            return await api.AttachmentsAsync(task, cancellationToken)
                .Where(file => file?.Gid is { Length: > 0 } && file.IsUploaded)
                .Take(MostAttachments)
                .ToListAsync(cancellationToken);
        }
        catch (SourceException exception)
            when (exception.Status is HttpStatusCode.Forbidden || AsanaApi.IsNotServed(exception))
        {
            // A task that is gone says so itself.
            await api.TaskAsync(task, cancellationToken);
            return [];
        }
    }

    /// <param name="task">The task with all its fields.</param>
    /// <param name="project">Where it was found: decides who may see a sub-task.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<TaskDocuments> ReadAsync(
        AsanaTask task,
        AsanaProject project,
        CancellationToken cancellationToken
    )
    {
        var sections = new List<Section>();
        Add(sections, TextOf(task.HtmlNotes, task.Notes), task.PermalinkUrl);
        var fields = (task.CustomFields ?? [])
            .Where(field => field is { Name: not null, DisplayValue.Length: > 0 })
            .ToList();
        Add(
            sections,
            string.Join('\n', fields.Select(field => $"{field.Name}: {field.DisplayValue}")),
            task.PermalinkUrl
        );
        await foreach (var story in api.StoriesAsync(task.Gid, cancellationToken))
        {
            if (story.ResourceSubtype == "comment_added")
            {
                var author = story.CreatedBy?.Name is { Length: > 0 } name ? name : "Somebody";
                var link = task.PermalinkUrl is { } address ? address + "?focus=true" : null;
                Add(sections, $"{author}: {TextOf(story.HtmlText, story.Text)}", link);
            }

            if (sections.Count >= MostComments)
            {
                break;
            }
        }

        var files = await AttachmentsAsync(task.Gid, cancellationToken);
        var access = AccessTo(task, project);
        var title = task.Name is { Length: > 0 } some ? some : "Untitled task";
        var document = new Document
        {
            Id = task.Gid,
            Title = title,
            Link = task.PermalinkUrl,
            Sections = sections,
            Version = task.Version,
            Note = string.Join(' ', files.Select(file => file.Gid)),
            CreatedAt = task.CreatedAt,
            UpdatedAt = task.ModifiedAt,
            PrimaryOwners = OwnersOf(task.Assignee),
            SecondaryOwners = OwnersOf(task.CreatedBy),
            Metadata = FactsOf(task, project),
            Access = access,
        };
        return new TaskDocuments(document, [.. files.Select(file => DocumentOf(file, task, document))]);
    }

    private Document DocumentOf(AsanaAttachment file, AsanaTask task, Document of) =>
        new()
        {
            Id = file.Gid,
            Title = file.Name ?? file.Gid,
            Link = file.PermanentUrl ?? task.PermalinkUrl,

            // A file at Asana never changes; another one is another attachment.
            Version = file.Gid,
            CreatedAt = file.CreatedAt,
            UpdatedAt = file.CreatedAt,
            PrimaryOwners = of.PrimaryOwners,
            Metadata = new Dictionary<string, MetadataValue> { ["task"] = of.Title ?? "" },
            Access = of.Access,
            File = new FileContent
            {
                Name = file.Name ?? file.Gid,
                Length = file.Size,
                OpenAsync = cancellationToken => OpenAsync(file, task.Gid, cancellationToken),
            },
        };

    /// <summary>Asks for the address at the last moment: it works for two minutes, by its signature and without the token.</summary>
    private async ValueTask<Stream> OpenAsync(AsanaAttachment file, string task, CancellationToken cancellationToken)
    {
        var fresh = await api.AddressAsync(file.Gid, task, cancellationToken);
        if (!Uri.TryCreate(fresh, UriKind.Absolute, out var address) || address.Scheme is not ("https" or "http"))
        {
            throw new SourceException(FailureKind.Source, $"Asana gives no address for the file '{file.Name}'.");
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, address).WithoutCredentials();
        var response = await context.Http.SendAnyAsync(
            request,
            cancellationToken,
            HttpCompletionOption.ResponseHeadersRead
        );
        if (response.IsSuccessStatusCode)
        {
            return await response.Content.ReadAsStreamAsync(cancellationToken);
        }

        using (response)
        {
            throw SourceHttp.FailureOf(request, response);
        }
    }

    private string TextOf(string? html, string? plain)
    {
        if (string.IsNullOrWhiteSpace(html))
        {
            return plain?.Trim() ?? "";
        }

        var page = context.Html.Convert(
            Encoding.UTF8.GetBytes($"<html>{html}</html>"),
            new HtmlOptions
            {
                Charset = "utf-8",
                MainContentOnly = false,
                SectionPerHeading = false,
            }
        );
        return string.Join("\n\n", page.Sections.Select(section => section.Text)).Trim();
    }

    private static Dictionary<string, MetadataValue> FactsOf(AsanaTask task, AsanaProject project)
    {
        var memberships = task.Memberships ?? [];
        var names = memberships.Select(one => one?.Project?.Name).OfType<string>().Distinct().ToList();
        var facts = new Dictionary<string, MetadataValue>
        {
            ["projects"] = MetadataValue.FromList(names.Count > 0 ? names : [project.Name ?? project.Gid]),
            ["sections"] = MetadataValue.FromList(
                memberships.Select(one => one?.Section?.Name).OfType<string>().Distinct()
            ),
            ["tags"] = MetadataValue.FromList((task.Tags ?? []).Select(tag => tag?.Name).OfType<string>()),
            ["completed"] = task.Completed == true ? "true" : "false",
            ["archived"] = project.Archived == true ? "true" : "false",
        };
        if ((task.DueAt?.UtcDateTime.ToString("O") ?? task.DueOn) is { } due)
        {
            facts["due"] = due;
        }

        if (task.Parent?.Name is { Length: > 0 } parent)
        {
            facts["parent"] = parent;
        }

        return facts;
    }

    /// <summary>Everybody where one of its projects is open to the workspace; else the projects' members, followers and assignee.</summary>
    private DocumentAccess AccessTo(AsanaTask task, AsanaProject found)
    {
        var its = (task.Memberships ?? [])
            .Select(one => projects.GetValueOrDefault(one?.Project?.Gid ?? ""))
            .OfType<AsanaProject>()
            .Append(found)
            .DistinctBy(project => project.Gid)
            .ToList();
        if (its.Any(project => project.IsPublic))
        {
            return new DocumentAccess(true, [], []);
        }

        var people = its.SelectMany(project => project.Members ?? [])
            .Concat(task.Followers ?? [])
            .Append(task.Assignee);
        return new DocumentAccess(
            false,
            [.. people.Select(person => person?.Email).OfType<string>().Distinct().Order(StringComparer.Ordinal)],
            [
                .. its.Select(project => $"asana_project_{project.Gid}"),
                .. its.Where(project => project is { PrivacySetting: "private_to_team", Team.Gid: not null })
                    .Select(project => $"asana_team_{project.Team!.Gid}")
                    .Distinct(),
            ]
        );
    }

    private static IReadOnlyList<Owner> OwnersOf(AsanaNamed? person) =>
        person is { Name.Length: > 0 } or { Email.Length: > 0 }
            ? [new Owner(person.Name is { Length: > 0 } name ? name : null, person.Email)]
            : [];

    private static void Add(List<Section> sections, string text, string? link)
    {
        if (text.Length > 0)
        {
            sections.Add(new Section(text, link));
        }
    }
}

/// <summary>What a task is made into.</summary>
internal sealed record TaskDocuments(Document Task, IReadOnlyList<Document> Files);
