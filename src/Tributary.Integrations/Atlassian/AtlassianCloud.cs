using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Atlassian;

/// <summary>
/// What Jira and Confluence in the cloud have in common: scoped tokens and OAuth are taken at a gateway only, below a
/// site's id, while links for people keep the site's own address.
/// See https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/.
/// </summary>
internal static class AtlassianCloud
{
    public const string Gateway = "https://api.atlassian.com";

    /// <summary>How people sign in.</summary>
    public static OAuthFacts OAuth(string tokenMember, string refreshTokenMember, params string[] scopes) =>
        new()
        {
            AuthorizeUrl = "https://auth.atlassian.com/authorize",
            TokenUrl = "https://auth.atlassian.com/oauth/token",
            Scopes = [.. scopes, "offline_access"],
            AuthorizeParameters = new Dictionary<string, string>
            {
                ["audience"] = "api.atlassian.com",
                ["prompt"] = "consent",
            },
            SendsJson = true,
            AccessTokenMember = tokenMember,
            RefreshTokenMember = refreshTokenMember,
        };

    /// <summary>The facts for a gateway: another one than Atlassian's own gives out tokens itself.</summary>
    public static OAuthFacts At(this OAuthFacts facts, string gateway) =>
        gateway.TrimEnd('/') == Gateway
            ? facts
            : facts with
            {
                TokenUrl = ApiAddress.Parse(gateway).At($"oauth/token").AbsoluteUri,
            };

    /// <summary>The id of a site, which anybody may ask for.</summary>
    /// <exception cref="SourceException">There is no such site.</exception>
    public static async Task<string> SiteIdAsync(ReaderContext context, Uri site, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(site, "/_edge/tenant_info"));
        request.WithoutCredentials();
        try
        {
            using var response = await context.Http.SendCheckedAsync(request, cancellationToken);
            return (await response.ReadJsonAsync(AtlassianJson.Default.TenantInfo, cancellationToken)).CloudId;
        }
        catch (SourceException exception) when (exception.Kind is FailureKind.Configuration)
        {
            throw new SourceException(
                FailureKind.Configuration,
                $"There is no Atlassian cloud site at {site.Host}. Give its address as people open it, e.g. https://example.atlassian.net.",
                exception
            );
        }
    }

    /// <summary>The id of a site among those that an OAuth token was given for.</summary>
    /// <exception cref="SourceException">It was given for others.</exception>
    public static async Task<string> ConsentedSiteIdAsync(
        ReaderContext context,
        Uri gateway,
        Uri site,
        CancellationToken cancellationToken
    )
    {
        var sites = await context.Http.GetJsonAsync(
            gateway.At($"oauth/token/accessible-resources"),
            AtlassianJson.Default.ListAccessibleSite,
            cancellationToken
        );
        return sites
                .Find(one => Uri.TryCreate(one.Url, UriKind.Absolute, out var url) && url.Authority == site.Authority)
                ?.Id
            ?? throw new SourceException(
                FailureKind.Configuration,
                $"The sign-in was not for {site.Host}. It was for: {string.Join(", ", sites.Select(one => one.Url).Take(20))}. Sign in again and choose the site, or correct the address."
            );
    }

    /// <summary>A person's address that was typed with the path of a page is taken as that of the site.</summary>
    public static Uri SiteOf(string typed)
    {
        var address = ApiAddress.Parse(typed);
        return address.Host.EndsWith(".atlassian.net", StringComparison.OrdinalIgnoreCase)
            ? new Uri(address.GetLeftPart(UriPartial.Authority))
            : address;
    }
}

internal sealed record TenantInfo([property: JsonRequired] string CloudId);

internal sealed record AccessibleSite([property: JsonRequired] string Id, string? Url);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(TenantInfo))]
[JsonSerializable(typeof(List<AccessibleSite>))]
internal sealed partial class AtlassianJson : JsonSerializerContext;
