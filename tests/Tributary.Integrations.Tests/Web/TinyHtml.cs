using System.Text;
using System.Text.RegularExpressions;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;

namespace Tributary.Integrations.Tests.Web;

/// <summary>Just enough HTML for the pages of these tests, so that they stand on the crawl alone.</summary>
internal sealed partial class TinyHtml : IHtmlConverter
{
    public HtmlPage Convert(ReadOnlyMemory<byte> html, HtmlOptions options)
    {
        var text = Encoding.UTF8.GetString(html.Span);
        var robots = Attribute(text, """<meta name="robots" content="(.*?)">""") ?? "";
        var body = Attribute(text, "<body>(.*)</body>") ?? text;
        var said = Tags().Replace(Links().Replace(body, "$3"), " ").Trim();
        return new HtmlPage
        {
            Title = Attribute(text, "<title>(.*?)</title>"),
            Links =
            [
                .. Links()
                    .Matches(text)
                    .Where(match => Uri.TryCreate(options.BaseUri, match.Groups[1].Value, out _))
                    .Select(match => new HtmlLink(
                        new Uri(options.BaseUri!, match.Groups[1].Value),
                        match.Groups[2].Value.Contains("nofollow")
                    )),
            ],
            Sections = said.Length == 0 ? [] : [new Section(said, options.BaseUri!.AbsoluteUri)],
            Canonical = Address(text, options, """<link rel="canonical" href="(.*?)">"""),
            RefreshTarget = Address(text, options, """<meta http-equiv="refresh" content="0; url=(.*?)">"""),
            NoIndex = robots.Contains("noindex"),
            NoFollow = robots.Contains("nofollow"),
            Language = Attribute(text, """<html lang="(.*?)">"""),
            Description = Attribute(text, """<meta name="description" content="(.*?)">"""),
            NeedsJavaScript = text.Contains("""<div id="root"></div>"""),
        };
    }

    private static string? Attribute(string text, string pattern) =>
        Regex.Match(text, pattern, RegexOptions.Singleline) is { Success: true } match ? match.Groups[1].Value : null;

    private static Uri? Address(string text, HtmlOptions options, string pattern) =>
        Attribute(text, pattern) is { } value ? new Uri(options.BaseUri!, value) : null;

    [GeneratedRegex("""<a href="(.*?)"(.*?)>(.*?)</a>""", RegexOptions.Singleline)]
    private static partial Regex Links();

    [GeneratedRegex("<.*?>", RegexOptions.Singleline)]
    private static partial Regex Tags();
}
