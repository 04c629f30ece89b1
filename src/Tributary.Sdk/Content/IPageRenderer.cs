namespace Tributary.Sdk.Content;

/// <summary>Draws pages that need JavaScript in an installed Chromium, each of whose requests leaves through the connector's own HTTP pipeline.</summary>
public interface IPageRenderer
{
    /// <summary>Loads the page, runs its scripts until it is quiet, and returns its HTML.</summary>
    /// <param name="page">The address.</param>
    /// <param name="scrollToEnd">Scroll down (at most 20 times) so that lazy content loads.</param>
    /// <param name="cancellationToken">Ends the rendering.</param>
    /// <exception cref="SourceException">The browser could not load it.</exception>
    Task<ReadOnlyMemory<byte>> RenderAsync(Uri page, bool scrollToEnd, CancellationToken cancellationToken);
}
