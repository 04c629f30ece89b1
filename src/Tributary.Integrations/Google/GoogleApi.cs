using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;

namespace Tributary.Integrations.Google;

/// <summary>Requests to Google's APIs, as the credentials' own user or as a user of the domain.</summary>
/// <param name="http">The connector's client.</param>
/// <param name="resourceKeys">Keys of links that were shared with one, for the header that asks for them; empty for none.</param>
internal sealed class GoogleApi(HttpClient http, string resourceKeys = "")
{
    private const long MaxAnswerBytes = 64 * 1024 * 1024;

    /// <summary>Gets JSON.</summary>
    /// <param name="address">Where.</param>
    /// <param name="user">The user of the domain to act as; null for the credentials' own.</param>
    /// <param name="type">What is answered.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SourceException">Google refuses, or cannot be reached; see <see cref="GoogleErrors.ReasonOf"/>.</exception>
    public async Task<T> GetAsync<T>(
        Uri address,
        string? user,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
    {
        using var request = RequestOf(address, user, MaxAnswerBytes);
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        return await response.ReadJsonAsync(type, cancellationToken);
    }

    /// <summary>Opens a body as a stream, which the caller disposes.</summary>
    /// <param name="address">Where.</param>
    /// <param name="user">As for <see cref="GetAsync"/>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SourceException">Google refuses.</exception>
    public async ValueTask<Stream> OpenAsync(Uri address, string? user, CancellationToken cancellationToken)
    {
        using var request = RequestOf(address, user, maxBytes: null);
        var response = await SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return await response.Content.ReadAsStreamAsync(cancellationToken);
    }

    /// <summary>A listing by page tokens. One that goes in circles ends with an error.</summary>
    public async IAsyncEnumerable<Page<T>> PagesAsync<T>(
        Func<string?, Uri> address,
        string? user,
        JsonTypeInfo<T> type,
        Func<T, string?> next,
        string? from,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // Brent's algorithm: a landmark that moves on at powers of two meets every circle.
        var (landmark, steps, limit) = (from, 0, 1);
        for (var position = from; ; )
        {
            cancellationToken.ThrowIfCancellationRequested();
            var body = await GetAsync(address(position), user, type, cancellationToken);
            var following = next(body) is { Length: > 0 } some ? some : null;
            if (following is not null && (following == position || following == landmark))
            {
                throw new SourceException(
                    FailureKind.Source,
                    $"{address(null).GetLeftPart(UriPartial.Path)} answers with a page token that it gave before, so that the listing never ends."
                );
            }

            yield return new Page<T>(body, following);
            if (following is null)
            {
                yield break;
            }

            position = following;
            if (++steps == limit)
            {
                (landmark, steps, limit) = (following, 0, limit * 2);
            }
        }
    }

    /// <summary>The addresses of the domain's users who can sign in.</summary>
    public async IAsyncEnumerable<string> UsersAsync(
        Uri directory,
        string admin,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // All domains of the account; where that is not understood, the administrator's.
        var isUnderstood = true;
        await using var all = UsersAsync(directory, admin, ("customer", "my_customer"), cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        for (var isFirst = true; isUnderstood; isFirst = false)
        {
            try
            {
                if (!await all.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (SourceException exception) when (isFirst && exception.Status == HttpStatusCode.BadRequest)
            {
                isUnderstood = false;
            }

            if (isUnderstood)
            {
                yield return all.Current;
            }
        }

        await foreach (
            var user in UsersAsync(directory, admin, ("domain", admin[(admin.IndexOf('@') + 1)..]), cancellationToken)
        )
        {
            yield return user;
        }
    }

    private async IAsyncEnumerable<string> UsersAsync(
        Uri directory,
        string admin,
        (string Name, object? Value) of,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var pages = PagesAsync(
            page =>
                directory.At(
                    $"users",
                    of,
                    ("maxResults", 500),
                    ("pageToken", page),
                    ("fields", "nextPageToken,users(primaryEmail,suspended,archived)")
                ),
            admin,
            GoogleJson.Default.DirectoryUsers,
            page => page.NextPageToken,
            null,
            cancellationToken
        );
        await foreach (var page in pages)
        {
            foreach (var user in page.Body.Users ?? [])
            {
                if (user is { PrimaryEmail: { Length: > 0 } email } && user.Suspended != true && user.Archived != true)
                {
                    yield return email;
                }
            }
        }
    }

    private HttpRequestMessage RequestOf(Uri address, string? user, long? maxBytes)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (resourceKeys.Length > 0)
        {
            request.Headers.Add("X-Goog-Drive-Resource-Keys", resourceKeys);
        }

        if (maxBytes is { } most)
        {
            request.Options.Set(OutboundOptions.MaxBodyBytes, most);
        }

        return user is null ? request : request.ActAs(user);
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        HttpCompletionOption completion,
        CancellationToken cancellationToken
    )
    {
        var response = await http.SendAnyAsync(request, cancellationToken, completion);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await GoogleErrors.OfAsync(request, response, cancellationToken);
        }
    }
}
