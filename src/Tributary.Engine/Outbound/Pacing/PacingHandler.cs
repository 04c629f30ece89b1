using Tributary.Engine.Outbound.Body;
using Tributary.Sdk.Http;

namespace Tributary.Engine.Outbound.Pacing;

/// <summary>Lets each attempt go when the host's pace and the connector's limits allow it.</summary>
internal sealed class PacingHandler(ConnectorState state, bool isPolite, TimeProvider time, OutboundTelemetry telemetry)
    : DelegatingHandler
{
    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        await state.OpenedAsync();
        if (!isPolite)
        {
            var (answer, _) = await SendWithinLimitsAsync(request, time.GetTimestamp(), cancellationToken);
            return answer;
        }

        var since = time.GetTimestamp();
        var host = state.Hosts.Of(request.RequestUri!);
        request.Options.TryGetValue(OutboundOptions.HostDelay, out var gap);
        await CountedAsync(host.EnterAsync(gap, cancellationToken));
        try
        {
            var (response, latency) = await SendWithinLimitsAsync(request, since, cancellationToken);
            host.Answered(latency, response.StatusCode);
            BodyStream.WhenRead(response, host.Ended);
            return response;
        }
        catch
        {
            host.Ended();
            throw;
        }
    }

    private async Task<(HttpResponseMessage Response, TimeSpan Latency)> SendWithinLimitsAsync(
        HttpRequestMessage request,
        long since,
        CancellationToken cancellationToken
    )
    {
        var entering = state.Limits.EnterAsync(cancellationToken);
        var permit = entering.IsCompleted ? await entering : await CountedAsync(entering.AsTask());
        var started = time.GetTimestamp();
        telemetry.Waited(time.GetElapsedTime(since, started));
        DepartureSignal.Current = permit;
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            return (response, time.GetElapsedTime(started));
        }
        finally
        {
            permit?.Ended();
        }
    }

    private async ValueTask CountedAsync(ValueTask entering)
    {
        if (entering.IsCompleted)
        {
            await entering;
            return;
        }

        telemetry.Waits(1);
        try
        {
            await entering;
        }
        finally
        {
            telemetry.Waits(-1);
        }
    }

    private async Task<ConnectorLimits.Permit?> CountedAsync(Task<ConnectorLimits.Permit?> entering)
    {
        await CountedAsync(new ValueTask(entering));
        return await entering;
    }
}
