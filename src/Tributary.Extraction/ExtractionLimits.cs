namespace Tributary.Extraction;

/// <summary>
/// What one file may cost. Every cap is checked while bytes flow, never by a size that the file claims for itself.
/// The defaults suit a machine with a few gigabytes of memory.
/// </summary>
public sealed record ExtractionLimits
{
    private const long Megabyte = 1024 * 1024;

    /// <summary>Bytes of one file (100 MB).</summary>
    public long MaxFileBytes { get; init; } = 100 * Megabyte;

    /// <summary>Bytes that one archive, or one document that is a zip inside, may unpack to, nested ones included (1 GB).</summary>
    public long MaxUnpackedBytes { get; init; } = 1024 * Megabyte;

    /// <summary>Members of one archive, nested ones included, and parts of one mail (10,000).</summary>
    public int MaxMembers { get; init; } = 10_000;

    /// <summary>How many times larger than packed a member may become (100), counted once it has passed <see cref="RatioFreeBytes"/>.</summary>
    public int MaxRatio { get; init; } = 100;

    /// <summary>Unpacked bytes that the ratio does not look at (1 MB): small things compress well for honest reasons.</summary>
    public long RatioFreeBytes { get; init; } = Megabyte;

    /// <summary>Archives inside an archive (1: an archive's archives are opened, theirs are not).</summary>
    public int MaxNesting { get; init; } = 1;

    /// <summary>Characters of text taken from one file (2,000,000); the rest is left out and the metadata say <c>truncated</c>.</summary>
    public int MaxCharacters { get; init; } = 2_000_000;

    /// <summary>Time for one file, child processes included (60 s).</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Depth of nested XML, HTML and JSON elements (1,000).</summary>
    public int MaxDepth { get; init; } = 1_000;

    /// <summary>Elements of one HTML page, those included that the parser makes for badly nested ones (125,000).</summary>
    public int MaxHtmlElements { get; init; } = 125_000;

    /// <summary>Bytes kept in memory (1 MB); larger inputs and members go through a temporary file.</summary>
    public int MaxBytesInMemory { get; init; } = (int)Megabyte;

    /// <summary>Pages of a PDF whose text is read (5,000).</summary>
    public int MaxPdfPages { get; init; } = 5_000;

    /// <summary>Pages of a scanned PDF that are recognised (20): each takes seconds.</summary>
    public int MaxOcrPages { get; init; } = 20;

    /// <summary>Pixels of one picture that is recognised (100 million).</summary>
    public long MaxPixels { get; init; } = 100_000_000;

    /// <summary>Address space of one child process (4 GB; LibreOffice maps much more than it uses).</summary>
    public long MaxConverterMemoryBytes { get; init; } = 4096 * Megabyte;
}
