using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Notion;

/// <summary>Makes documents of pages and their files.</summary>
internal sealed class NotionMapping(ReaderContext context, NotionApi api)
{
    private const int MaxNote = 60_000;
    private const int MostFacts = 50;

    private readonly NotionDirectory _directory = new(api);
    private bool _hasComments = true;

    /// <summary>
    /// How a version begins that was read of this state of a page. Notion's times are whole minutes: a page that was read
    /// while its minute was not over may have changed since, and its mark fits no later one.
    /// </summary>
    public static string StateOf(NotionObject page, bool isSettled) =>
        $"{page.LastEditedTime:O}{(isSettled ? "" : "~")}|";

    /// <summary>What stands below a page whose document is known; null where the note does not say.</summary>
    public static IReadOnlyList<string>? ChildrenIn(KnownDocument known) =>
        known.Note?.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public async Task<PageDocuments> ReadAsync(NotionObject page, bool isSettled, CancellationToken cancellationToken)
    {
        var body = await NotionBody.ReadAsync(api, page.Id, page.Link, cancellationToken);
        var facts = await new NotionProperties(api, _directory).ReadAsync(page, cancellationToken);
        var metadata = new Dictionary<string, MetadataValue>();
        foreach (var (name, value) in facts.Take(MostFacts))
        {
            metadata.TryAdd(name, value);
        }

        if (page.Parent?.DataSourceId is { } source)
        {
            metadata["database"] = await _directory.DataSourceAsync(source, cancellationToken) ?? "";
        }

        var sections = new List<Section>();
        if (facts.Count > 0)
        {
            sections.Add(new Section(string.Join('\n', facts.Select(fact => $"{fact.Name}: {fact.Value}")), page.Link));
        }

        sections.AddRange(body.Sections);
        sections.AddRange(await CommentsAsync(page, cancellationToken));
        var creator = await _directory.PersonAsync(page.CreatedBy?.Id, cancellationToken);
        var editor = await _directory.PersonAsync(page.LastEditedBy?.Id, cancellationToken);
        var title = NotionDirectory.TitleOf(page) is { Length: > 0 } text ? text : "Untitled";
        var note = string.Join(' ', body.Children.Concat(body.Files.Select(file => FilePrefix + file.Id)).Distinct());
        return new PageDocuments(
            new Document
            {
                Id = page.Id,
                Title = title,
                Link = page.Link,
                Sections = sections,
                Version = StateOf(page, isSettled) + HashOf(title, note, sections),
                Note = note.Length <= MaxNote ? note : null,
                CreatedAt = page.CreatedTime,
                UpdatedAt = page.LastEditedTime,
                PrimaryOwners = creator is null ? [] : [creator],
                SecondaryOwners = editor is null || editor == creator ? [] : [editor],
                Metadata = metadata,
            },
            [.. body.Files.DistinctBy(file => file.Id).Select(file => DocumentOf(page, file))],
            body.Children
        );
    }

    public const string FilePrefix = "f:";

    private Document DocumentOf(NotionObject page, NotionFile file) =>
        new()
        {
            Id = file.Id,
            Title = file.Name,
            Link = file.Link,
            Version = file.Version,
            UpdatedAt = page.LastEditedTime,
            File = new FileContent
            {
                Name = file.Name,
                OpenAsync = async cancellationToken =>
                {
                    // The address is signed: a token beside it would be refused, and is nobody's business there.
                    using var request = new HttpRequestMessage(HttpMethod.Get, file.Address).WithoutCredentials();
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
                },
            },
            Metadata = new Dictionary<string, MetadataValue> { ["page"] = NotionDirectory.TitleOf(page) ?? "" },
        };

    private async Task<IReadOnlyList<Section>> CommentsAsync(NotionObject page, CancellationToken cancellationToken)
    {
        var sections = new List<Section>();
        if (_hasComments)
        {
            _hasComments = await NotionDirectory.IsAllowedAsync(async () =>
            {
                await foreach (var comment in api.CommentsAsync(page.Id, cancellationToken))
                {
                    var text = NotionDirectory.PlainText(Member(comment, "rich_text"));
                    var id = Member(Member(comment, "created_by"), "id");
                    var author = await _directory.PersonAsync(
                        id.ValueKind == JsonValueKind.String ? id.GetString() : null,
                        cancellationToken
                    );
                    sections.Add(new Section($"{author?.ToString() ?? "Somebody"}: {text}", page.Link, "Comment"));
                }
            });
        }

        return sections;
    }

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;

    private static string HashOf(string title, string note, IEnumerable<Section> sections)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (
            var text in sections
                .SelectMany(section => new[] { section.Heading, section.Text })
                .Prepend(note)
                .Prepend(title)
        )
        {
            hash.AppendData(Encoding.UTF8.GetBytes((text ?? "") + "\0"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 12));
    }
}

/// <summary>What a page is made into, and what stands below it.</summary>
internal sealed record PageDocuments(Document Page, IReadOnlyList<Document> Files, IReadOnlyList<string> Children);
