using Microsoft.AspNetCore.Http;

namespace Tributary.Integrations.Tests.Conformance;

/// <summary>What can go wrong with one answer.</summary>
public enum Fault
{
    TooManyRequests,
    ServerError,
    Hang,
    Empty,
    CutOffJson,
    CutOffConnection,
    Html,
    OtherJson,
}

/// <summary>Stands before a fake source and spoils one of its answers.</summary>
public sealed class FaultInjector(RequestDelegate source)
{
    private int _seen;

    /// <summary>Which answer to spoil, counted from the last reset; null for none.</summary>
    public (int Index, Fault Fault)? Plan { get; private set; }

    /// <summary>Requests since the last reset.</summary>
    public int Seen => Volatile.Read(ref _seen);

    /// <summary>Counts from the beginning again, with another plan.</summary>
    public void Reset((int Index, Fault Fault)? plan = null)
    {
        Plan = plan;
        Volatile.Write(ref _seen, 0);
    }

    public async Task AnswerAsync(HttpContext context)
    {
        var index = Interlocked.Increment(ref _seen) - 1;
        if (Plan is not { } plan || plan.Index != index)
        {
            await source(context);
            return;
        }

        switch (plan.Fault)
        {
            case Fault.TooManyRequests:
                context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
                context.Response.Headers.RetryAfter = "1";
                break;
            case Fault.ServerError:
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                break;
            case Fault.Hang:
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { });
                break;
            case Fault.Empty:
                break;
            case Fault.Html:
                context.Response.ContentType = "text/html";
                await context.Response.WriteAsync("<html><body><h1>Please log in</h1></body></html>");
                break;
            case Fault.OtherJson:
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync("\"something else\"");
                break;
            default:
                await CutOffAsync(context, plan.Fault == Fault.CutOffConnection);
                break;
        }
    }

    private async Task CutOffAsync(HttpContext context, bool closesConnection)
    {
        var wire = context.Response.Body;
        using var whole = new MemoryStream();
        context.Response.Body = whole;
        await source(context);
        context.Response.Body = wire;

        // The state that they name is that of the whole.
        context.Response.Headers.Remove("ETag");
        context.Response.Headers.Remove("Last-Modified");
        var half = whole.ToArray().AsMemory(0, (int)whole.Length / 2);
        context.Response.ContentLength = closesConnection ? whole.Length : half.Length;
        await wire.WriteAsync(half);
        await wire.FlushAsync();
        if (closesConnection)
        {
            context.Abort();
        }
    }
}
