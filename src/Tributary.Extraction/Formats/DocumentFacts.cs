using System.Globalization;
using Tributary.Sdk.Documents;

namespace Tributary.Extraction.Formats;

/// <summary>What a file says about itself, gathered while it is read.</summary>
internal sealed class DocumentFacts
{
    private readonly List<Owner> _authors = [];
    private string? _title;

    public string? Title
    {
        get => _title;
        set => _title = string.IsNullOrWhiteSpace(value) ? null : TextCleaner.OneLine(value);
    }

    public DateTimeOffset? ModifiedAt { get; set; }

    public IReadOnlyList<Owner> Authors => _authors;

    public Dictionary<string, MetadataValue> Metadata { get; } = [];

    /// <summary>Adds an author once; texts with an @ and no blank count as e-mail addresses.</summary>
    public void AddAuthor(string? text)
    {
        var name = text is null ? "" : TextCleaner.OneLine(text);
        if (name.Length > 0)
        {
            AddAuthor(name.Contains('@') && !name.Contains(' ') ? new Owner(null, name) : new Owner(name));
        }
    }

    public void AddAuthor(Owner author)
    {
        if (!_authors.Contains(author))
        {
            _authors.Add(author);
        }
    }

    /// <summary>Takes an ISO 8601 time (W3C date-time); anything else is ignored. Without a zone it counts as UTC.</summary>
    public void SetModifiedAt(string? text) => ModifiedAt = ParseTime(text) ?? ModifiedAt;

    /// <summary>An ISO 8601 time; null when it is none.</summary>
    public static DateTimeOffset? ParseTime(string? text) =>
        DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time
        )
            ? time
            : null;
}
