namespace Tributary.Sdk.Authenticating;

/// <summary>The way to token endpoints: the guarded and retrying client that counts in no connector's limit.</summary>
/// <param name="http">The client.</param>
/// <param name="time">The clock.</param>
/// <param name="client">The OAuth client that the operator has configured for the integration; null when there is none.</param>
public sealed class TokenChannel(HttpClient http, TimeProvider time, OAuthClient? client = null)
{
    internal HttpClient Http { get; } = http;

    internal TimeProvider Time { get; } = time;

    internal OAuthClient? Client { get; } = client;
}
