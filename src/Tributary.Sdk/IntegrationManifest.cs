namespace Tributary.Sdk;

/// <summary>The facts of an integration. Catalogue, forms, validation, docs and command line follow from them.</summary>
public sealed record IntegrationManifest
{
    /// <summary>The identifier in URLs and API calls, e.g. <c>google_drive</c>. Case-sensitive, never changes.</summary>
    public required string Slug { get; init; }

    /// <summary>Other slugs that mean the same integration, e.g. <c>OUTLOOK</c>; answers keep the one that was sent.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The name that people read, e.g. <c>Google Drive</c>.</summary>
    public required string Name { get; init; }

    /// <summary>One sentence on what one gets, in plain words.</summary>
    public required string Description { get; init; }

    /// <summary>The shelf of the catalogue that it stands on.</summary>
    public required IntegrationCategory Category { get; init; }

    /// <summary>Whether documents are pulled, pushed, or neither.</summary>
    public IntegrationKind Kind { get; init; } = IntegrationKind.Pull;

    /// <summary>Left out of the catalogue (it can still be created by those who know it).</summary>
    public bool IsHidden { get; init; }

    /// <summary>
    /// Config and credential members that its settings types do not have are passed over instead of refused: any object
    /// is accepted where there is nothing to read anyway.
    /// </summary>
    public bool AcceptsAnySettings { get; init; }

    /// <summary>What its reader is able to do.</summary>
    public IntegrationCapabilities Capabilities { get; init; } = new();

    /// <summary>The kinds of authentication that its credentials allow, e.g. <c>none</c>, <c>api_key</c>, <c>oauth2</c>, <c>basic</c>.</summary>
    public IReadOnlyList<string> AuthKinds { get; init; } = ["none"];

    /// <summary>How people sign in by OAuth 2; null when they cannot. <see cref="AuthKinds"/> names <c>oauth2</c> then.</summary>
    public Authenticating.OAuthFacts? OAuth { get; init; }

    /// <summary>The vendor's published limits, applied to every connector on top of its own.</summary>
    public IReadOnlyList<RateLimit> VendorLimits { get; init; } = [];

    /// <summary>How its requests treat hosts that nobody gave us an account at; null for an API that was made to be called.</summary>
    public HostPoliteness? Politeness { get; init; }

    /// <summary>A page of Markdown for people who set it up: where to get credentials, what is read, what is not.</summary>
    public string Documentation { get; init; } = "";
}

/// <summary>The shelves of the catalogue.</summary>
public enum IntegrationCategory
{
    /// <summary>Web sites and wikis.</summary>
    Knowledge,

    /// <summary>Files, drives and buckets.</summary>
    Storage,

    /// <summary>Chat and mail.</summary>
    Communication,

    /// <summary>Tickets, issues and projects.</summary>
    Projects,

    /// <summary>Code and its discussion.</summary>
    Development,

    /// <summary>Support desks and communities.</summary>
    Support,

    /// <summary>Customer records and sales.</summary>
    Sales,

    /// <summary>Programs of one's own, and tests.</summary>
    Custom,
}

/// <summary>Who moves the documents.</summary>
public enum IntegrationKind
{
    /// <summary>Tributary reads the source on a schedule.</summary>
    Pull,

    /// <summary>Callers push documents; there is nothing to read.</summary>
    Push,

    /// <summary>A known name without content of its own.</summary>
    Inert,

    /// <summary>There is nothing to read; requests go through it. Its settings are checked as those of a pulled one.</summary>
    Api,
}

/// <summary>What a reader is able to do.</summary>
public sealed record IntegrationCapabilities
{
    /// <summary>A refresh asks the vendor only for what changed.</summary>
    public bool Incremental { get; init; }

    /// <summary>How deleted items are noticed.</summary>
    public DeletionDetection Deletion { get; init; } = DeletionDetection.Listing;

    /// <summary>Documents carry who may read them at the source.</summary>
    public bool Permissions { get; init; }

    /// <summary>Sections link to their own place in the source.</summary>
    public bool DeepLinks { get; init; }
}

/// <summary>How deleted items are noticed.</summary>
public enum DeletionDetection
{
    /// <summary>Not at all: what was pushed stays until it is deleted by the same way.</summary>
    None,

    /// <summary>By a prune run, which lists what is live.</summary>
    Listing,

    /// <summary>By the vendor's own feed of deletions during a refresh (a prune run still works).</summary>
    Feed,
}
