using Tributary.Sdk;

namespace Tributary.Integrations.Web;

/// <summary>Why a site cannot be read at all, and what to do about it.</summary>
internal static class StartFailure
{
    /// <summary>An answer to the request for the start page that is none of a page.</summary>
    public static SourceException OfStatus(string url, int status, bool hasLogIn) =>
        status switch
        {
            401 => new SourceException(
                FailureKind.Credentials,
                hasLogIn
                    ? $"{url} does not accept the log-in (401). Check header, cookie or password; they are sent to the host of base_url only."
                    : $"{url} asks for a log-in (401). Give a header, a cookie, or a user name and password."
            ),
            403 => new SourceException(
                FailureKind.Credentials,
                hasLogIn
                    ? $"{url} refuses us (403): the log-in lacks the right to read it, or the site keeps robots out."
                    : $"{url} refuses us (403): it needs a log-in, or the site keeps robots out. Give credentials, set user_agent to a name that the site knows, or ask its operator to let us in."
            ),
            404 or 410 => Misconfigured($"There is no page at {url} ({status}). Check the spelling of base_url."),
            429 or >= 500 => new SourceException(
                FailureKind.Transient,
                $"{url} answers {status}. Try again later; if it lasts, ask the site's operator."
            ),
            _ => Misconfigured($"{url} answers {status}, not a page. Check base_url in a browser."),
        };

    /// <summary>robots.txt forbids the start page.</summary>
    public static SourceException Disallowed(string url) =>
        Misconfigured(
            $"robots.txt of the site forbids {url}. If the site is yours, set respect_robots to false or allow our name in robots.txt."
        );

    /// <summary>The start page redirects to another site.</summary>
    public static SourceException MovedAway(string url, string target) =>
        Misconfigured($"{url} redirects to another site: {target}. If that is the one to read, put it into base_url.");

    /// <summary>The start page redirects to a log-in page.</summary>
    public static SourceException LogIn(string url, string target) =>
        new(
            FailureKind.Credentials,
            $"{url} redirects to a log-in page ({new UrlParts(target).WithoutQuery}). Give a header, a cookie, or a user name and password."
        );

    /// <summary>The start page redirects to itself.</summary>
    public static SourceException Loop(string url) =>
        Misconfigured($"{url} redirects to itself, probably to set a cookie. Give one in the credentials.");

    /// <summary>The uploaded list is not there.</summary>
    public static SourceException NoFile(string id) =>
        Misconfigured(
            $"There is no uploaded file '{id}'. For the type upload, base_url is the id of an uploaded file with one address a line."
        );

    /// <summary>The pass ended without a single document.</summary>
    public static SourceException NoPage(WebPosition pass) =>
        new(
            pass.IsLastTransient ? FailureKind.Transient : FailureKind.Configuration,
            $"No page could be read. The last reason: {pass.LastReason ?? "there were no addresses to read"}."
        )
        {
            Member = "config.base_url",
        };

    private static SourceException Misconfigured(string message) =>
        new(FailureKind.Configuration, message) { Member = "config.base_url" };
}
