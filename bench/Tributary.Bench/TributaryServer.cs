using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tributary.Bench;

/// <summary>The real server with an empty store, and a client of its API.</summary>
internal sealed class TributaryServer : IAsyncDisposable
{
    public const string Announcement = "Tributary listens on ";
    private const string Token = "trb_the_admin_token_of_the_benchmarks";

    public static readonly IReadOnlyDictionary<string, string> Variables = new Dictionary<string, string>
    {
        ["TRIBUTARY_ADMIN_TOKEN"] = Token,
        ["TRIBUTARY_ALLOWED_NETWORKS"] = "127.0.0.0/8",
        ["TRIBUTARY_LOG_LEVEL"] = "warning",
    };

    private readonly Folder _folder;

    private TributaryServer(ChildProcess process, Folder folder)
    {
        (Process, _folder) = (process, folder);
        Http = new HttpClient { BaseAddress = new Uri(process.Address), Timeout = TimeSpan.FromMinutes(10) };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    public ChildProcess Process { get; }

    public HttpClient Http { get; }

    /// <summary>The arguments of a server on a free port.</summary>
    public static string[] Arguments(string data) => ["serve", "--urls", "http://127.0.0.1:0", "--data", data];

    public static async Task<TributaryServer> StartAsync()
    {
        var folder = new Folder();
        var process = await ChildProcess.StartAsync(Paths.Server, Arguments(folder["data"]), Announcement, Variables);
        return new TributaryServer(process, folder);
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Http.GetAsync(path);
        return await BodyAsync(response);
    }

    public async Task<JsonElement> PostAsync(string path, object? body = null)
    {
        using var response = await Http.PostAsync(path, JsonContent.Create(body ?? new { }));
        return await BodyAsync(response);
    }

    /// <summary>Creates a source.</summary>
    /// <returns>Its id.</returns>
    public async Task<long> CreateAsync(
        string name,
        string type,
        object config,
        long? refresh = null,
        object? credentials = null
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

    /// <summary>Creates the first source of a server, which may send so many requests a second, and reads it.</summary>
    /// <returns>Its id.</returns>
    public async Task<long> CreateLimitedAsync(string name, string type, JsonObject config, int perSecond)
    {
        var made = await PostAsync(
            "/v1/connection/connectors",
            new
            {
                name,
                slug = name.ToLowerInvariant(),
                integrationSlug = type,
                config,
                rateLimit = new { unit = "second", max = perSecond },
            }
        );
        await PostAsync(
            "/v1/storage/models",
            new
            {
                name = "Documents",
                slug = "documents",
                datasetUuid = made.GetProperty("dataset").GetProperty("uuid").GetString(),
                extractorSlug = "documents",
                config = new { },
            }
        );
        return (await GetAsync("/v1/sources")).GetProperty("items")[0].GetProperty("id").GetInt64();
    }

    /// <summary>Waits until nothing goes on for a source.</summary>
    /// <returns>The counts of its last run, which has succeeded.</returns>
    public async Task<JsonElement> SettledAsync(long source)
    {
        while (true)
        {
            var state = await GetAsync($"/v1/sources/{source}");
            var last = state.GetProperty("last_run");
            if (
                state.GetProperty("current_run").ValueKind == JsonValueKind.Null
                && last.ValueKind != JsonValueKind.Null
            )
            {
                return last.GetProperty("status").GetString() == "succeeded"
                    ? last.GetProperty("counts")
                    : throw new InvalidOperationException($"The run has not succeeded: {last}");
            }

            await Task.Delay(20);
        }
    }

    /// <summary>How many documents a source holds.</summary>
    public async Task<long> DocumentsAsync(long source) =>
        (await GetAsync($"/v1/sources/{source}")).GetProperty("documents").GetInt64();

    /// <summary>Throws unless a document is found by a word that it alone has.</summary>
    public async Task DemandFoundAsync(string word, string documentId)
    {
        var answer = await PostAsync("/v1/search", new { query = word, limit = 10 });
        if (
            !answer
                .GetProperty("citations")
                .EnumerateArray()
                .Any(hit => hit.GetProperty("document_id").GetString() == documentId)
        )
        {
            throw new InvalidOperationException($"{documentId} was stored and is not found: {answer}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Process.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<JsonElement> BodyAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? JsonDocument.Parse(text).RootElement.Clone()
            : throw new InvalidOperationException(
                $"{response.RequestMessage!.RequestUri} answers {(int)response.StatusCode}: {text}"
            );
    }
}
