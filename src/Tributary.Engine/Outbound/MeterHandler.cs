namespace Tributary.Engine.Outbound;

/// <summary>Passes every attempt by the client's meter, which counts it, holds it back or refuses it.</summary>
internal sealed class MeterHandler(RequestMeter? meter) : DelegatingHandler
{
    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        if (meter is not null)
        {
            await meter(cancellationToken);
        }

        return await base.SendAsync(request, cancellationToken);
    }
}
