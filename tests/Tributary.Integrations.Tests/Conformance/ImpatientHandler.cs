using Tributary.Testing.Readers;

namespace Tributary.Integrations.Tests.Conformance;

/// <summary>
/// A client whose time limit is over as soon as the source hangs: what <see cref="HttpClient.Timeout"/> does to that one
/// request, without waiting for it and without hitting another on a busy machine.
/// </summary>
internal sealed class ImpatientHandler(FaultInjector faults) : DelegatingHandler(new HarnessHttp())
{
    private int _requests;

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var name = $"{Interlocked.Increment(ref _requests)}";
        request.Headers.Add(FaultInjector.RequestName, name);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = base.SendAsync(request, patience.Token);
        if (await Task.WhenAny(sending, faults.Hanging) == sending || await faults.Hanging != name)
        {
            return await sending;
        }

        await patience.CancelAsync();
        await ((Task)sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        throw new TaskCanceledException("The source does not answer.", new TimeoutException());
    }
}
