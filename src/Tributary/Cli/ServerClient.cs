using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tributary.Cli;

/// <summary>Speaks to the operator's own server.</summary>
internal sealed class ServerClient : IDisposable
{
    /// <summary>Where a server listens when nobody said otherwise.</summary>
    public const string DefaultServer = "http://127.0.0.1:8080";

    private readonly HttpClient _http;

    /// <summary>Makes one.</summary>
    /// <param name="server">The server's address.</param>
    /// <param name="token">The bearer token; null for none.</param>
    public ServerClient(Uri server, string? token)
    {
        Server = server;
        _http = MakeHttpClient(server);
        _http.BaseAddress = new Uri(server.AbsoluteUri.TrimEnd('/') + "/");
        // Making a source waits for its first answer, which its own limits may hold back.
        _http.Timeout = TimeSpan.FromMinutes(5);
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        HasToken = token is not null;
        if (token is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>The server's address.</summary>
    public Uri Server { get; }

    private bool HasToken { get; }

    /// <summary>GET.</summary>
    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>POST.</summary>
    public Task<JsonElement> PostAsync(string path, JsonNode? body, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, body, cancellationToken);

    /// <summary>DELETE.</summary>
    public Task<JsonElement> DeleteAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, path, null, cancellationToken);

    /// <summary>Every item of a listing, page after page.</summary>
    /// <param name="path">With its query, if any, but without cursor.</param>
    /// <param name="limit">At most this many items.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<List<JsonElement>> ListAsync(string path, int limit, CancellationToken cancellationToken)
    {
        const int PageSize = 100;
        var items = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var page = path + (path.Contains('?', StringComparison.Ordinal) ? '&' : '?');
            page += $"limit={Math.Min(PageSize, limit - items.Count)}";
            page += cursor is null ? "" : $"&after={Uri.EscapeDataString(cursor)}";
            var answer = await GetAsync(page, cancellationToken);
            // Short listings that cannot grow come as a bare array.
            items.AddRange((answer.ValueKind == JsonValueKind.Array ? answer : answer.Member("items")).Items());
            cursor = answer.Member("next_cursor").Text();
        } while (!string.IsNullOrEmpty(cursor) && items.Count < limit);

        return items;
    }

    /// <summary>Sends a request as it is, and hands its answer over, whatever its status, while its body is still coming.</summary>
    public Task<HttpResponseMessage> SendAnyAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        ReachAsync(
            () => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken),
            cancellationToken
        );

    /// <summary>What the server means by an answer that is no success.</summary>
    public async Task<ApiException> RefusalOfAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        ApiException.Of(
            (int)response.StatusCode,
            await response.Content.ReadAsStringAsync(cancellationToken),
            HasToken
        );

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> SendAsync(
        HttpMethod method,
        string path,
        JsonNode? body,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        using var response = await ReachAsync(() => _http.SendAsync(request, cancellationToken), cancellationToken);
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return response.IsSuccessStatusCode
            ? Parse(bytes)
            : throw ApiException.Of((int)response.StatusCode, Encoding.UTF8.GetString(bytes), HasToken);
    }

    private async Task<HttpResponseMessage> ReachAsync(
        Func<Task<HttpResponseMessage>> send,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await send();
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException)
        {
            // A connection that is reset as soon as it is open comes as a bare SocketException.
            var reason = exception.InnerException is SocketException socket ? socket.Message : exception.Message;
            throw new ServerUnreachableException(
                $"No server answers at {Server} ({reason}). Start one with 'tributary serve', or name another with --server or TRIBUTARY_SERVER."
            );
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ServerUnreachableException($"The server at {Server} has not answered for {_http.Timeout}.");
        }
    }

    private JsonElement Parse(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return default;
        }

        try
        {
            return JsonSerializer.Deserialize<JsonElement>(bytes);
        }
        catch (JsonException)
        {
            throw new CommandException($"{Server} does not answer in JSON: it is no Tributary server.");
        }
    }

    // The command line is a client of the operator's own server, mostly on this machine: no request of it is a
    // server's request to a source, so that the guarded way out is neither needed nor right here (it refuses
    // loopback). Redirects are not followed, lest the token goes elsewhere.
#pragma warning disable RS0030
    private static HttpClient MakeHttpClient(Uri server) =>
        new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = !server.IsLoopback,
                ConnectTimeout = TimeSpan.FromSeconds(10),
            }
        );
#pragma warning restore RS0030
}

/// <summary>Nobody answers.</summary>
internal sealed class ServerUnreachableException(string message) : Exception(message);
