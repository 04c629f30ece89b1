using Tributary.Sdk;
using Tributary.Sdk.Documents;

namespace Tributary.Integrations.Web;

/// <summary>What came of fetching one address.</summary>
internal abstract record PageOutcome
{
    private PageOutcome() { }

    /// <summary>A page or file, as it is now.</summary>
    internal sealed record Read(Document Document, PageLinks Links) : PageOutcome;

    /// <summary>As we have it; its links are those that were noted.</summary>
    internal sealed record NotModified(PageLinks Links) : PageOutcome;

    /// <summary>It was looked at since the pass was last cut off, which is enough; its links are those that were noted.</summary>
    internal sealed record Seen(PageLinks Links) : PageOutcome;

    /// <summary>It is to be read under another address.</summary>
    internal sealed record Moved(Uri Target) : PageOutcome;

    /// <summary>A page that names another address as its canonical one.</summary>
    /// <param name="Canonical">That address, normalised.</param>
    /// <param name="Own">What it is if it stands for itself.</param>
    internal sealed record Alias(string Canonical, Read Own) : PageOutcome;

    /// <summary>404 or 410.</summary>
    internal sealed record Gone(int Status) : PageOutcome;

    /// <summary>Nothing that is to be read; its links may be.</summary>
    internal sealed record Skip(string Reason, PageLinks Links, int Status = 200) : PageOutcome;

    /// <summary>It could not be had.</summary>
    /// <param name="Error">Why.</param>
    /// <param name="IsOutage">Because the host is out of order, rather than this one page.</param>
    internal sealed record Fail(SourceException Error, bool IsOutage) : PageOutcome;
}

/// <summary>Where a page leads.</summary>
/// <param name="Inside">Normalised addresses inside the scope.</param>
/// <param name="Outside">Those that are left out, with the reason.</param>
internal sealed record PageLinks(IReadOnlyList<string> Inside, IReadOnlyList<(string Url, string Reason)> Outside)
{
    public static PageLinks None { get; } = new([], []);
}
