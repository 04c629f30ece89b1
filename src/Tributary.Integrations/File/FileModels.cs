using System.Security.Cryptography;
using System.Text;
using Tributary.Integrations.TaggedFiles;
using Tributary.Sdk.Documents;

namespace Tributary.Integrations.File;

/// <summary>Something met on the way through locations, folders and archives.</summary>
internal abstract record FileItem
{
    private FileItem() { }

    /// <summary>A file, not looked into yet.</summary>
    public sealed record Present(SourceFile File) : FileItem;

    /// <summary>One that cannot be read.</summary>
    /// <param name="Id">Its id, or that of the archive or location.</param>
    /// <param name="Reason">Why, and the cure.</param>
    /// <param name="HidesOthers">Files that may be live cannot be seen because of it, so that a listing is not complete.</param>
    public sealed record Unreadable(string Id, string Reason, bool HidesOthers) : FileItem;
}

/// <summary>A file as its location shows it, before it is opened.</summary>
internal sealed record SourceFile
{
    private const int MaxId = 2_000;

    private readonly string _id = "";

    /// <summary>Stable per stored file and path inside it.</summary>
    public required string Id
    {
        get => _id;
        init => _id = value.Length <= MaxId ? value : Shortened(value);
    }

    /// <summary>The name with its extension.</summary>
    public required string Name { get; init; }

    /// <summary>The path from its location or archive on, as metadata files name it and as a pass goes on after it.</summary>
    public required string Path { get; init; }

    /// <summary>Differs when the content differs.</summary>
    public required string Mark { get; init; }

    /// <summary>Opens it as a seekable stream; several times when <see cref="IsReopenable"/>, else once.</summary>
    public required Func<CancellationToken, ValueTask<Stream>> OpenAsync { get; init; }

    /// <summary>False for members of archives, whose content goes by.</summary>
    public bool IsReopenable { get; init; }

    /// <summary>The bytes can never become others, so that what is broken stays so.</summary>
    public bool IsImmutable { get; init; }

    public string? DisplayName { get; init; }

    public string? ContentType { get; init; }

    public long? Length { get; init; }

    public DateTimeOffset? ModifiedAt { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>What metadata files say of it.</summary>
    public FileTag Tag { get; init; } = FileTag.None;

    /// <summary>The metadata tables that hold for what is in it.</summary>
    public IReadOnlyList<FileTagTable> Tables { get; init; } = [];

    /// <summary>The id of its document, unless its first line names another.</summary>
    public string DocumentId => Tag.DocumentId ?? Id;

    /// <summary>Content and what is said about it: an edited metadata file makes its documents anew.</summary>
    public string Version =>
        string.Join('.', new[] { Mark, Tag.Mark, Hash(DisplayName) }.Where(part => part.Length > 0));

    public static string Hash(string? text) =>
        string.IsNullOrEmpty(text) ? "" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];

    private static string Shortened(string id) => $"{id[..(MaxId - 20)]}#{Hash(id)}";
}

/// <summary>A file that was looked into and is a document.</summary>
/// <param name="Source">Where it is from.</param>
/// <param name="Tag">All that is said of it, its first line included.</param>
/// <param name="HasMembers">It is a mail, so that an unchanged one may still have attachments to read.</param>
/// <param name="OpenAsync">Opens its text, without a metadata line; once.</param>
/// <param name="Held">A stream that is to be disposed when it is not opened; null when there is none.</param>
internal sealed record FileDocument(
    SourceFile Source,
    FileTag Tag,
    bool HasMembers,
    Func<CancellationToken, ValueTask<Stream>> OpenAsync,
    Stream? Held
)
{
    /// <summary>The note of documents with members.</summary>
    public const string MembersNote = "members";

    public string Id => Tag.DocumentId ?? Source.Id;

    public Document ToDocument(string? password) =>
        new()
        {
            Id = Id,
            Title = Tag.Title ?? Source.DisplayName,
            Link = Tag.Link,
            File = new FileContent
            {
                Name = Source.Name,
                ContentType = Tag.MimeType ?? Source.ContentType,
                Length = Source.Length,
                Password = Tag.Password ?? password,
                OpenAsync = OpenAsync,
            },
            Version = Source.Version,
            Note = HasMembers ? MembersNote : null,
            UpdatedAt = Tag.UpdatedAt ?? Source.ModifiedAt,
            CreatedAt = Source.CreatedAt,
            PrimaryOwners = Tag.PrimaryOwners,
            SecondaryOwners = Tag.SecondaryOwners,
            Metadata = Tag.Tags,
            SourceType = Tag.SourceType,
        };
}
