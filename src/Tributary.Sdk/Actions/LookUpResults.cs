using System.Net;
using System.Text.Json;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Sdk.Actions;

/// <summary>What the actions search and get answer, the same for every source.</summary>
internal static class LookUpResults
{
    public static async Task<ActionResult> SearchAsync(
        ISearchingReader reader,
        string things,
        SearchInput input,
        CancellationToken cancellationToken
    )
    {
        var items = new List<FoundItem>();
        await foreach (
            var item in reader
                .SearchAsync(input.Query, input.Limit, cancellationToken)
                .Take(input.Limit)
                .WithCancellation(cancellationToken)
                .ConfigureAwait(false)
        )
        {
            items.Add(item);
        }

        return Result($"{items.Count} {things} found", new FoundItems(items));
    }

    public static async Task<ActionResult> GetAsync(
        ISingleReader reader,
        string thing,
        ItemInput input,
        CancellationToken cancellationToken
    )
    {
        var id = input.Id.Trim();
        ReadItem item;
        try
        {
            item = await reader.ReadOneAsync(id, cancellationToken).ConfigureAwait(false);
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            item = new ReadItem.Deleted(id);
        }

        return item switch
        {
            ReadItem.Found { Document: var document } => Result(document.Title ?? document.Id, Shown(document)),
            ReadItem.Failed { Reason: var reason } => throw new SourceException(FailureKind.Source, reason),
            _ => throw new SourceException(
                FailureKind.Configuration,
                $"There is no {thing} '{id}' that the connector's credentials can see."
            ),
        };
    }

    private static ItemText Shown(Document document) =>
        new(
            document.Id,
            document.Title,
            document.Link,
            string.Join(
                "\n\n",
                document.Sections.Select(part => part.Heading is null ? part.Text : $"## {part.Heading}\n\n{part.Text}")
            ),
            document.CreatedAt,
            document.UpdatedAt,
            [.. document.PrimaryOwners.Concat(document.SecondaryOwners).Select(owner => owner.ToString())],
            document.Metadata,
            document.File is { } file ? new ItemFile(file.Name, file.ContentType, file.Length) : null
        );

    private static ActionResult Result(string title, object data) =>
        new(title, JsonSerializer.SerializeToElement(data, data.GetType(), SettingsJson.Options));

    private sealed record FoundItems(IReadOnlyList<FoundItem> Items);

    private sealed record ItemText(
        string Id,
        string? Title,
        string? Link,
        string Text,
        DateTimeOffset? CreatedAt,
        DateTimeOffset? UpdatedAt,
        IReadOnlyList<string> Owners,
        IReadOnlyDictionary<string, MetadataValue> Metadata,
        ItemFile? File
    );

    private sealed record ItemFile(string Name, string? ContentType, long? Size);
}
