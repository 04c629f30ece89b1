using Tributary.Sdk.Http;

namespace Tributary.Integrations.GitHub;

/// <summary>Where the API of an account's home is.</summary>
internal static class GitHubAddress
{
    public const string Public = "https://github.com";

    private const string EnterprisePath = "/api/v3";

    /// <summary>The site on which people read.</summary>
    public static Uri SiteOf(GitHubCredentials credentials)
    {
        var typed = string.IsNullOrWhiteSpace(credentials.GithubBaseUrl) ? Public : credentials.GithubBaseUrl;
        var site = ApiAddress.Parse(typed);
        return site.AbsolutePath == EnterprisePath ? new Uri(site.GetLeftPart(UriPartial.Authority)) : site;
    }

    /// <summary>The API: of github.com, of a company's part of ghe.com, of an Enterprise server, or a given one.</summary>
    public static Uri ApiOf(GitHubConfig config, GitHubCredentials credentials)
    {
        if (!string.IsNullOrWhiteSpace(config.ApiBaseUrl))
        {
            return ApiAddress.Parse(config.ApiBaseUrl);
        }

        var typed = string.IsNullOrWhiteSpace(credentials.GithubBaseUrl) ? Public : credentials.GithubBaseUrl;
        var site = ApiAddress.Parse(typed);
        return site switch
        {
            { Host: "github.com" or "www.github.com" or "api.github.com" } => new Uri("https://api.github.com"),
            { Host: var host } when host.EndsWith(".ghe.com", StringComparison.Ordinal) => new Uri(
                host.StartsWith("api.", StringComparison.Ordinal) ? $"https://{host}" : $"https://api.{host}"
            ),
            _ when site.AbsolutePath.EndsWith(EnterprisePath, StringComparison.Ordinal) => site,
            _ => new Uri(site.AbsoluteUri.TrimEnd('/') + EnterprisePath),
        };
    }
}
