using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tributary.Api.Cargo;
using Tributary.Api.Clarm;
using Tributary.Api.Http;

namespace Tributary.Api;

/// <summary>The HTTP face: translates what programs send into calls of the engine, and its answers back.</summary>
public static class TributaryApi
{
    private const string CorsPolicyName = "Tributary";

    /// <summary>
    /// Adds what the API itself needs. The engine's services (connectors, runs, push, search, collections, identities,
    /// files, audit log, catalogue, <see cref="Engine.EngineOptions"/>) are to be added by the host.
    /// </summary>
    /// <param name="services">Where to add.</param>
    /// <param name="options">What the operator decides; null for the defaults.</param>
    public static IServiceCollection AddTributaryApi(this IServiceCollection services, ApiOptions? options = null)
    {
        options ??= new ApiOptions();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddCors(cors => cors.AddPolicy(CorsPolicyName, policy => Allow(policy, options.CorsOrigins)));

        // Only for the API's description: the answers themselves name their JSON types.
        services.Configure<JsonOptions>(options =>
        {
            var json = options.SerializerOptions;
            json.NumberHandling = JsonNumberHandling.Strict;
            json.PropertyNamingPolicy = ClarmJson.Default.Options.PropertyNamingPolicy;
            foreach (var converter in ClarmJson.Default.Options.Converters)
            {
                json.Converters.Add(converter);
            }

            json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
            json.TypeInfoResolverChain.Insert(0, new DefaultJsonTypeInfoResolver { Modifiers = { CargoNames.Apply } });
        });
        Describe(services, ClarmDialect.Name);
        Describe(services, CargoDialect.Name);
        return services;
    }

    // Tokens only: a browser sends no cookie across origins here, since that is never allowed.
    private static void Allow(CorsPolicyBuilder policy, IReadOnlyList<string> origins)
    {
        policy
            .WithMethods("GET", "POST", "PUT", "PATCH", "DELETE")
            .WithHeaders(
                "authorization",
                "content-type",
                "selected-workspace-uuid",
                "x-cargo-origin",
                "x-cargo-origin-version",
                "x-cargo-app-uuid"
            )
            .WithExposedHeaders("Retry-After", "WWW-Authenticate")
            .SetPreflightMaxAge(TimeSpan.FromHours(1));
        if (origins.Contains("*"))
        {
            policy.AllowAnyOrigin();
        }
        else
        {
            policy.WithOrigins([.. origins]);
        }
    }

    private static void Describe(IServiceCollection services, string dialect) =>
        services.AddOpenApi(
            dialect,
            options =>
            {
                // What is also there behind /api is described once.
                options.ShouldInclude = endpoint =>
                    endpoint.ActionDescriptor.EndpointMetadata.OfType<DialectName>().Any(found => found.Name == dialect)
                    && !endpoint.RelativePath!.StartsWith("api/", StringComparison.Ordinal);
                options.AddOperationTransformer<DialectDescription>();
                options.AddDocumentTransformer<DialectDescription>();
            }
        );

    /// <summary>Maps every endpoint, and the dialects' descriptions <c>/openapi/clarm.json</c> and <c>/openapi/cargo.json</c>.</summary>
    /// <remarks>Where pages of other origins are allowed, <paramref name="endpoints"/> has to be the application itself.</remarks>
    public static IEndpointRouteBuilder MapTributaryApi(this IEndpointRouteBuilder endpoints)
    {
        if (endpoints.ServiceProvider.GetRequiredService<ApiOptions>().CorsOrigins.Count > 0)
        {
            ((IApplicationBuilder)endpoints).UseCors(CorsPolicyName);
        }

        ClarmDialect.Map(endpoints);
        CargoDialect.Map(endpoints);
        endpoints.MapOpenApi();
        return endpoints;
    }
}
