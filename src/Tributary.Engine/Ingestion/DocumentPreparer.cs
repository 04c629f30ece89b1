using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;

namespace Tributary.Engine.Ingestion;

/// <summary>Makes a document ready to be written: text out of its file, passages, hash.</summary>
internal sealed class DocumentPreparer(ITextExtractor extractor) : IDisposable
{
    private const int MaxIdLength = 2_000;
    private const int MaxTitleLength = 1_000;
    private const int MaxNoteLength = 64 * 1024;

    /// <summary>Files whose text is being taken out at once, in the whole process: each may need a few dozen megabytes.</summary>
    private readonly SemaphoreSlim _extractions = new(Math.Max(2, Environment.ProcessorCount));

    /// <summary>Prepares.</summary>
    /// <param name="document">As a reader or a caller gave it.</param>
    /// <param name="sourceType">The source type where the document names none.</param>
    /// <param name="cancellationToken">Ends the extraction.</param>
    /// <exception cref="ContentException">Its file has no text for us.</exception>
    /// <exception cref="ArgumentException">It breaks the limits of <see cref="Document"/>.</exception>
    public async ValueTask<PreparedDocument> PrepareAsync(
        Document document,
        string sourceType,
        CancellationToken cancellationToken
    )
    {
        if (document.Id.Length is 0 or > MaxIdLength)
        {
            throw new ArgumentException(
                $"A document's id has 1 to {MaxIdLength} characters; this one has {document.Id.Length}."
            );
        }

        if (document.File is not { } file)
        {
            return Prepare(document, sourceType);
        }

        await _extractions.WaitAsync(cancellationToken).ConfigureAwait(false);
        ExtractedText text;
        try
        {
            text = await extractor.ExtractAsync(file, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _extractions.Release();
        }

        var metadata = text.Metadata.ToDictionary();
        foreach (var (name, value) in document.Metadata)
        {
            metadata[name] = value;
        }

        return Prepare(
            document with
            {
                Title = document.Title ?? text.Title ?? file.Name,
                Sections = [.. document.Sections, .. text.Sections],
                UpdatedAt = document.UpdatedAt ?? text.ModifiedAt,
                PrimaryOwners = document.PrimaryOwners.Count > 0 ? document.PrimaryOwners : text.Authors,
                Metadata = metadata,
            },
            sourceType
        );
    }

    public void Dispose() => _extractions.Dispose();

    /// <summary>Prepares a document without a file.</summary>
    public static PreparedDocument Prepare(Document document, string sourceType)
    {
        var title = string.IsNullOrWhiteSpace(document.Title) ? document.Id : document.Title.Trim();
        title = title.Length > MaxTitleLength ? title[..MaxTitleLength] : title;
        var passages = Chunker.Cut(document.Sections);
        if (passages.Count == 0)
        {
            // A document without text is still found by its title.
            passages.Add(new Passage(title, null, null));
        }

        var prepared = new PreparedDocument
        {
            ExternalId = document.Id,
            Title = title,
            Link = document.Link,
            SourceType = document.SourceType ?? sourceType,
            UpdatedAt = document.UpdatedAt?.ToUniversalTime(),
            CreatedAt = document.CreatedAt?.ToUniversalTime(),
            Owners = DocumentJson.WriteOwners(document.PrimaryOwners, document.SecondaryOwners),
            Metadata = DocumentJson.WriteMetadata(document.Metadata),
            Access = DocumentJson.WriteAccess(document.Access),
            Hash = [],
            Version = document.Version,
            Note = document.Note?.Length <= MaxNoteLength ? document.Note : null,
            Passages = passages,
        };
        return prepared with { Hash = Hash(prepared) };
    }

    private static byte[] Hash(PreparedDocument document)
    {
        var bytes = new ArrayBufferWriter<byte>(2048);
        Add(document.Title);
        Add(document.Link);
        Add(document.SourceType);
        Add(document.UpdatedAt?.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture));
        Add(document.CreatedAt?.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture));
        Add(document.Owners);
        Add(document.Metadata);
        Add(document.Access);
        foreach (var passage in document.Passages)
        {
            Add(passage.Text);
            Add(passage.Link);
            Add(passage.Heading);
        }

        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(bytes.WrittenSpan, hash);
        return hash[..16].ToArray();

        // No text holds the bytes FE and FF, so that no two documents are written alike.
        void Add(string? text)
        {
            if (text is not null)
            {
                Encoding.UTF8.GetBytes(text, bytes);
            }

            var end = bytes.GetSpan(1);
            end[0] = text is null ? (byte)0xFE : (byte)0xFF;
            bytes.Advance(1);
        }
    }
}
