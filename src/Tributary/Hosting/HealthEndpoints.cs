namespace Tributary.Hosting;

/// <summary>
/// <c>/health/live</c> (the process answers) and <c>/health/ready</c> (its parts work). Neither needs a token: load
/// balancers have none. What exactly is wrong is told to this machine only.
/// </summary>
internal static class HealthEndpoints
{
    private static readonly TimeSpan PartTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Adds them.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/health/live", () => Results.Json(new { status = "live" })).ExcludeFromDescription();
        endpoints.MapGet("/health/ready", ReadyAsync).ExcludeFromDescription();
    }

    private static async Task<IResult> ReadyAsync(
        HttpContext context,
        IEnumerable<IReadinessPart> parts,
        TimeProvider time,
        IHostApplicationLifetime lifetime
    )
    {
        var isLocal = LocalRequest.Is(context);
        var findings = await Task.WhenAll(
            parts.Select(async part => (part.Name, Problem: await FindProblemAsync(part, time, context.RequestAborted)))
        );
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            findings = [.. findings, ("process", "It is shutting down.")];
        }

        var isReady = findings.All(finding => finding.Problem is null);
        var answer = new
        {
            status = isReady ? "ready" : "not ready",
            parts = findings.ToDictionary(
                finding => finding.Name,
                finding => new
                {
                    status = finding.Problem is null ? "ok" : "failing",
                    problem = isLocal ? finding.Problem : null,
                }
            ),
        };
        return Results.Json(
            answer,
            statusCode: isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable
        );
    }

    private static async Task<string?> FindProblemAsync(
        IReadinessPart part,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await part.FindProblemAsync(cancellationToken).WaitAsync(PartTimeout, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return $"It has not answered for {PartTimeout.TotalSeconds} seconds.";
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return exception.Message;
        }
    }
}
