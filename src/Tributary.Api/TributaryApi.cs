using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
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
    /// <summary>
    /// Adds what the API itself needs. The engine's services (connectors, runs, push, search, collections, identities,
    /// files, audit log, catalogue, <see cref="Engine.EngineOptions"/>) are to be added by the host.
    /// </summary>
    public static IServiceCollection AddTributaryApi(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);

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
        });
        Describe(services, ClarmDialect.Name);
        Describe(services, CargoDialect.Name);
        return services;
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
    public static IEndpointRouteBuilder MapTributaryApi(this IEndpointRouteBuilder endpoints)
    {
        ClarmDialect.Map(endpoints);
        CargoDialect.Map(endpoints);
        endpoints.MapOpenApi();
        return endpoints;
    }
}
