using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
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
        services.AddOpenApi(
            ClarmDialect.Name,
            options =>
            {
                // What is also there behind /api is described once.
                options.ShouldInclude = endpoint =>
                    endpoint
                        .ActionDescriptor.EndpointMetadata.OfType<DialectName>()
                        .Any(dialect => dialect.Name == ClarmDialect.Name)
                    && !endpoint.RelativePath!.StartsWith("api/", StringComparison.Ordinal);
                options.AddOperationTransformer<DialectDescription>();
                options.AddDocumentTransformer<DialectDescription>();
            }
        );
        return services;
    }

    /// <summary>Maps every endpoint, and <c>/openapi/clarm.json</c>.</summary>
    public static IEndpointRouteBuilder MapTributaryApi(this IEndpointRouteBuilder endpoints)
    {
        ClarmDialect.Map(endpoints);
        endpoints.MapOpenApi();
        return endpoints;
    }
}
