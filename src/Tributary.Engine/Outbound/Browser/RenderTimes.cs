namespace Tributary.Engine.Outbound.Browser;

/// <summary>How long a page may take to draw.</summary>
internal sealed record RenderTimes
{
    /// <summary>Without requests for this long, a page counts as finished.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>From the page's own answer until it is read as it is, scrolling included.</summary>
    public TimeSpan Most { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For handing its HTML over, which a script that never ends prevents.</summary>
    public TimeSpan Answer { get; init; } = TimeSpan.FromSeconds(10);
}
