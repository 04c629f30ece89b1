using Tributary.Sdk.Content;

namespace Tributary.Sdk.Reading;

/// <summary>Everything that a reader may touch.</summary>
public sealed record ReaderContext
{
    /// <summary>
    /// Requests to the source. Retries, limits, politeness, the address guard and size caps are its business; see
    /// <see cref="Http.OutboundOptions"/> for what a request may ask of it.
    /// </summary>
    public required HttpClient Http { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>What is stored of this connector's documents.</summary>
    public required IKnownDocuments Known { get; init; }

    /// <summary>A durable queue of things still to be read, for sources that are discovered while they are read.</summary>
    public required IWorkList Work { get; init; }

    /// <summary>Files that were uploaded to this workspace, and folders of the server that the operator has allowed.</summary>
    public required IStoredFiles Files { get; init; }

    /// <summary>HTML to title, links and readable Markdown sections.</summary>
    public required IHtmlConverter Html { get; init; }

    /// <summary>The members of archives and mails.</summary>
    public required IContainerOpener Containers { get; init; }

    /// <summary>Pages drawn by a browser; null when none is installed.</summary>
    public IPageRenderer? Renderer { get; init; }
}
