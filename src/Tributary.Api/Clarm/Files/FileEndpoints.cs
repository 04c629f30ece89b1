using Tributary.Api.Http;
using Tributary.Engine.Files;
using Tributary.Sdk.Content;

namespace Tributary.Api.Clarm.Files;

/// <summary>Uploads: what sources of type <c>file</c> are made of.</summary>
internal static class FileEndpoints
{
    public static void Map(DialectRoutes routes)
    {
        routes
            .Map("POST", "/v1/files", UploadAsync, "Stores files, for a source's file_locations")
            .Takes<FilesForm>("multipart/form-data")
            .Answers<UploadAnswer>();
        routes
            .Map("GET", "/v1/files", ListAsync, "Uploaded files in order of id")
            .Asks<PageQuery>()
            .Answers<Page<FileAnswer>>();
        routes.Map("GET", "/v1/files/{file_id}", GetAsync, "One uploaded file's facts").Answers<FileAnswer>();
        routes
            .Map(
                "DELETE",
                "/v1/files/{file_id}",
                DeleteAsync,
                "Deletes an uploaded file; documents made of it stay until the next refresh"
            )
            .AnswersNothing(200);
    }

    /// <summary>Stores the files of a form; Onyx's upload is the same.</summary>
    public static async Task UploadAsync(Exchange exchange)
    {
        var form = await Uploads.ReceiveAsync(exchange);
        if (form.Files.Count == 0)
        {
            throw RequestException.Of(
                ["body", "files"],
                "missing",
                "Field required: at least one part with a file name"
            );
        }

        await exchange.WriteAsync(UploadAnswer.Of(form.Files), ClarmJson.Wire.UploadAnswer);
    }

    private static async Task ListAsync(Exchange exchange)
    {
        var query = exchange.Query<PageQuery>();
        var rows = await exchange
            .Get<IFileVault>()
            .ListAsync(exchange.Caller, query.After ?? "", query.Limit + 1, exchange.Aborted);
        await exchange.WriteAsync(
            Page.Of(rows, query.Limit, FileAnswer.Of, row => row.Id),
            ClarmJson.Wire.PageFileAnswer
        );
    }

    private static async Task GetAsync(Exchange exchange)
    {
        var file = await exchange
            .Get<IFileVault>()
            .GetAsync(exchange.Caller, exchange.PathText("file_id"), exchange.Aborted);
        await exchange.WriteAsync(FileAnswer.Of(file), ClarmJson.Wire.FileAnswer);
    }

    private static async Task DeleteAsync(Exchange exchange)
    {
        await exchange.Get<IFileVault>().DeleteAsync(exchange.Caller, exchange.PathText("file_id"), exchange.Aborted);
        await exchange.WriteNullAsync();
    }
}

/// <summary>A form with files; read part by part, this type only describes it.</summary>
internal sealed record FilesForm
{
    public required IReadOnlyList<byte[]> Files { get; init; }
}

/// <summary>An uploaded file.</summary>
/// <param name="Id">Its id, for <c>file_locations</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="ContentType">As the upload claimed.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Lower-case hexadecimal hash of the content.</param>
/// <param name="UploadedAt">When.</param>
internal sealed record FileAnswer(
    string Id,
    string Name,
    string? ContentType,
    long Size,
    string Sha256,
    DateTimeOffset UploadedAt
)
{
    public static FileAnswer Of(StoredFile file) =>
        new(file.Id, file.Name, file.ContentType, file.Length, file.Sha256, file.UploadedAt);
}

/// <summary>Stored files, in the order of the request.</summary>
internal sealed record UploadAnswer(
    IReadOnlyList<string> FilePaths,
    IReadOnlyList<string> FileNames,
    IReadOnlyList<FileAnswer> Files
)
{
    /// <summary>Archives are opened when they are read, not when they are uploaded; so there is no such file.</summary>
    public string? ZipMetadataFileId { get; init; }

    public static UploadAnswer Of(IReadOnlyList<StoredFile> files) =>
        new([.. files.Select(file => file.Id)], [.. files.Select(file => file.Name)], [.. files.Select(FileAnswer.Of)]);
}
