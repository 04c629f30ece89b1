using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tributary.Sdk.Content;

namespace Tributary.Sdk.Http;

/// <summary>
/// Requests to a source's API, where everything that can go wrong becomes a <see cref="SourceException"/> of the right
/// kind. The client has already retried what time can mend, so that what arrives here is final for this run.
/// </summary>
/// <remarks>Messages name the address without its query, which may hold secrets.</remarks>
public static class SourceHttp
{
    /// <summary>Gets JSON as a type.</summary>
    /// <exception cref="SourceException">There is no such answer.</exception>
    public static async Task<T> GetJsonAsync<T>(
        this HttpClient http,
        Uri address,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        using var response = await http.SendCheckedAsync(request, cancellationToken).ConfigureAwait(false);
        return await response.ReadJsonAsync(type, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a request and takes the whole answer.</summary>
    /// <returns>An answer with a 2xx status and a complete body.</returns>
    /// <exception cref="SourceException">The source could not be reached, or answered with another status.</exception>
    public static async Task<HttpResponseMessage> SendCheckedAsync(
        this HttpClient http,
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var response = await http.SendAnyAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw FailureOf(request, response);
        }
    }

    /// <summary>Sends a request and takes the whole answer, whatever its status.</summary>
    /// <exception cref="SourceException">The source could not be reached, or broke off.</exception>
    public static async Task<HttpResponseMessage> SendAnyAsync(
        this HttpClient http,
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new SourceException(
                FailureKind.Transient,
                $"{AddressOf(request)} could not be reached: {Innermost(exception)}. Is the address right, and the server up?",
                exception
            );
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SourceException(
                FailureKind.Transient,
                $"{AddressOf(request)} did not answer in time.",
                exception
            );
        }
        catch (ContentException exception)
        {
            throw new SourceException(FailureKind.Source, $"{AddressOf(request)}: {exception.Message}", exception);
        }
    }

    /// <summary>Reads an answer as a type.</summary>
    /// <exception cref="SourceException">It is no JSON, or other JSON than the API promises.</exception>
    public static async Task<T> ReadJsonAsync<T>(
        this HttpResponseMessage response,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
    {
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await JsonSerializer.DeserializeAsync(body, type, cancellationToken).ConfigureAwait(false)
                ?? throw new JsonException("The answer is null.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            var isHtml = response.Content.Headers.ContentType?.MediaType == "text/html";
            throw new SourceException(
                FailureKind.Source,
                isHtml
                    ? $"{AddressOf(response.RequestMessage)} answered a web page where its API's JSON was expected: a login, an error or a challenge page stands in between, or the address is not that of the API."
                    : $"{AddressOf(response.RequestMessage)} answered JSON that is cut off or not what its API promises: {exception.Message}",
                exception
            );
        }
    }

    /// <summary>What an answer that is not 2xx means for the one who has to mend it.</summary>
    public static SourceException FailureOf(HttpRequestMessage request, HttpResponseMessage response)
    {
        var (kind, advice) = response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => (
                FailureKind.Credentials,
                "the credentials are missing, wrong or expired; give new ones"
            ),
            HttpStatusCode.Forbidden => (
                FailureKind.Credentials,
                "the credentials lack a right that is needed here, or the source refuses this client"
            ),
            HttpStatusCode.NotFound or HttpStatusCode.Gone => (
                FailureKind.Configuration,
                "there is nothing at this address; check the connector's settings"
            ),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425 => (
                FailureKind.Transient,
                "the source is busy; the next run tries again"
            ),
            >= HttpStatusCode.InternalServerError => (
                FailureKind.Transient,
                "the source has a fault of its own; the next run tries again"
            ),
            _ => (FailureKind.Source, "the source's API does not promise this answer"),
        };
        return new SourceException(
            kind,
            $"{AddressOf(request)} answered {(int)response.StatusCode} {response.ReasonPhrase}: {advice}."
        );
    }

    private static string AddressOf(HttpRequestMessage? request) =>
        $"{request?.Method} {request?.RequestUri?.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)}";

    private static string Innermost(Exception exception) => exception.GetBaseException().Message.TrimEnd('.');
}
