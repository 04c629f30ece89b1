using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Bench.Limits;
using Tributary.Engine.Outbound;
using Tributary.Engine.Outbound.Cache;

namespace Tributary.Bench.Sites;

/// <summary>
/// Answers the same JSON at <c>/bare</c> by itself and at <c>/cached</c> out of the pipeline's cache, in a process of its own.
/// </summary>
internal static class CacheServer
{
    public const string Argument = "cache-server";

    private const string Announcement = "Caching at ";

    /// <summary>Starts it as a child.</summary>
    public static Task<ChildProcess> StartAsync(string folder) =>
        ChildProcess.StartAsync(Environment.ProcessPath!, [Argument, folder], Announcement);

    /// <summary>Is it, until SIGTERM.</summary>
    public static async Task RunAsync(string folder)
    {
        var json = Encoding.UTF8.GetBytes($"[\"{new string('x', 1_000)}\"]");
        await using var process = await Demand.OpenAsync(folder);
        using var client = process.GetRequiredService<IOutboundHttp>().For(new OutboundProfile(1, [], null));
        var cached = new CacheRequest(TimeSpan.FromHours(1));
        await using var site = await LoopbackSite.StartAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            if (context.Request.Path == "/bare")
            {
                await context.Response.Body.WriteAsync(json);
                return;
            }

            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{context.Request.Host}/bare");
            request.Options.Set(OutboundCache.Request, cached);
            using var answer = await client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            context.Response.Headers["X-Cache"] = OutboundCache.OutcomeOf(answer).ToString();
            await answer.Content.CopyToAsync(context.Response.Body);
        });
        Console.WriteLine($"{Announcement}{site.Address}");
        await site.WaitAsync();
    }
}
