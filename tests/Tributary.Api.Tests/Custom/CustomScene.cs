using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Engine.Connectors;
using Tributary.Integrations.Web;
using Tributary.Testing;

namespace Tributary.Api.Tests.Custom;

/// <summary>The API over the real engine with the real integrations, which may reach this machine.</summary>
internal sealed class CustomScene : IAsyncDisposable
{
    public const string Admin = "admin-token";
    private readonly TemporaryFolder _folder;

    private CustomScene(TemporaryFolder folder, ApiServer api) => (_folder, Api) = (folder, api);

    public ApiServer Api { get; }

    public static async Task<CustomScene> StartAsync(int answerSeconds = 100)
    {
        var folder = new TemporaryFolder();
        var api = await ApiServer.StartOnEngineAsync(
            folder,
            options =>
            {
                options.AllowedNetworks = "127.0.0.0/8";
                options.CustomAnswerSeconds = answerSeconds;
            },
            services =>
                services.AddSingleton<IIntegrationCatalog>(new IntegrationCatalog(typeof(WebIntegration).Assembly))
        );
        return new CustomScene(folder, api);
    }

    public Task<Answer> SendAsync(string method, string path, string? json = null) =>
        Api.SendAsync(method, "/v1/connection/" + path, json, Admin);

    /// <summary>Registers a server.</summary>
    /// <returns>The integration.</returns>
    public async Task<JsonElement> AddAsync(string baseUrl, string? secret = null)
    {
        var body = JsonSerializer.Serialize(
            new
            {
                kind = "external",
                baseUrl,
                secret,
            }
        );
        return (await SendAsync("POST", "customIntegrations", body))
            .ShouldBeFine()
            .Json.GetProperty("customIntegration");
    }

    /// <summary>Makes a connector.</summary>
    /// <returns>Its uuid.</returns>
    public async Task<Guid> ConnectAsync(
        string integration,
        string config,
        long? cache = null,
        object? rateLimit = null,
        string slug = "c1"
    )
    {
        var answer = await SendAsync(
            "POST",
            "connectors",
            JsonSerializer.Serialize(
                new
                {
                    name = slug,
                    slug,
                    integrationSlug = integration,
                    config = JsonElement.Parse(config),
                    cacheTtlMilliseconds = cache,
                    rateLimit,
                }
            )
        );
        return answer.ShouldBeFine().Json.GetProperty("connector").GetProperty("uuid").GetGuid();
    }

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        _folder.Dispose();
    }
}
