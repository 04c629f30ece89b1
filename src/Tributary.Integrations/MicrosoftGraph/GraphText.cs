using System.Text;
using Tributary.Sdk.Content;

namespace Tributary.Integrations.MicrosoftGraph;

/// <summary>Bodies of mails, events, messages and web parts as Markdown.</summary>
internal static class GraphText
{
    /// <summary>HTML as Markdown; empty for none.</summary>
    public static string Of(IHtmlConverter converter, string? html, Uri? baseUri = null)
    {
        if (string.IsNullOrWhiteSpace(html))
        {
            return "";
        }

        var page = converter.Convert(
            Encoding.UTF8.GetBytes(
                html.Contains("<body", StringComparison.OrdinalIgnoreCase) ? html : $"<html><body>{html}</body></html>"
            ),
            new HtmlOptions
            {
                BaseUri = baseUri,
                Charset = "utf-8",
                MainContentOnly = false,
                SectionPerHeading = false,
            }
        );
        return string.Join("\n\n", page.Sections.Select(section => section.Text)).Trim();
    }

    /// <summary>A text value in an OData filter: quotes doubled.</summary>
    public static string Quoted(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
}
