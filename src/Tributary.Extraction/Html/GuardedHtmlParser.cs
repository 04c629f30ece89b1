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
    private const int MaxAttributes = 1_000;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(10);

    /// <summary>Parses a page; scripts are not run, so noscript elements are markup.</summary>
    /// <exception cref="ContentException">It is a bomb.</exception>
    public IHtmlDocument Parse(string html)
    {
        RefuseEndlessTags(html);
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

    // The parser compares each attribute of a tag with all before it.
    private static void RefuseEndlessTags(string html)
    {
        var position = html.IndexOf('<');
        while (position >= 0)
        {
            var rest = html.AsSpan(position + 1);
            var end = rest.IndexOfAny('<', '>');
            var tag = end < 0 ? rest : rest[..end];
            if (tag.Length > MaxAttributes && CountBlanks(tag) > MaxAttributes && char.IsAsciiLetter(tag[0]))
            {
                throw new ContentException(
                    ContentProblem.TooLarge,
                    $"A tag of the page has more than {MaxAttributes:N0} attributes."
                );
            }

            position = end < 0 ? -1 : html.IndexOf('<', position + 1 + end);
        }
    }

    // Attributes are set apart by white space or a slash; blanks in quoted values do not count.
    private static int CountBlanks(ReadOnlySpan<char> tag)
    {
        var count = 0;
        var quote = '\0';
        var isBlank = false;
        foreach (var letter in tag)
        {
            if (quote != '\0')
            {
                count += letter == quote ? 1 : 0;
                quote = letter == quote ? '\0' : quote;
                continue;
            }

            quote = letter is '"' or '\'' ? letter : '\0';
            var blank = letter is ' ' or '\t' or '\n' or '\r' or '/';
            count += blank && !isBlank ? 1 : 0;
            isBlank = blank;
        }

        return count;
    }
}
