using Tributary.Integrations.TaggedFiles;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.ObjectStorage;

/// <summary>Makes documents of objects: their file, with what its headers and its first line say about it.</summary>
internal sealed class BucketMapping(BucketApi api, ObjectStore store)
{
    private static readonly string[] UserMetadata = ["x-amz-meta-", "x-goog-meta-"];
    private const long SmallText = 256 * 1024;
    private const long UnpackedText = 16 * 1024 * 1024;

    // Those that may begin with a line of metadata.
    private static readonly HashSet<string> Texts = new(StringComparer.OrdinalIgnoreCase)
    {
        ".txt",
        ".md",
        ".mdx",
        ".htm",
        ".html",
        ".xhtml",
        ".rst",
        ".adoc",
        ".log",
        ".csv",
        ".tsv",
        ".conf",
        ".json",
        ".xml",
        ".yml",
        ".yaml",
        ".sql",
        ".vtt",
    };

    public async Task<ReadItem> ReadAsync(
        string id,
        string link,
        BucketObject listed,
        CancellationToken cancellationToken
    )
    {
        var isSmallText = listed.Size <= SmallText && Texts.Contains(Path.GetExtension(listed.Name));
        try
        {
            using var response = await api.GetAsync(
                listed,
                onlyHead: !isSmallText,
                isSmallText ? UnpackedText : null,
                cancellationToken
            );
            if (!isSmallText)
            {
                return new ReadItem.Found(DocumentOf(id, link, listed, response, FileTag.None, OpenAsync));
            }

            var text = new MemoryStream(await response.Content.ReadAsByteArrayAsync(cancellationToken), false);
            var (tag, start) = await MetadataLine.ReadAsync(text, cancellationToken);
            return new ReadItem.Found(
                DocumentOf(
                    id,
                    link,
                    listed,
                    response,
                    tag ?? FileTag.None,
                    _ => ValueTask.FromResult(StreamTail.Of(text, start))
                )
            );
        }
        catch (ContentException exception)
            when (exception.Problem is ContentProblem.Unsupported or ContentProblem.Empty)
        {
            return new ReadItem.Skipped(id, exception.Message);
        }

        async ValueTask<Stream> OpenAsync(CancellationToken cancellation)
        {
            // Whoever disposes the stream gives the connection back.
            var whole = await api.GetAsync(listed, onlyHead: false, null, cancellation);
            return await whole.Content.ReadAsStreamAsync(cancellation);
        }
    }

    private Document DocumentOf(
        string id,
        string link,
        BucketObject listed,
        HttpResponseMessage response,
        FileTag tag,
        Func<CancellationToken, ValueTask<Stream>> open
    )
    {
        var metadata = new Dictionary<string, MetadataValue> { ["bucket"] = store.Config.Bucket, ["key"] = listed.Key };
        foreach (var (name, values) in response.Headers)
        {
            if (Array.Find(UserMetadata, start => name.StartsWith(start, StringComparison.OrdinalIgnoreCase)) is { } of)
            {
                metadata[name[of.Length..].ToLowerInvariant()] = string.Join(", ", values);
            }
        }

        foreach (var (name, value) in tag.Tags)
        {
            metadata[name] = value;
        }

        // What was read may be newer than what was listed; then the next listing names its mark.
        var mark = response.Headers.TryGetValues("ETag", out var marks) ? BucketObject.MarkOf(marks.First()) : null;
        return new Document
        {
            Id = id,
            Title = tag.Title ?? listed.Name,
            Link = tag.Link ?? link,
            Version = listed.ETag is null ? listed.Version : (listed with { ETag = mark ?? listed.ETag }).Version,
            UpdatedAt = tag.UpdatedAt ?? listed.LastModified,
            PrimaryOwners = tag.PrimaryOwners,
            SecondaryOwners = tag.SecondaryOwners,
            Metadata = metadata,
            SourceType = tag.SourceType,
            File = new FileContent
            {
                Name = listed.Name,
                ContentType = tag.MimeType ?? response.Content.Headers.ContentType?.ToString(),
                Length = listed.Size,
                Password = tag.Password,
                OpenAsync = open,
            },
        };
    }
}
