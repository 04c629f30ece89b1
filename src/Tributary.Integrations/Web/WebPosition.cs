namespace Tributary.Integrations.Web;

/// <summary>How far a pass over the site is; what is still to be read is in the work list.</summary>
internal sealed record WebPosition
{
    /// <summary>The settings of the pass: with others a new one begins.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The pass came to its end: the next read begins a new one.</summary>
    public bool IsDone { get; init; }

    /// <summary>Documents in this pass.</summary>
    public long Pages { get; init; }

    /// <summary>How often the pass was gone on with.</summary>
    public int Resumes { get; init; }

    /// <summary>Documents that were read before the last time it was gone on with.</summary>
    public long PagesBefore { get; init; }

    /// <summary>Everything was read, and what was read before the last interruption is being looked at again.</summary>
    public bool IsAgain { get; init; }

    /// <summary>Where the start page redirected to.</summary>
    public string? MovedTo { get; init; }

    /// <summary>base_url is a sitemap itself, so that its path confines nothing.</summary>
    public bool IsSitemap { get; init; }

    /// <summary>Canonical addresses that were not there, or only redirected.</summary>
    public int DeadCanonicals { get; init; }

    /// <summary>Canonical addresses that were there.</summary>
    public int LiveCanonicals { get; init; }

    /// <summary>Why the last address that gave no document gave none.</summary>
    public string? LastReason { get; init; }

    /// <summary>The last address without a document failed for a reason that time may mend.</summary>
    public bool IsLastTransient { get; init; }
}
