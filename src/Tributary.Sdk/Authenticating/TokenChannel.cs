namespace Tributary.Sdk.Authenticating;

/// <summary>The way to token endpoints: the guarded and retrying client that counts in no connector's limit.</summary>
/// <param name="http">The client.</param>
/// <param name="time">The clock.</param>
/// <param name="client">The OAuth client that the operator has configured for the integration; null when there is none.</param>
/// <param name="vendor">
/// The manifest's token endpoint: the operator's secret goes to its host alone, or where the operator says; null trusts
/// every connector's address.
/// </param>
public sealed class TokenChannel(HttpClient http, TimeProvider time, OAuthClient? client = null, string? vendor = null)
{
    internal HttpClient Http { get; } = http;

    internal TimeProvider Time { get; } = time;

    internal OAuthClient? Client { get; } = client;

    /// <summary>
    /// Where the operator's client asks for tokens: people who make connectors choose addresses, and must not learn the
    /// secret by it.
    /// </summary>
    internal string AddressFor(OAuthClient client, string tokenUrl) =>
        client.TokenUrl is { } named ? named
        : client.ClientSecret.Length == 0 || vendor is null || Origin.IsBelow(tokenUrl, vendor) ? tokenUrl
        : throw new SourceException(
            FailureKind.Configuration,
            $"The tokens cannot be renewed at {new Uri(tokenUrl).IdnHost}: the operator's OAuth client is for {new Uri(vendor).IdnHost}. For a gateway or an instance of one's own, token_url belongs into TRIBUTARY_OAUTH_CLIENTS."
        );
}
