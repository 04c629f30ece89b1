using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Tributary.Api.Clarm.Sources;

/// <summary>Where ingested sources go.</summary>
internal sealed record IngestBody
{
    [Description("Creates, or adds to, the collection of this name."), MinLength(1), MaxLength(200)]
    public string? CollectionName { get; init; }

    [Description("Adds to this collection.")]
    public long? CollectionId { get; init; }
}

/// <summary>A source to ingest.</summary>
internal sealed record IngestSourceBody
{
    [Description("What people call it."), MinLength(1), MaxLength(200)]
    public required string Name { get; init; }

    [Description("The source type.")]
    public required string Type { get; init; }

    [Description(
        "Its settings. Of type file: file_names says which uploads it takes; without it, all that no other takes."
    )]
    public IReadOnlyDictionary<string, JsonElement>? Config { get; init; }

    [Description("What the source is to be read with.")]
    public CredentialBody? Credential { get; init; }

    [Description("Seconds between refreshes; null reads the source once."), Range(0, CreateSource.MaxFrequency)]
    public long? RefreshFreq { get; init; }

    [Description("Seconds between prunes; null never prunes by itself."), Range(0, CreateSource.MaxFrequency)]
    public long? PruneFreq { get; init; }
}
