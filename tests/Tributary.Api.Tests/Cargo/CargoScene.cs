using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Engine;
using Tributary.Testing;

namespace Tributary.Api.Tests.Cargo;

/// <summary>The Cargo dialect on the real engine and store, asked by the admin.</summary>
internal sealed class CargoScene : IAsyncDisposable
{
    public const string Connectors = "/v1/connection/connectors";
    public const string Admin = "admin-token";

    private readonly TemporaryFolder _folder;

    private CargoScene(TemporaryFolder folder, ApiServer api) => (_folder, Api) = (folder, api);

    public ApiServer Api { get; }

    public static async Task<CargoScene> StartAsync(
        Action<EngineOptions>? configure = null,
        Action<IServiceCollection>? add = null,
        ApiOptions? api = null
    )
    {
        var folder = new TemporaryFolder();
        return new CargoScene(folder, await ApiServer.StartOnEngineAsync(folder, configure, add, api));
    }

    public Task<Answer> SendAsync(string method, string path, string? json = null, string token = Admin) =>
        Api.SendAsync(method, path, json, token);

    public Task<Answer> GetAsync(string path, string token = Admin) => SendAsync("GET", path, null, token);

    /// <summary>A connector; by default one of the integration web, with a secret.</summary>
    public async Task<JsonElement> CreateAsync(
        string slug = "site",
        string integration = "web",
        string config = """{"base_url":"https://a.example","credentials":{"a_token":"secret-1234567890"}}""",
        string token = Admin
    ) =>
        (
            await SendAsync(
                "POST",
                Connectors,
                $$"""{"name":"Site","slug":"{{slug}}","integrationSlug":"{{integration}}","config":{{config}}}""",
                token
            )
        )
            .ShouldBeFine()
            .Json.GetProperty("connector");

    /// <summary>Another workspace; its admin's token.</summary>
    public async Task<string> AddWorkspaceAsync() =>
        (await SendAsync("POST", "/v1/workspaces", """{"name":"other","admin_email":"o@example.com"}"""))
            .ShouldBeFine()
            .Json.GetProperty("admin_token")
            .GetString()!;

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        _folder.Dispose();
    }
}

internal static class CargoAnswers
{
    public static string Path(this JsonElement connector) =>
        $"{CargoScene.Connectors}/{connector.GetProperty("uuid").GetString()}";

    /// <summary>The refusal's reason.</summary>
    public static string? ShouldBeRefused(this Answer answer, int status)
    {
        ((int)answer.Status).ShouldBe(status, answer.Text);
        answer.Json.GetProperty("errorMessage").GetString().ShouldNotBeNullOrWhiteSpace();
        return answer.Json.GetProperty("reason").GetString();
    }

    /// <summary>The places of the mistakes that a refusal names.</summary>
    public static IReadOnlyList<string> Paths(this Answer answer) =>
        [.. answer.Json.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("path").GetString()!)];
}
