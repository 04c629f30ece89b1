using System.Text.Json.Serialization;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Http;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.MicrosoftGraph;

/// <summary>How the application proves who it is.</summary>
public enum GraphAuthenticationMethod
{
    /// <summary>By a client secret.</summary>
    [JsonStringEnumMemberName("client_secret")]
    ClientSecret,

    /// <summary>By a certificate that is registered for it.</summary>
    [JsonStringEnumMemberName("certificate")]
    Certificate,
}

/// <summary>An application of Microsoft Entra, as the credentials of every Graph integration describe it.</summary>
internal sealed record GraphApplication
{
    public required string Directory { get; init; }

    public required string ClientId { get; init; }

    /// <summary>Null where none is chosen: then what is given decides.</summary>
    public GraphAuthenticationMethod? Chosen { get; init; }

    public string? Secret { get; init; }

    public string? Certificate { get; init; }

    public string? Password { get; init; }

    private GraphAuthenticationMethod Method =>
        Chosen
        ?? (
            string.IsNullOrWhiteSpace(Secret) && !string.IsNullOrWhiteSpace(Certificate)
                ? GraphAuthenticationMethod.Certificate
                : GraphAuthenticationMethod.ClientSecret
        );

    /// <summary>Client credentials against the cloud's sign-in host, for its Graph.</summary>
    public Authentication AuthenticateFor(string authorityHost, string graphHost)
    {
        var tokenUrl = ApiAddress.Parse(authorityHost).At($"{Directory.Trim()}/oauth2/v2.0/token").AbsoluteUri;
        var graph = GraphCloud.HostOf(graphHost).AbsoluteUri;
        var scope = $"{graph.TrimEnd('/')}/.default";
        return Authentication.Token(
            graph,
            Method == GraphAuthenticationMethod.Certificate
                ? TokenGrant.ClientCertificate(tokenUrl, ClientId, Certificate ?? "", Password, scope)
                : TokenGrant.ClientCredentials(tokenUrl, ClientId, Secret ?? "", scope)
        );
    }

    /// <summary>What is missing for the chosen method; members are named with the integration's prefix.</summary>
    public IEnumerable<SettingsProblem> Validate(string secretMember, string certificateMember)
    {
        if (Method == GraphAuthenticationMethod.ClientSecret && string.IsNullOrWhiteSpace(Secret))
        {
            yield return SettingsProblem.Of(
                secretMember,
                "Should be given for the authentication_method client_secret"
            );
        }

        if (Method == GraphAuthenticationMethod.Certificate && string.IsNullOrWhiteSpace(Certificate))
        {
            yield return SettingsProblem.Of(
                certificateMember,
                "Should be given for the authentication_method certificate: a PFX file in base64"
            );
        }
    }
}

/// <summary>The national clouds of Microsoft 365: what belongs to one cannot be used with another.</summary>
internal static class GraphCloud
{
    public const string GlobalAuthority = "https://login.microsoftonline.com";
    public const string GlobalGraph = "https://graph.microsoft.com";

    private static readonly (string Graph, string[] Authorities, string Suffix)[] Known =
    [
        ("graph.microsoft.com", ["login.microsoftonline.com"], "sharepoint.com"),
        ("graph.microsoft.us", ["login.microsoftonline.us"], "sharepoint.us"),
        ("dod-graph.microsoft.us", ["login.microsoftonline.us"], "sharepoint.us"),
        (
            "microsoftgraph.chinacloudapi.cn",
            ["login.chinacloudapi.cn", "login.partner.microsoftonline.cn"],
            "sharepoint.cn"
        ),
        ("graph.microsoft.de", ["login.microsoftonline.de"], "sharepoint.de"),
    ];

    /// <summary>What is wrong with the hosts. Hosts that are in no table (gateways) are taken as they are.</summary>
    public static IEnumerable<SettingsProblem> Validate(string authorityHost, string graphHost, string? suffix = null)
    {
        if (ApiAddress.Problem(authorityHost) is { } authorityProblem)
        {
            yield return SettingsProblem.Of("authority_host", authorityProblem);
            yield break;
        }

        if (ApiAddress.Problem(graphHost) is { } graphProblem)
        {
            yield return SettingsProblem.Of("graph_api_host", graphProblem);
            yield break;
        }

        var (authority, graph) = (ApiAddress.Parse(authorityHost).Host, ApiAddress.Parse(graphHost).Host);
        var cloud = Known.FirstOrDefault(item => item.Graph == graph);
        if (cloud.Graph is null)
        {
            yield break;
        }

        if (Known.Any(item => item.Authorities.Contains(authority)) && !cloud.Authorities.Contains(authority))
        {
            yield return SettingsProblem.Of(
                "authority_host",
                $"Should belong to the same cloud as graph_api_host: https://{cloud.Authorities[0]}"
            );
        }

        if (suffix is not null && Known.Any(item => item.Suffix == suffix) && suffix != cloud.Suffix)
        {
            yield return SettingsProblem.Of(
                "sharepoint_domain_suffix",
                $"Should belong to the same cloud as graph_api_host: {cloud.Suffix}"
            );
        }
    }

    /// <summary>Whether it is Graph's own host, not a gateway's.</summary>
    public static bool IsKnown(string graphHost) =>
        ApiAddress.Problem(graphHost) is null && Known.Any(item => item.Graph == ApiAddress.Parse(graphHost).Host);

    /// <summary>The root of Graph's API.</summary>
    public static Uri ApiOf(string graphHost) => HostOf(graphHost).At($"v1.0");

    /// <summary>Graph's host as people type it: with or without its scheme, and the version that its addresses begin with.</summary>
    public static Uri HostOf(string graphHost)
    {
        const string Version = "/v1.0";
        var address = ApiAddress.Parse(graphHost).AbsoluteUri.TrimEnd('/');
        return new Uri(address.EndsWith(Version, StringComparison.Ordinal) ? address[..^Version.Length] : address);
    }
}
