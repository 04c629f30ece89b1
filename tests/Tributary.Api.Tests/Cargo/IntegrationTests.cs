using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Api.Tests.Fakes;
using Tributary.Engine;
using Tributary.Engine.Catalog;
using Tributary.Engine.Custom;
using Tributary.Engine.OAuth;
using Tributary.Engine.Workspaces;
using Tributary.Sdk;

namespace Tributary.Api.Tests.Cargo;

public class IntegrationTests
{
    private const string Root = "/v1/connection/integrations";

    [Fact]
    public async Task An_integration_is_shown_with_schemas_under_both_keys_and_its_extractor()
    {
        await using var scene = await CargoScene.StartAsync();

        var github = (await scene.GetAsync(Root + "/github")).ShouldBeFine().Json.GetProperty("integration");

        var config = github.GetProperty("connector").GetProperty("config");
        config.GetProperty("schema").GetRawText().ShouldBe(config.GetProperty("jsonSchema").GetRawText());
        var schema = config.GetProperty("jsonSchema");
        schema
            .GetProperty("required")
            .EnumerateArray()
            .Select(name => name.GetString())
            .ShouldBe(["repo_owner", "credentials"]);
        schema
            .GetProperty("properties")
            .GetProperty("credentials")
            .GetProperty("properties")
            .GetProperty("github_access_token")
            .GetProperty("writeOnly")
            .GetBoolean()
            .ShouldBeTrue();
        var mode = github.GetProperty("extractors").GetProperty("documents").GetProperty("mode");
        mode.GetProperty("kind").GetString().ShouldBe("fetch");
        mode.GetProperty("isIncremental").GetBoolean().ShouldBeTrue();
        mode.GetProperty("minIntervalInSeconds").GetInt32().ShouldBe(60);
        mode.GetProperty("autoFetch").GetBoolean().ShouldBeTrue();
        github.GetProperty("icon").GetString()!.ShouldStartWith("<svg");
        (await scene.GetAsync(Root + "/nope")).ShouldBeRefused(404).ShouldBe("integrationNotFound");
    }

    [Theory]
    [InlineData("", "file,github,ingestion_api,web")]
    [InlineData("?hasExtractors=true", "file,github,web")]
    [InlineData("?hasExtractors=false", "ingestion_api")]
    [InlineData("?hasActions=true", "")]
    [InlineData("?slug=web", "web")]
    [InlineData("?slug=WEB", "")]
    [InlineData("?category=storage", "file")]
    [InlineData("?search=PULL+requests", "github")]
    [InlineData("?search=web&category=freeform&hasExtractors=true", "web")]
    public async Task Filters_hold_together(string query, string slugs)
    {
        await using var scene = await CargoScene.StartAsync();
        (await scene.GetAsync(Root + "/list" + query))
            .ShouldBeFine()
            .Json.GetProperty("integrations")
            .EnumerateArray()
            .Select(integration => integration.GetProperty("slug").GetString())
            .ShouldBe(slugs.Split(',', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Documentation_is_plain_text_and_nothing_is_native()
    {
        await using var scene = await CargoScene.StartAsync();

        (await scene.GetAsync(Root + "/web/documentation")).ShouldBeFine().Text.ShouldBe("# Web");
        (await scene.GetAsync(Root + "/nope/documentation")).ShouldBeRefused(404).ShouldBe("integrationNotFound");
        (await scene.GetAsync("/v1/connection/nativeIntegrations"))
            .ShouldBeFine()
            .Text.ShouldBe("""{"nativeIntegration":{"extractors":{},"actions":{}}}""");
    }

    [Fact]
    public async Task A_sign_in_is_begun_and_ended()
    {
        await using var scene = await CargoScene.StartAsync(add: services =>
            services.AddSingleton<IOAuthService, FakeOAuth>()
        );

        (await scene.SendAsync("POST", Root + "/github/initiateOauth"))
            .ShouldBeFine()
            .Text.ShouldBe("""{"consentUrl":"https://vendor.example/consent?for=github"}""");
        (await scene.SendAsync("POST", Root + "/github/completeOauth", """{"params":{"code":"c","state":"s"}}"""))
            .ShouldBeFine()
            .Text.ShouldBe("""{"value":"reference-c","extraValues":{"instance":"eu"}}""");
        (await scene.SendAsync("POST", Root + "/web/initiateOauth"))
            .ShouldBeRefused(400)
            .ShouldBe("initiateOauthNotSupported");
        (await scene.SendAsync("POST", Root + "/file/initiateOauth"))
            .ShouldBeRefused(424)
            .ShouldBe("failedToInitiateOauth");
        (await scene.SendAsync("POST", Root + "/nope/initiateOauth"))
            .ShouldBeRefused(404)
            .ShouldBe("integrationNotFound");
        (await scene.SendAsync("POST", Root + "/github/completeOauth", """{"params":{"error":"denied"}}"""))
            .ShouldBeRefused(400)
            .ShouldBe("failedToCompleteOauth");
    }

    [Fact]
    public async Task A_custom_integrations_connector_is_authenticated_by_its_server_and_masked()
    {
        await using var scene = await CargoScene.StartAsync(add: services =>
            services
                .AddSingleton<ICustomConnectors, FakeCustom>()
                .AddSingleton<IIntegrationDirectory>(provider => new FakeDirectory(
                    provider.GetRequiredService<BuiltInDescriptions>(),
                    FakeCustom.Description
                ))
        );

        var connector = await scene.CreateAsync(
            "own",
            "acme",
            """{"apiKey":"key-1234567890123","baseUrl":"https://acme.example"}"""
        );

        connector
            .GetProperty("config")
            .GetRawText()
            .ShouldBe("""{"apiKey":"****","baseUrl":"https://acme.example","account":"42"}""");
        (await scene.GetAsync("/v1/sources")).Text.ShouldNotContain("key-1234567890123");
        (await PutAsync("""{"apiKey":"****","baseUrl":"https://acme.example","account":"43"}"""))
            .ShouldBeFine()
            .Json.GetProperty("connector")
            .GetProperty("config")
            .GetProperty("apiKey")
            .GetString()
            .ShouldBe("****");
        FakeCustom.LastKey.ShouldBe("key-1234567890123");
        (await PutAsync("""{"apiKey":"****","baseUrl":"https://evil.example"}"""))
            .ShouldBeRefused(400)
            .ShouldBe("invalidConfig");
        (await PutAsync("""{"apiKey":"wrong","baseUrl":"https://acme.example"}"""))
            .ShouldBeRefused(400)
            .ShouldBe("unauthenticated");
        (await scene.GetAsync(Root + "/list?category=custom"))
            .Json.GetProperty("integrations")
            .EnumerateArray()
            .Select(integration => integration.GetProperty("slug").GetString())
            .ShouldContain("acme");

        Task<Answer> PutAsync(string config) => scene.SendAsync("PUT", connector.Path(), $$"""{"config":{{config}}}""");
    }

    private sealed class FakeCustom : ICustomConnectors
    {
        public static string? LastKey { get; private set; }

        public static IntegrationDescription Description { get; } =
            new()
            {
                Slug = "acme",
                Name = "Acme",
                Description = "Anvils.",
                IsCustom = true,
                Category = IntegrationCategory.Custom,
                Config = new SchemaPair(JsonElement.Parse("{}")),
            };

        public Task<JsonElement> AuthenticateAsync(
            long workspaceId,
            string slug,
            Guid connectorUuid,
            JsonElement config,
            CancellationToken cancellationToken
        )
        {
            LastKey = config.GetProperty("apiKey").GetString();
            if (LastKey == "wrong")
            {
                throw new EngineException(RefusalKind.Rejected, "The key is wrong.", "unauthenticated");
            }

            var stored = (JsonObject)JsonNode.Parse(config.GetRawText())!;
            stored.TryAdd("account", "42");
            return Task.FromResult(JsonSerializer.SerializeToElement(stored));
        }

        public ValueTask<JsonElement> MaskAsync(
            long workspaceId,
            string slug,
            JsonElement config,
            CancellationToken cancellationToken
        )
        {
            var masked = (JsonObject)JsonNode.Parse(config.GetRawText())!;
            masked["apiKey"] = "****";
            return new(JsonSerializer.SerializeToElement(masked));
        }
    }

    private sealed class FakeOAuth : IOAuthService
    {
        public Task<Uri> InitiateAsync(Caller caller, string integrationSlug, CancellationToken cancellationToken) =>
            integrationSlug switch
            {
                "github" => Task.FromResult(new Uri("https://vendor.example/consent?for=github")),
                "file" => throw new OAuthException(OAuthProblem.FailedToInitiate, "No client is configured."),
                _ => throw new OAuthException(OAuthProblem.NotSupported, "There is no sign-in."),
            };

        public Task<OAuthCompletion> CompleteAsync(
            Caller caller,
            string integrationSlug,
            IReadOnlyDictionary<string, string> parameters,
            CancellationToken cancellationToken
        ) =>
            parameters.TryGetValue("code", out var code)
                ? Task.FromResult(new OAuthCompletion($"reference-{code}", new JsonObject { ["instance"] = "eu" }))
                : throw new OAuthException(OAuthProblem.FailedToComplete, "It was refused.");

        public Task<JsonElement> ResolveAsync(
            Caller caller,
            string integrationSlug,
            JsonElement credentials,
            CancellationToken cancellationToken
        ) => Task.FromResult(credentials);
    }
}
