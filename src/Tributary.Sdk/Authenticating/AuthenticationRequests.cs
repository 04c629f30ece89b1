namespace Tributary.Sdk.Authenticating;

/// <summary>What a single request may ask of its authentication.</summary>
public static class AuthenticationRequests
{
    internal static readonly HttpRequestOptionsKey<string> Subject = new("tributary.act-as");
    internal static readonly HttpRequestOptionsKey<bool> Anonymous = new("tributary.anonymous");
    internal static readonly HttpRequestOptionsKey<string> Region = new("tributary.region");

    /// <summary>Sends the request as this user of the domain; see <see cref="TokenGrant.GoogleServiceAccount"/>.</summary>
    /// <returns>The request.</returns>
    public static HttpRequestMessage ActAs(this HttpRequestMessage request, string user)
    {
        request.Options.Set(Subject, user);
        return request;
    }

    /// <summary>Sends the request without credentials, although its host is one of those that get them.</summary>
    /// <returns>The request.</returns>
    public static HttpRequestMessage WithoutCredentials(this HttpRequestMessage request)
    {
        request.Options.Set(Anonymous, true);
        return request;
    }

    /// <summary>Signs the request for this region instead of the one that was configured: a bucket's is learned from its first answer.</summary>
    /// <returns>The request.</returns>
    public static HttpRequestMessage SignFor(this HttpRequestMessage request, string region)
    {
        request.Options.Set(Region, region);
        return request;
    }
}
