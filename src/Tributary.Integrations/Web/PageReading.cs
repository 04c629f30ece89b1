using System.Text;
using System.Text.RegularExpressions;
using Tributary.Sdk.Content;

namespace Tributary.Integrations.Web;

/// <summary>Judgements on a parsed page: is it what it claims to be, and which address is its own. Pure.</summary>
internal static partial class PageReading
{
    // Below this a page that looks like an error or a log-in is believed to be one; articles about them are longer.
    private const int ShortText = 1_000;

    /// <summary>Why a page that answers 200 is none; null when it is one.</summary>
    public static string? WhyNotAPage(HtmlPage page, ReadOnlySpan<byte> html)
    {
        var length = page.Sections.Sum(section => section.Text.Length);
        if (length > ShortText)
        {
            return null;
        }

        var heading = page.Sections.Count > 0 ? page.Sections[0].Heading : null;
        if (NotFoundTitle().IsMatch(page.Title ?? "") || NotFoundTitle().IsMatch(heading ?? ""))
        {
            return SkipReasons.SoftNotFound;
        }

        if ((LogInTitle().IsMatch(page.Title ?? "") || LogInTitle().IsMatch(heading ?? "")) && HasPasswordField(html))
        {
            return SkipReasons.LogIn;
        }

        return length == 0 && page.Sections.All(section => string.IsNullOrWhiteSpace(section.Heading))
            ? SkipReasons.NoText
            : null;
    }

    /// <summary>Whether a page says so little that its meta refresh is meant as a redirect.</summary>
    public static bool IsOnlyARefresh(HtmlPage page) =>
        page.RefreshTarget is not null && page.Sections.Sum(section => section.Text.Length) < ShortText;

    /// <summary>Whether a redirect goes to a log-in page.</summary>
    public static bool IsLogIn(string from, string to) =>
        LogInPath().IsMatch(new UrlParts(to).Path) && !LogInPath().IsMatch(new UrlParts(from).Path);

    /// <summary>
    /// Whether another address may be a page's canonical one. Sites are known to name their home page, or the page of a
    /// whole section, on every page: an address above the page is believed only when what it drops is a known variant.
    /// </summary>
    public static bool IsPlausibleCanonical(string page, string canonical)
    {
        var from = new UrlParts(page);
        var to = new UrlParts(canonical);
        if (!from.Site.SequenceEqual(to.Site))
        {
            return false;
        }

        var folder = to.Path.TrimEnd('/');
        if (from.Path.TrimEnd('/').SequenceEqual(folder))
        {
            return true;
        }

        if (!from.Path.StartsWith(folder) || from.Path[folder.Length] != '/')
        {
            return folder.Length > 0;
        }

        var rest = from.Path[folder.Length..].Trim('/');
        return rest is "amp" or "print" || rest.StartsWith("index.") || rest.StartsWith("default.");
    }

    private static bool HasPasswordField(ReadOnlySpan<byte> html)
    {
        ReadOnlySpan<byte> word = "password"u8;
        while (html.IndexOf(word) is var at and >= 0)
        {
            var before = Encoding.Latin1.GetString(html[Math.Max(0, at - 12)..at]).TrimEnd('"', '\'', ' ');
            if (before.EndsWith("type=", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }

            html = html[(at + word.Length)..];
        }

        return false;
    }

    [GeneratedRegex(
        @"^\W*((error|fehler|erreur)\W*)?404\b|\b(page|file|document) (was |is |could |does |can)?\s*not (be |exist|found)|^\W*not found\W*$|\bpage non trouvée\b|\bseite nicht gefunden\b|\bpágina no encontrada\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex NotFoundTitle();

    [GeneratedRegex(
        @"\b(log|sign)[ -]?(in|on)\b|\banmelde|\beinloggen\b|\bconnexion\b|\biniciar sesión\b|\bauthentication required\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex LogInTitle();

    [GeneratedRegex(
        @"/(log-?in|sign-?in|log-?on|sso|saml2?|oauth2?|wp-login\.php|authorize|authenticate)(/|\.\w+$|$)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex LogInPath();
}
