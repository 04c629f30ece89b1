using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Api.Http;
using Tributary.Engine.OAuth;
using Tributary.Engine.Workspaces;

namespace Tributary.Api.Cargo.Connection;

/// <summary>People sign in at a vendor; what comes back goes into a connector's credentials.</summary>
internal static class OAuthEndpoints
{
    private const string Root = "/v1/connection/integrations/{slug}";

    public static void Map(DialectRoutes routes)
    {
        routes
            .Map("POST", Root + "/initiateOauth", InitiateAsync, "Begins a sign-in at the vendor")
            .Answers<ConsentAnswer>();
        routes
            .Map("POST", Root + "/completeOauth", CompleteAsync, "Ends a sign-in with what came back")
            .Takes<CompleteOAuthBody>()
            .Answers<OAuthAnswer>();
    }

    private static Task InitiateAsync(Exchange exchange) =>
        WithService(
            exchange,
            async (service, slug) =>
            {
                var consent = await service.InitiateAsync(exchange.Caller, slug, exchange.Aborted);
                await exchange.WriteAsync(new ConsentAnswer(consent.AbsoluteUri), CargoJson.Wire.ConsentAnswer);
            }
        );

    private static Task CompleteAsync(Exchange exchange) =>
        WithService(
            exchange,
            async (service, slug) =>
            {
                var body = await exchange.ReadAsync<CompleteOAuthBody>();
                var parameters = body.Params.ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
                var done = await service.CompleteAsync(exchange.Caller, slug, parameters, exchange.Aborted);
                await exchange.WriteAsync(new OAuthAnswer(done.Value, done.ExtraValues), CargoJson.Wire.OAuthAnswer);
            }
        );

    private static async Task WithService(Exchange exchange, Func<IOAuthService, string, Task> answer)
    {
        exchange.Caller.Demand(Role.Editor);
        var slug = (await IntegrationEndpoints.FindAsync(exchange)).Slug;
        var service =
            exchange.Http.RequestServices.GetService<IOAuthService>()
            ?? throw new RequestException(
                400,
                $"{slug} has no sign-in: put the secrets into the connector's config.",
                "initiateOauthNotSupported"
            );
        try
        {
            await answer(service, slug);
        }
        catch (OAuthException exception)
        {
            throw new RequestException(
                exception.Problem switch
                {
                    OAuthProblem.IntegrationNotFound => 404,
                    OAuthProblem.FailedToInitiate => 424,
                    _ => 400,
                },
                exception.Message,
                exception.Problem switch
                {
                    OAuthProblem.NotSupported => "initiateOauthNotSupported",
                    OAuthProblem.FailedToInitiate => "failedToInitiateOauth",
                    OAuthProblem.FailedToComplete => "failedToCompleteOauth",
                    _ => "integrationNotFound",
                }
            );
        }
    }
}

/// <summary>What came back on the redirect.</summary>
internal sealed record CompleteOAuthBody
{
    [Description("Every parameter of the redirect, code and state among them.")]
    public required IReadOnlyDictionary<string, JsonElement> Params { get; init; }
}

internal sealed record ConsentAnswer(string ConsentUrl);

/// <summary>A reference for the credentials, and members for the config.</summary>
internal sealed record OAuthAnswer(string Value, JsonObject ExtraValues);
