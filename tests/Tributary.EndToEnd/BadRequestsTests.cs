using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Data.Sqlite;
using Tributary.Api.Http;
using Tributary.Api.Tests;
using Tributary.Settings;
using Tributary.Testing;

namespace Tributary.EndToEnd;

/// <summary>Ten thousand requests that are nearly right, at every endpoint of the real server.</summary>
[Trait("Category", "Slow")]
public sealed class BadRequestsTests : IDisposable
{
    private const int Count = 10_000;
    private const long MaxMemory = 400;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task None_gives_a_500_and_none_that_is_refused_stores_anything()
    {
        await using var server = await TributaryProcess.ServeAsync(
            new Dictionary<string, string>(TributaryClient.Variables) { ["TRIBUTARY_LOG_LEVEL"] = "warning" },
            _folder["data"]
        );
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(server.Address),
        };
        using var client = new TributaryClient(server);
        await client.CreateAsync("Pushed", "ingestion_api", new { });
        await client.PostAsync(
            "/onyx-api/ingestion",
            new
            {
                document = new
                {
                    semantic_identifier = "First",
                    sections = new[] { new { text = "First." } },
                    metadata = new { },
                },
            }
        );
        await using var store = new SqliteConnection(
            $"Data Source={Path.Combine(_folder["data"], "tributary.db")};Mode=ReadOnly"
        );
        store.Open();
        var requests = new HostileRequests(seed: 7) { Session = await LogInAsync(http) };
        var endpoints = Endpoints();
        var statuses = new Dictionary<HttpStatusCode, int>();
        for (var number = 0; number < Count; number++)
        {
            using var request = requests.Make(endpoints[number % endpoints.Count]);
            var told = $"request {number}: {request.Method} {request.RequestUri}";
            var before = Stored(store);

            using var answer = await http.SendAsync(request);

            var text = await answer.Content.ReadAsStringAsync();
            ((int)answer.StatusCode).ShouldBeLessThan(500, $"{told} gave {text}");
            if ((int)answer.StatusCode >= 400)
            {
                Stored(store).ShouldBeLessThanOrEqualTo(before, $"{told} gave {(int)answer.StatusCode} {text}");
            }

            if (answer.StatusCode == HttpStatusCode.UnprocessableEntity && request.Method != HttpMethod.Head)
            {
                ShouldListMistakes(text, told);
            }

            if (
                answer.StatusCode == HttpStatusCode.Unauthorized
                || request.RequestUri!.OriginalString == "/auth/logout"
            )
            {
                requests.Session = await LogInAsync(http);
            }

            statuses[answer.StatusCode] = statuses.GetValueOrDefault(answer.StatusCode) + 1;
        }

        // A generator that only ever hits the door tests the door.
        statuses.GetValueOrDefault(HttpStatusCode.OK).ShouldBeGreaterThan(Count / 20);
        statuses.GetValueOrDefault(HttpStatusCode.UnprocessableEntity).ShouldBeGreaterThan(Count / 5);
        server.PeakMegabytes.ShouldBeLessThan(MaxMemory);
        server.Error.ShouldNotContain("fail:");
        using var ready = await http.GetAsync("/health/ready");
        ready.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await server.TerminateAsync()).ExitCode.ShouldBe(0);
    }

    /// <summary>What the server's own composition maps.</summary>
    private List<RouteEndpoint> Endpoints()
    {
        var settings = new ServerSettings();
        settings.Engine.DataFolder = _folder["never"];
        IEndpointRouteBuilder app = Composition.Build(settings, _ => null);
        List<RouteEndpoint> endpoints =
        [
            .. app
                .DataSources.SelectMany(source => source.Endpoints)
                .OfType<RouteEndpoint>()
                .Where(endpoint => endpoint.Metadata.GetMetadata<EndpointDescription>() is not null),
        ];
        endpoints.Count.ShouldBeGreaterThan(100);
        return endpoints;
    }

    private static long Stored(SqliteConnection store)
    {
        using var command = store.CreateCommand();
        command.CommandText =
            "SELECT (SELECT count(*) FROM connectors) + (SELECT count(*) FROM credentials) + (SELECT count(*) FROM documents) + (SELECT count(*) FROM collections) + (SELECT count(*) FROM files) + (SELECT count(*) FROM tokens) + (SELECT count(*) FROM users) + (SELECT count(*) FROM workspaces)";
        return (long)command.ExecuteScalar()!;
    }

    private static void ShouldListMistakes(string text, string told)
    {
        using var answer = JsonDocument.Parse(text);
        var detail = answer.RootElement.GetProperty("detail");
        detail.GetArrayLength().ShouldBeGreaterThan(0, told);
        foreach (var mistake in detail.EnumerateArray())
        {
            mistake.GetProperty("loc").GetArrayLength().ShouldBeGreaterThan(0, told);
            mistake.GetProperty("loc")[0].GetString().ShouldBeOneOf("body", "query", "path", "header", "cookie");
            mistake.GetProperty("msg").GetString().ShouldNotBeNullOrWhiteSpace(told);
            mistake.GetProperty("type").GetString().ShouldNotBeNullOrWhiteSpace(told);
        }
    }

    private static async Task<string> LogInAsync(HttpClient http)
    {
        using var answer = await http.PostAsync(
            "/auth/login",
            new FormUrlEncodedContent([new("username", "admin@localhost"), new("password", TributaryClient.Token)])
        );
        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        return answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0].Split('=', 2)[1];
    }
}
