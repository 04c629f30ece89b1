namespace Tributary.Testing.Readers;

/// <summary>Hands requests to another client; a request that was sent already is sent as a copy.</summary>
internal sealed class ClientHandler(HttpClient client) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var copy = new HttpRequestMessage(request.Method, request.RequestUri) { Content = request.Content };
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            copy.Headers.TryAddWithoutValidation(name, values);
        }

        foreach (var (key, value) in (IDictionary<string, object?>)request.Options)
        {
            ((IDictionary<string, object?>)copy.Options)[key] = value;
        }

        return await client.SendAsync(copy, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }
}
