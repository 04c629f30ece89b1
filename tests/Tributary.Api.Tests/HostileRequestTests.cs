using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Api.Http;
using Tributary.Engine.Workspaces;
using Tributary.Testing;

namespace Tributary.Api.Tests;

/// <summary>Thousands of requests that nobody in his right mind would send, at every endpoint: none may give a 500.</summary>
public class HostileRequestTests
{
    [Fact]
    public Task A_few_hundred_hostile_requests_are_all_answered_in_JSON_and_none_with_500() => FireAsync(seed: 1, 500);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [Trait("Category", "Slow")]
    public Task Ten_thousand_hostile_requests_are_all_answered_in_JSON_and_none_with_500(int seed) =>
        FireAsync(seed, 2_500);

    private static async Task FireAsync(int seed, int count)
    {
        using var folder = new TemporaryFolder();
        await using var api = await ApiServer.StartOnEngineAsync(folder);
        await SourceTests.CreateAsync(api, token: "admin-token");
        await SourceTests.CreateAsync(api, "P", "ingestion_api", "admin-token");
        var endpoints = api
            .Services.GetRequiredService<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<EndpointDescription>() is not null)
            .ToList();
        endpoints.Count.ShouldBeGreaterThan(100);
        var requests = new HostileRequests(seed) { Session = await LogInAsync(api) };
        var statuses = new Dictionary<HttpStatusCode, int>();
        for (var number = 0; number < count; number++)
        {
            // Each endpoint in its turn, so that a short run leaves none out.
            using var request = requests.Make(endpoints[number % endpoints.Count]);
            var told = $"seed {seed}, request {number}: {request.Method} {request.RequestUri}";

            var answer = await api.SendAsync(request);

            ((int)answer.Status).ShouldBeLessThan(500, $"{told} gave {answer.Text}");
            api.Errors.Entries.ShouldBeEmpty(told);
            // A page of documentation is Markdown; all else is JSON.
            var isPage =
                answer.Status == HttpStatusCode.OK
                && request
                    .RequestUri!.OriginalString.Split('?')[0]
                    .EndsWith("/documentation", StringComparison.Ordinal);
            if (request.Method != HttpMethod.Head && !isPage)
            {
                ShouldBeJson(answer, told);
            }

            if (await HasEndedAsync(api, requests.Session))
            {
                requests.Session = await LogInAsync(api);
            }

            statuses[answer.Status] = statuses.GetValueOrDefault(answer.Status) + 1;
        }

        // A generator that only ever hits the door tests the door.
        statuses.GetValueOrDefault(HttpStatusCode.OK).ShouldBeGreaterThan(count / 20);
        var malformed =
            statuses.GetValueOrDefault(HttpStatusCode.UnprocessableEntity)
            + statuses.GetValueOrDefault(HttpStatusCode.BadRequest);
        malformed.ShouldBeGreaterThan(count / 5);
    }

    // Logging in is slow on purpose: only whoever has been logged out does it again.
    private static async Task<bool> HasEndedAsync(ApiServer api, string session) =>
        await api.Services.GetRequiredService<IIdentityService>().FindBySessionAsync(session, CancellationToken.None)
            is null;

    private static async Task<string> LogInAsync(ApiServer api)
    {
        var identities = api.Services.GetRequiredService<IIdentityService>();
        var session =
            await identities.LogInAsync("admin@example.com", "correct horse", CancellationToken.None)
            ?? await identities.LogInAsync("admin@localhost", "admin-token", CancellationToken.None);
        return session.ShouldNotBeNull();
    }

    private static void ShouldBeJson(Answer answer, string told)
    {
        // The web server itself refuses some addresses before the API sees them, with no body.
        if (
            answer.Status is HttpStatusCode.NoContent
            || (answer.Status is HttpStatusCode.BadRequest && answer.Text == "")
        )
        {
            return;
        }

        try
        {
            JsonDocument.Parse(answer.Text).Dispose();
        }
        catch (JsonException)
        {
            Assert.Fail($"{told} gave {answer.Status} with no JSON: {answer.Text}");
        }
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n\r\n{", null)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("Content-Length: 99999999999\r\n\r\n{}", "HTTP/1.1 413")]
    [InlineData("Content-Length: -1\r\n\r\n{}", "HTTP/1.1 400")]
    [InlineData("Content-Type: \u00ff\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 4")]
    public async Task Broken_HTTP_is_refused_and_never_a_mistake_of_ours(string rest, string? start)
    {
        await using var api = await ApiServer.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, api.Http.BaseAddress!.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.Latin1.GetBytes(
                $"POST /v1/collections/create HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer editor-token\r\nConnection: close\r\n{rest}"
            )
        );
        if (start is null)
        {
            // The rest of the body never comes.
            client.Client.Shutdown(SocketShutdown.Send);
        }

        var answer = await ReadToEndOrResetAsync(stream);

        if (start is null)
        {
            answer.ShouldNotContain(" 500 ");
        }
        else
        {
            answer.ShouldStartWith(start);
        }

        api.Errors.Entries.ShouldBeEmpty();
    }

    /// <summary>
    /// What the server said before it hung up. Whoever breaks HTTP may find the connection reset, which is no
    /// answer but no mistake either; what came before the reset counts.
    /// </summary>
    private static async Task<string> ReadToEndOrResetAsync(Stream stream)
    {
        var said = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer) is > 0 and var read)
            {
                said.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
        catch (IOException reset) when (reset.InnerException is SocketException) { }

        return said.ToString();
    }
}
