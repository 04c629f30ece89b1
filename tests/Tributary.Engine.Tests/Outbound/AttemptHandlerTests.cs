using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Tributary.Engine.Outbound;
using Tributary.Engine.Outbound.Retry;

namespace Tributary.Engine.Tests.Outbound;

public sealed class AttemptHandlerTests
{
    [Fact]
    public async Task A_connection_reset_before_its_first_use_is_a_failure_that_may_pass()
    {
        using var attempts = new HttpMessageInvoker(
            new AttemptHandler(
                TimeSpan.FromSeconds(5),
                TimeProvider.System,
                new OutboundTelemetry(1, NullLogger<OutboundHttp>.Instance)
            )
            {
                InnerHandler = new ResetHandler(),
            }
        );
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://127.0.0.1:9/");

        var failure = await Should.ThrowAsync<HttpRequestException>(() =>
            attempts.SendAsync(request, TestContext.Current.CancellationToken)
        );

        TransportFailure.IsTransient(failure).ShouldBeTrue();
        TransportFailure.IsBeforeSending(failure).ShouldBeTrue();
    }

    /// <summary>Fails as the runtime's transport does when it asks a connection that was just reset for its address.</summary>
    private sealed class ResetHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        ) => Task.FromException<HttpResponseMessage>(new SocketException((int)SocketError.NotConnected));
    }
}
