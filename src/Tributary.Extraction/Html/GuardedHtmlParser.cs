using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Html;

/// <summary>
/// AngleSharp under caps. Depth is flattened as browsers do it; the parser's known ways to make much out of little
/// (unclosed formatting elements that are opened again in every paragraph, tags with endless attributes) end by count and time.
/// </summary>
internal sealed class GuardedHtmlParser(ExtractionLimits limits, TimeProvider time)
{
    // As in browsers; deeper elements become siblings.
    private const int FlattenedDepth = 512;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(5);

    /// <summary>Parses a page; scripts are not run, so noscript elements are markup.</summary>
    /// <exception cref="ContentException">It is a bomb.</exception>
    public IHtmlDocument Parse(string html)
    {
        TagScan.Refuse(html);
        var started = time.GetTimestamp();
        var elements = 0;
        var parser = new HtmlParser(
            new HtmlParserOptions
            {
                SkipComments = true,
                DisableElementPositionTracking = true,
                MaximumDepth = Math.Min(FlattenedDepth, limits.MaxDepth),
                OnCreated = (_, _) =>
                {
                    elements++;
                    if (elements > limits.MaxHtmlElements)
                    {
                        throw new ContentException(
                            ContentProblem.TooLarge,
                            $"The page has more than {limits.MaxHtmlElements:N0} elements."
                        );
                    }

                    if (elements % 1024 == 0 && time.GetElapsedTime(started) > MaxTime)
                    {
                        throw new ContentException(ContentProblem.TooSlow, "The page takes too long to parse.");
                    }
                },
            }
        );
        return parser.ParseDocument(html);
    }
}
