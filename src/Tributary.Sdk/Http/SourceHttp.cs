using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;

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

    /// <summary>Posts JSON and reads the answer as a type.</summary>
    /// <param name="http">The source.</param>
    /// <param name="address">Where to.</param>
    /// <param name="body">What to send.</param>
    /// <param name="bodyType">How it is written.</param>
    /// <param name="type">What is answered.</param>
    /// <param name="onlyReads">It changes nothing at the source (a search, a query), so that it may be retried.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SourceException">There is no such answer.</exception>
    public static async Task<T> PostJsonAsync<TBody, T>(
        this HttpClient http,
        Uri address,
        TBody body,
        JsonTypeInfo<TBody> bodyType,
        JsonTypeInfo<T> type,
        bool onlyReads,
        CancellationToken cancellationToken
    )
    {
        using var request = PostOf(address, body, bodyType, onlyReads);
        using var response = await http.SendCheckedAsync(request, cancellationToken).ConfigureAwait(false);
        return await response.ReadJsonAsync(type, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A request that posts JSON, e.g. for a pager.</summary>
    /// <inheritdoc cref="PostJsonAsync{TBody, T}"/>
    public static HttpRequestMessage PostOf<TBody>(
        Uri address,
        TBody body,
        JsonTypeInfo<TBody> bodyType,
        bool onlyReads
    )
    {
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = JsonContent.Create(body, bodyType) };
        request.Options.Set(OutboundOptions.OnlyReads, onlyReads);
        return request;
    }

    /// <summary>A file of the source as a stream, opened when somebody reads it.</summary>
    /// <param name="http">The source.</param>
    /// <param name="address">Where the bytes are.</param>
    /// <param name="name">The file's name with its extension.</param>
    /// <param name="contentType">As the source claims.</param>
    /// <param name="length">As the source claims.</param>
    /// <remarks>Opening it throws <see cref="SourceException"/> as any request does.</remarks>
    public static FileContent FileAt(
        this HttpClient http,
        Uri address,
        string name,
        string? contentType = null,
        long? length = null
    ) =>
        new()
        {
            Name = name,
            ContentType = contentType,
            Length = length,
            OpenAsync = cancellationToken => http.OpenAsync(address, cancellationToken),
        };

    private static async ValueTask<Stream> OpenAsync(
        this HttpClient http,
        Uri address,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        var response = await http.SendAnyAsync(request, cancellationToken, HttpCompletionOption.ResponseHeadersRead)
            .ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            // Whoever disposes the stream gives the connection back.
            return await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        }

        using (response)
        {
            throw FailureOf(request, response);
        }
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

    /// <summary>Sends a request and takes the answer, whatever its status.</summary>
    /// <param name="http">The source.</param>
    /// <param name="request">What to send.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="completion">The whole answer, or only its head: then the body is read as it comes.</param>
    /// <exception cref="SourceException">The source could not be reached, or broke off.</exception>
    public static async Task<HttpResponseMessage> SendAnyAsync(
        this HttpClient http,
        HttpRequestMessage request,
        CancellationToken cancellationToken,
        HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead
    )
    {
        try
        {
            return await http.SendAsync(request, completion, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException)
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
        )
        {
            Status = response.StatusCode,
        };
    }

    // By hand: components cannot be asked of an address whose path is kept as it is.
    private static string AddressOf(HttpRequestMessage? request) =>
        request?.RequestUri is { } address
            ? $"{request.Method} {address.Scheme}://{address.Authority}{address.AbsolutePath}"
            : "";

    private static string Innermost(Exception exception) => exception.GetBaseException().Message.TrimEnd('.');
}
