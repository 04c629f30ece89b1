using System.Text;

namespace Tributary.Sdk.Content;

/// <summary>Pieces of HTML, as APIs give them for texts that people have written.</summary>
public static class HtmlFragments
{
    /// <summary>The text of a fragment in Markdown. All of it is content: nothing is left out as navigation.</summary>
    /// <param name="converter">Usually <see cref="Reading.ReaderContext.Html"/>.</param>
    /// <param name="html">The fragment, without head and body.</param>
    /// <param name="address">Where it is shown, which relative links start from; what is no address leaves them as they are.</param>
    public static string ToMarkdown(this IHtmlConverter converter, string html, string? address = null)
    {
        var page = converter.Convert(
            Encoding.UTF8.GetBytes($"<html><body>{html}</body></html>"),
            new HtmlOptions
            {
                BaseUri = Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri : null,
                Charset = "utf-8",
                MainContentOnly = false,
                SectionPerHeading = false,
            }
        );
        return string.Join("\n\n", page.Sections.Select(section => section.Text));
    }
}
