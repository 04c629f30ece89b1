using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Tributary.Api.Tests.Cargo;

public class TransportTests
{
    private const string User = "/v1/workspaceManagement/users/current";

    [Fact]
    public async Task A_token_acts_in_its_own_workspace_only()
    {
        await using var scene = await CargoScene.StartAsync();
        var own = (await scene.GetAsync(User)).Json.GetProperty("user").GetProperty("workspaceUuid").GetString()!;

        ((int)(await SelectAsync(own.ToUpperInvariant())).Status).ShouldBe(200);
        foreach (var other in (string[])[Guid.NewGuid().ToString(), "nonsense"])
        {
            (await SelectAsync(other)).ShouldBeRefused(403).ShouldBe("forbidden");
        }

        async Task<Answer> SelectAsync(string workspace)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, User);
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", CargoScene.Admin);
            request.Headers.Add("selected-workspace-uuid", workspace);
            request.Headers.Add("x-cargo-origin", "js-sdk");
            return await scene.Api.SendAsync(request);
        }
    }

    [Fact]
    public async Task Pages_of_allowed_origins_may_call_and_others_may_not()
    {
        await using var scene = await CargoScene.StartAsync(
            api: new ApiOptions { CorsOrigins = ["https://app.example.com"] }
        );

        var allowed = await PreflightAsync("https://app.example.com");

        allowed.Headers["Access-Control-Allow-Origin"].ShouldBe("https://app.example.com");
        var headers = allowed.Headers["Access-Control-Allow-Headers"];
        foreach (
            var name in (string[])
                [
                    "authorization",
                    "content-type",
                    "selected-workspace-uuid",
                    "x-cargo-origin",
                    "x-cargo-origin-version",
                    "x-cargo-app-uuid",
                ]
        )
        {
            headers.Split(',').ShouldContain(name);
        }

        allowed.Headers["Access-Control-Allow-Methods"].Split(',').ShouldBe(["GET", "POST", "PUT", "PATCH", "DELETE"]);
        allowed.Headers.Keys.ShouldNotContain("Access-Control-Allow-Credentials");
        (await PreflightAsync("https://evil.example")).Headers.Keys.ShouldNotContain("Access-Control-Allow-Origin");
        using var call = new HttpRequestMessage(HttpMethod.Get, User);
        call.Headers.Add("Origin", "https://app.example.com");
        call.Headers.Authorization = new AuthenticationHeaderValue("Bearer", CargoScene.Admin);
        (await scene.Api.SendAsync(call))
            .ShouldBeFine()
            .Headers["Access-Control-Allow-Origin"]
            .ShouldBe("https://app.example.com");

        async Task<Answer> PreflightAsync(string origin)
        {
            using var request = new HttpRequestMessage(HttpMethod.Options, User);
            request.Headers.Add("Origin", origin);
            request.Headers.Add("Access-Control-Request-Method", "GET");
            request.Headers.Add("Access-Control-Request-Headers", "authorization,x-cargo-origin");
            return await scene.Api.SendAsync(request);
        }
    }

    [Fact]
    public async Task Without_the_setting_no_origin_is_allowed()
    {
        await using var scene = await CargoScene.StartAsync();
        using var call = new HttpRequestMessage(HttpMethod.Get, User);
        call.Headers.Add("Origin", "https://app.example.com");
        call.Headers.Authorization = new AuthenticationHeaderValue("Bearer", CargoScene.Admin);

        (await scene.Api.SendAsync(call)).ShouldBeFine().Headers.Keys.ShouldNotContain("Access-Control-Allow-Origin");
    }

    [Theory]
    [InlineData("?names=a&names=b")]
    [InlineData("?names[]=a&names[]=b")]
    [InlineData("?names%5B%5D=a&names%5B%5D=b")]
    [InlineData("?names[0]=a&names[1]=b")]
    public void Lists_in_a_query_are_read_however_a_client_writes_them(string query) =>
        Tributary
            .Api.Http.QueryString.Read<NamesQuery>(new QueryCollection(QueryHelpers.ParseQuery(query)))
            .Names.ShouldBe(["a", "b"]);

    private sealed record NamesQuery
    {
        public IReadOnlyList<string>? Names { get; init; }
    }
}
