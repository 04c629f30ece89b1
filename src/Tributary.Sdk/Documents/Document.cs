namespace Tributary.Sdk.Documents;

/// <summary>
/// One item of a source. Its text is either given (<see cref="Sections"/>) or taken from a file by the engine
/// (<see cref="File"/>); with both, the sections come first.
/// </summary>
public sealed record Document
{
    /// <summary>Identity in the workspace: stable over edits and runs, unique over all sources (usually the item's URL). 1 to 2,000 characters.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it. Null takes the file's own title, else its name, else the id.</summary>
    public string? Title { get; init; }

    /// <summary>Where a person opens it; null when it has no address.</summary>
    public string? Link { get; init; }

    /// <summary>Its parts, in order.</summary>
    public IReadOnlyList<Section> Sections { get; init; } = [];

    /// <summary>A file whose text is to be extracted; its stream is opened only when <see cref="Version"/> is new.</summary>
    public FileContent? File { get; init; }

    /// <summary>
    /// The source's own mark of this state (ETag, revision, change number): equal to the stored one means unchanged, and
    /// the document is not looked at further. Null when the source has none: then the content's hash decides.
    /// </summary>
    public string? Version { get; init; }

    /// <summary>What the reader wants to know about this document at the next run, e.g. its links. At most 64 KiB; not shown to anyone.</summary>
    public string? Note { get; init; }

    /// <summary>When it last changed at the source; null when unknown.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>When it was made at the source; null when unknown.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Who wrote or owns it.</summary>
    public IReadOnlyList<Owner> PrimaryOwners { get; init; } = [];

    /// <summary>Who else had a hand in it.</summary>
    public IReadOnlyList<Owner> SecondaryOwners { get; init; } = [];

    /// <summary>Tags to filter by.</summary>
    public IReadOnlyDictionary<string, MetadataValue> Metadata { get; init; } = new Dictionary<string, MetadataValue>();

    /// <summary>Who may read it at the source; null when the reader does not know, which leaves it to the connector.</summary>
    public DocumentAccess? Access { get; init; }

    /// <summary>The source type to show, when it is not the connector's integration.</summary>
    public string? SourceType { get; init; }
}
