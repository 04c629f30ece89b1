using System.Net;
using System.Net.Sockets;

namespace Tributary.Engine.Outbound;

/// <summary>One request on the wire: bounds the time until its answer begins, and records how it went.</summary>
internal sealed class AttemptHandler(TimeSpan patience, TimeProvider time, OutboundTelemetry telemetry)
    : DelegatingHandler
{
    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        // HTTP/1.1 shows when a request leaves, which the limits must know.
        request.Version = HttpVersion.Version11;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;

        var uri = request.RequestUri!;
        using var activity = telemetry.Start(request.Method.Method, uri);
        if (request.Options.TryGetValue(RequestPatience.LetGo, out var letGo))
        {
            letGo();
        }

        var most = RequestPatience.Of(request, patience);
        using var timeout = new CancellationTokenSource(most, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var response = await base.SendAsync(request, either.Token);
            telemetry.Answered(activity, request.Method.Method, uri, (int)response.StatusCode);
            return response;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            telemetry.Failed(activity, request.Method.Method, uri, "timeout");
            throw new TimeoutException($"No answer within {most}.", e);
        }
        catch (OperationCanceledException)
        {
            telemetry.Failed(activity, request.Method.Method, uri, "canceled");
            throw;
        }
        catch (HttpRequestException e)
        {
            telemetry.Failed(activity, request.Method.Method, uri, e.HttpRequestError.ToString());
            throw;
        }
        catch (SocketException e)
        {
            // The runtime lets it out bare when the other side resets a connection between its opening and its first use.
            telemetry.Failed(activity, request.Method.Method, uri, nameof(HttpRequestError.ConnectionError));
            throw new HttpRequestException(HttpRequestError.ConnectionError, e.Message, e);
        }
    }
}
