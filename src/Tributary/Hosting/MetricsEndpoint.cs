using Tributary.Engine.Workspaces;
using Tributary.Metrics;

namespace Tributary.Hosting;

/// <summary><c>/metrics</c> for Prometheus. Needs no token on this machine, and any valid token from elsewhere.</summary>
internal static class MetricsEndpoint
{
    private const string Bearer = "Bearer ";

    /// <summary>Adds it.</summary>
    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/metrics", AnswerAsync).ExcludeFromDescription();

    private static async Task<IResult> AnswerAsync(HttpContext context, MetricsCollector collector)
    {
        if (!LocalRequest.Is(context) && !await HasTokenAsync(context))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return Results.Json(new { detail = "Unauthorized" }, statusCode: StatusCodes.Status401Unauthorized);
        }

        var text = "";
        collector.Collect(families => text = PrometheusExporter.Write(families));
        return Results.Text(text, PrometheusExporter.ContentType);
    }

    private static async ValueTask<bool> HasTokenAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            && context.RequestServices.GetService<IIdentityService>() is { } identities
            && await identities.FindByTokenAsync(header[Bearer.Length..].Trim(), context.RequestAborted) is not null;
    }
}
