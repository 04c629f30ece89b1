using System.IO.Compression;
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

    /// <summary>429 without saying for how long.</summary>
    TooManyRequestsWithoutHeader,

    /// <summary>This answer and the next four are 503.</summary>
    Burst,

    /// <summary>The connection is reset before a byte was answered.</summary>
    Reset,

    /// <summary>Says that it is packed, and ends in the middle.</summary>
    CutOffGzip,

    /// <summary>Says that it is packed, and is not.</summary>
    GarbageGzip,
}

/// <summary>Stands before a fake source and spoils one of its answers.</summary>
public sealed class FaultInjector(RequestDelegate source)
{
    /// <summary>The header by which a client names its requests, to be told which of them hangs.</summary>
    public const string RequestName = "Harness-Request";

    private TaskCompletionSource<string?> _hanging = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _seen;

    /// <summary>Which answer to spoil, counted from the last reset; null for none.</summary>
    public (int Index, Fault Fault)? Plan { get; private set; }

    /// <summary>Requests since the last reset.</summary>
    public int Seen => Volatile.Read(ref _seen);

    /// <summary>Done when a request hangs, with its name.</summary>
    public Task<string?> Hanging => _hanging.Task;

    /// <summary>Counts from the beginning again, with another plan.</summary>
    public void Reset((int Index, Fault Fault)? plan = null)
    {
        Plan = plan;
        _hanging = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _seen, 0);
    }

    public async Task AnswerAsync(HttpContext context)
    {
        var index = Interlocked.Increment(ref _seen) - 1;
        if (Plan is not { } plan || index < plan.Index || index > plan.Index + (plan.Fault == Fault.Burst ? 4 : 0))
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
            case Fault.TooManyRequestsWithoutHeader:
                context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
                break;
            case Fault.Burst:
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                break;
            case Fault.Reset:
                context.Abort();
                break;
            case Fault.GarbageGzip:
                context.Response.ContentType = "application/json";
                context.Response.Headers.ContentEncoding = "gzip";
                await context.Response.WriteAsync("{\"this\": \"is not packed\"}");
                break;
            case Fault.CutOffGzip:
                await CutOffGzipAsync(context);
                break;
            case Fault.ServerError:
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                break;
            case Fault.Hang:
                _hanging.TrySetResult(context.Request.Headers[RequestName]);
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

    private async Task CutOffGzipAsync(HttpContext context)
    {
        var wire = context.Response.Body;
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            context.Response.Body = gzip;
            await source(context);
        }

        context.Response.Body = wire;
        context.Response.Headers.Remove("ETag");
        context.Response.Headers.Remove("Last-Modified");
        context.Response.Headers.ContentEncoding = "gzip";
        context.Response.ContentLength = packed.Length / 2;
        await wire.WriteAsync(packed.ToArray().AsMemory(0, (int)packed.Length / 2));
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
