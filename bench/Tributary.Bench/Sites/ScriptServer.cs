using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Tributary.Bench.Sites;

/// <summary>A script server for sources of type mock_connector, which offers documents in steps.</summary>
internal static class ScriptServer
{
    public static async Task<LoopbackSite> StartAsync(IEnumerable<Text> documents, int perStep)
    {
        var steps = documents.Chunk(perStep).ToList();
        var script = JsonSerializer.SerializeToUtf8Bytes(
            steps.Select(
                (step, index) =>
                    new
                    {
                        documents = step.Select(Pusher.Shape),
                        failures = Array.Empty<object>(),
                        checkpoint = new { has_more = index < steps.Count - 1, last_document_id = step[^1].Id },
                    }
            )
        );
        return await LoopbackSite.StartAsync(context =>
        {
            context.Response.ContentType = "application/json";
            return context.Request.Path == "/get-documents"
                ? context.Response.Body.WriteAsync(script).AsTask()
                : context.Response.WriteAsync("{}");
        });
    }
}
