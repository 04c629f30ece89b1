using System.Globalization;
using System.Text.Json;
using Tributary.Sdk;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Dropbox;

/// <summary>Makes documents of files.</summary>
internal sealed class DropboxMapping(DropboxApi api, DropboxSharing sharing)
{
    private const long SmallFile = 1024 * 1024;
    private const long Exported = 32 * 1024 * 1024;

    public async Task<ReadItem> ReadAsync(string id, Entry file, CancellationToken cancellationToken)
    {
        FileContent content;
        try
        {
            content = await ContentOfAsync(file, cancellationToken);
        }
        catch (ContentException exception) when (exception.Problem == ContentProblem.Unsupported)
        {
            return new ReadItem.Skipped(id, exception.Message);
        }

        var owner = sharing.OwnerOf(file);
        return new ReadItem.Found(
            new Document
            {
                Id = id,
                Title = file.Name,
                Link = await sharing.LinkAsync(file, cancellationToken),
                Version = file.Version,
                UpdatedAt = file.ServerModified,
                PrimaryOwners = owner is null ? [] : [owner],
                Access = await sharing.AccessAsync(file, cancellationToken),
                Metadata = new Dictionary<string, MetadataValue>
                {
                    ["path"] = file.PathDisplay ?? "",
                    ["size"] = file.Size?.ToString(CultureInfo.InvariantCulture) ?? "",
                    ["rev"] = file.Rev ?? "",
                    ["type"] = "article",
                },
                File = content,
            }
        );
    }

    /// <summary>
    /// Small files are taken at once, of others the first byte: that a file cannot be had has to be known here, since the
    /// feed does not name it again.
    /// </summary>
    private async Task<FileContent> ContentOfAsync(Entry file, CancellationToken cancellationToken)
    {
        var isWhole = file.IsExported || file.Size <= SmallFile;
        using var response = await api.ContentAsync(
            file,
            onlyFirst: !isWhole,
            !isWhole ? null
                : file.IsExported ? Exported
                : SmallFile,
            cancellationToken
        );
        if (!isWhole)
        {
            return new FileContent
            {
                Name = file.Name ?? "",
                Length = file.Size,
                OpenAsync = async cancellation =>
                {
                    // Whoever disposes the stream gives the connection back.
                    var whole = await api.ContentAsync(file, onlyFirst: false, null, cancellation);
                    return await whole.Content.ReadAsStreamAsync(cancellation);
                },
            };
        }

        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (!file.IsExported && bytes.Length != file.Size)
        {
            throw new SourceException(
                FailureKind.Transient,
                "The file has another size than it was listed with: it was cut off, or changed meanwhile. The next run tries again."
            );
        }

        return new FileContent
        {
            Name = file.IsExported ? ExportedName(file, response) : file.Name ?? "",
            Length = bytes.Length,
            OpenAsync = _ => ValueTask.FromResult<Stream>(new MemoryStream(bytes, writable: false)),
        };
    }

    private static string ExportedName(Entry file, HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Dropbox-API-Result", out var results))
        {
            return file.Name ?? "";
        }

        try
        {
            var result = results.First();
            var name = JsonSerializer.Deserialize(result, DropboxJson.Default.ExportAnswer)?.ExportMetadata?.Name;
            return string.IsNullOrEmpty(name) ? file.Name ?? "" : name;
        }
        catch (JsonException)
        {
            return file.Name ?? "";
        }
    }
}
