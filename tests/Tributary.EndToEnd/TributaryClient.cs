using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Tributary.EndToEnd;

/// <summary>The public API as a program uses it.</summary>
public sealed class TributaryClient : IDisposable
{
    public const string Token = "trb_the_admin_token_of_these_tests";

    /// <summary>An environment that sets the admin's token and opens loopback to sources.</summary>
    public static readonly IReadOnlyDictionary<string, string> Variables = new Dictionary<string, string>
    {
        ["TRIBUTARY_ADMIN_TOKEN"] = Token,
        ["TRIBUTARY_ALLOWED_NETWORKS"] = "127.0.0.0/8",
    };

    private readonly HttpClient _http;

    /// <summary>A client.</summary>
    /// <param name="server">Whom it talks to.</param>
    /// <param name="token">Who it is; null for the admin.</param>
    public TributaryClient(TributaryProcess server, string? token = null)
    {
        _http = new HttpClient { BaseAddress = new Uri(server.Address), Timeout = TimeSpan.FromMinutes(5) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token ?? Token);
    }

    public HttpClient Http => _http;

    public async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(
        HttpMethod method,
        string path,
        object? body = null
    )
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = JsonContent.Create(body);
        }

        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement.Clone());
    }

    public async Task<JsonElement> GetAsync(string path) => await OkAsync(HttpMethod.Get, path);

    public async Task<JsonElement> PostAsync(string path, object? body = null) =>
        await OkAsync(HttpMethod.Post, path, body);

    public async Task<long> CreateAsync(
        string name,
        string type,
        object config,
        object? credentials = null,
        long? refresh = null
    )
    {
        var made = await PostAsync(
            "/v1/sources/create",
            new
            {
                name,
                type,
                config,
                credential = new { credentials = credentials ?? new { } },
                refresh_freq = refresh,
            }
        );
        return made.GetProperty("connector_id").GetInt64();
    }

    /// <summary>Waits until nothing goes on for the source.</summary>
    /// <returns>The last run.</returns>
    public async Task<JsonElement> SettledAsync(long source)
    {
        while (true)
        {
            var state = await GetAsync($"/v1/sources/{source}");
            var current = state.GetProperty("current_run");
            if (
                current.ValueKind == JsonValueKind.Null
                || current.GetProperty("status").GetString() == "needs_confirmation"
            )
            {
                return current.ValueKind == JsonValueKind.Null ? state.GetProperty("last_run") : current;
            }

            await Task.Delay(50);
        }
    }

    public async Task<JsonElement> RunAsync(long source, string what)
    {
        await PostAsync($"/v1/sources/{source}/{what}");
        return await SettledAsync(source);
    }

    /// <summary>The ids of the best hits.</summary>
    public async Task<List<string>> SearchAsync(string query, int limit = 10)
    {
        var answer = await PostAsync("/v1/search", new { query, limit });
        return
        [
            .. answer
                .GetProperty("citations")
                .EnumerateArray()
                .Select(hit => hit.GetProperty("document_id").GetString()!),
        ];
    }

    /// <summary>Every document that a source holds: id and title.</summary>
    public async Task<SortedDictionary<string, string>> DocumentsAsync(long source)
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        string? after = null;
        do
        {
            var page = await GetAsync(
                $"/v1/sources/{source}/documents?limit=100{(after is null ? "" : $"&after={after}")}"
            );
            foreach (var item in page.GetProperty("items").EnumerateArray())
            {
                result[item.GetProperty("id").GetString()!] = item.GetProperty("title").GetString()!;
            }

            after = page.GetProperty("next_cursor").GetString();
        } while (after is not null);

        return result;
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> OkAsync(HttpMethod method, string path, object? body = null)
    {
        var (status, answer) = await SendAsync(method, path, body);
        ((int)status).ShouldBeInRange(
            200,
            299,
            $"{method} {path}: {(answer.ValueKind == JsonValueKind.Undefined ? "" : answer.GetRawText())}"
        );
        return answer;
    }
}
