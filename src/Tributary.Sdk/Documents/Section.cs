namespace Tributary.Sdk.Documents;

/// <summary>A part of a document.</summary>
/// <param name="Text">Clean Markdown or plain text, without the heading.</param>
/// <param name="Link">Where exactly this part is; null means the document's link.</param>
/// <param name="Heading">What the part is called, e.g. a chapter or a sheet; null when it has no name.</param>
public sealed record Section(string Text, string? Link = null, string? Heading = null);
