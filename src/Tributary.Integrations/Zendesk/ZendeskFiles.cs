using System.Globalization;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Zendesk;

/// <summary>
/// Attached files as documents of their own. The note of the document that they belong to names them, so that a listing need
/// not ask for every thread again, and that they go with it.
/// </summary>
/// <param name="context">What may be touched.</param>
/// <param name="root">Where the API is.</param>
/// <param name="site">Where people go; files that are there are asked for at the API, which gets the credentials.</param>
/// <param name="isOn">Whether files are read at all.</param>
internal sealed class ZendeskFiles(ReaderContext context, Uri root, Uri site, bool isOn)
{
    private const int MaxNote = 60_000;

    public bool IsOn => isOn;

    /// <summary>A version that files were read with is another one.</summary>
    public string VersionOf(string version) => isOn ? $"{version} +" : version;

    /// <summary>What of the attachments becomes documents: not pictures within the text, nor what was deleted or is malware.</summary>
    public IReadOnlyList<Attachment> Chosen(IEnumerable<Attachment>? files) =>
        !isOn
            ? []
            :
            [
                .. (files ?? []).Where(file =>
                    file
                        is { Id: not null, Inline: not true, Deleted: not true, MalwareScanResult: not "malware_found" }
                    && AddressOf(file) is not null
                ),
            ];

    public string? NoteOf(IReadOnlyList<Attachment> files)
    {
        var note = string.Join(' ', files.Select(file => file.Id!.Value.ToString(CultureInfo.InvariantCulture)));
        return isOn && note.Length <= MaxNote ? note : null;
    }

    /// <summary>The documents of files that a known document has named; null when it has not said.</summary>
    public static IReadOnlyList<string>? IdsIn(KnownDocument? known) =>
        known?.Note is { } note
            ? [.. note.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => $"zendesk_attachment_{id}")]
            : null;

    public static string IdOf(Attachment file) => $"zendesk_attachment_{file.Id}";

    /// <summary>What is to be said of its files when a document was read.</summary>
    public IEnumerable<ReadItem> After(ReadItem item, IReadOnlyList<Attachment> files, KnownDocument? known)
    {
        if (item is ReadItem.Found { Document: var owner })
        {
            foreach (var file in files)
            {
                yield return new ReadItem.Found(DocumentOf(file, owner));
            }
        }

        var gone = item is ReadItem.Found or ReadItem.Deleted ? IdsIn(known) ?? [] : [];
        foreach (var id in gone.Except(files.Select(IdOf)))
        {
            yield return new ReadItem.Deleted(id);
        }
    }

    private Document DocumentOf(Attachment file, Document owner)
    {
        var name = file.FileName is { Length: > 0 } given ? given : $"attachment {file.Id}";
        return new Document
        {
            Id = IdOf(file),
            Title = name,
            Link = owner.Link,
            File = context.Http.FileAt(AddressOf(file)!, name, file.ContentType, file.Size),

            // A file never changes; who may read it does, with what it belongs to.
            Version = $"{file.Size} {string.Join(',', [.. owner.Access?.Users ?? [], .. owner.Access?.Groups ?? []])}",
            CreatedAt = owner.CreatedAt,
            UpdatedAt = owner.UpdatedAt,
            PrimaryOwners = owner.PrimaryOwners,
            Metadata = new Dictionary<string, MetadataValue> { ["attachment_of"] = owner.Id },
            Access = owner.Access,
        };
    }

    private Uri? AddressOf(Attachment file) =>
        !Uri.TryCreate(file.ContentUrl, UriKind.Absolute, out var address) || address.Scheme is not ("https" or "http")
            ? null
        : address.Authority == site.Authority ? new Uri(root, address.PathAndQuery)
        : address;
}
