using System.ComponentModel;
using System.Text.Json;

namespace Tributary.Api.Clarm.Push;

/// <summary>A pushed document. Describes what <see cref="DocumentReader"/> reads.</summary>
internal sealed record PushedDocumentBody
{
    [Description("Its id; without one it is made of semantic_identifier.")]
    public string? Id { get; init; }

    [Description("Its parts in order.")]
    public required IReadOnlyList<PushedSectionBody> Sections { get; init; }

    [Description("The source type to show; ingestion_api when left out.")]
    public string? Source { get; init; }

    [Description("The title that people see.")]
    public required string SemanticIdentifier { get; init; }

    [Description("Tags: text or lists of text; other values are turned into text.")]
    public IReadOnlyDictionary<string, JsonElement>? Metadata { get; init; }

    [Description("When it changed; now when left out.")]
    public DateTimeOffset? DocUpdatedAt { get; init; }

    [Description("When it was made.")]
    public DateTimeOffset? DocCreatedAt { get; init; }

    [Description("Who wrote or owns it.")]
    public IReadOnlyList<PushedOwnerBody>? PrimaryOwners { get; init; }

    [Description("Who else had a hand in it.")]
    public IReadOnlyList<PushedOwnerBody>? SecondaryOwners { get; init; }

    [Description("A further title to be found by.")]
    public string? Title { get; init; }

    [Description("Who may read it.")]
    public PushedAccessBody? ExternalAccess { get; init; }
}

/// <summary>A part of a pushed document.</summary>
internal sealed record PushedSectionBody
{
    [Description("Its text.")]
    public required string Text { get; init; }

    [Description("Where a person opens it.")]
    public string? Link { get; init; }

    [Description("What it is called.")]
    public string? Heading { get; init; }
}

/// <summary>A person.</summary>
internal sealed record PushedOwnerBody
{
    public string? DisplayName { get; init; }
    public string? FirstName { get; init; }
    public string? MiddleInitial { get; init; }
    public string? LastName { get; init; }
    public string? Email { get; init; }
}

/// <summary>Who may read a document.</summary>
internal sealed record PushedAccessBody
{
    public required IReadOnlyList<string> ExternalUserEmails { get; init; }
    public required IReadOnlyList<string> ExternalUserGroupIds { get; init; }
    public required bool IsPublic { get; init; }
}
