using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Web;

/// <summary>A pattern of the settings: of paths when it starts with "/", of any part when it has no *, else of whole addresses.</summary>
internal sealed class UrlPattern(string text)
{
    private readonly bool _isOfPath = text.StartsWith('/');

    private readonly string _pattern =
        text.StartsWith('/') || text.Contains('*') || text.Contains("://", StringComparison.Ordinal)
            ? text
            : $"*{text}*";

    /// <summary>Whether a normalised address fits; case does not matter.</summary>
    public bool Fits(string url) =>
        Wildcard.Fits(_pattern, _isOfPath ? new UrlParts(url).PathAndQuery : url, ignoreCase: true);
}
