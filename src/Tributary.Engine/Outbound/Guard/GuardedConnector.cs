using System.Net;
using System.Net.Sockets;
using Tributary.Sdk;

namespace Tributary.Engine.Outbound.Guard;

/// <summary>
/// Opens connections, only to addresses that may be reached. The check sits here, where a name has become an address
/// and before the first packet leaves, so that no redirect, no name that changes its answer (DNS rebinding) and no odd
/// spelling of an address gets past it.
/// </summary>
internal sealed class GuardedConnector(AllowedNetworks allowed, NameResolver resolve, TimeProvider time)
{
    // With several addresses, one that swallows packets must leave time for the next.
    private static readonly TimeSpan _patiencePerAddress = TimeSpan.FromSeconds(5);

    /// <summary>Resolves once, checks every address, and dials those that it checked.</summary>
    /// <exception cref="SourceException">An address or the port is off limits, or the name does not exist.</exception>
    public async ValueTask<Stream> ConnectAsync(DnsEndPoint target, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(target.Host, cancellationToken);
        foreach (var address in addresses)
        {
            Check(target, address);
        }

        for (var i = 0; ; i++)
        {
            var isLast = i == addresses.Length - 1;
            try
            {
                return await DialAsync(new IPEndPoint(addresses[i], target.Port), isLast, cancellationToken);
            }
            catch (Exception e)
                when (!isLast
                    && !cancellationToken.IsCancellationRequested
                    && e is SocketException or OperationCanceledException
                )
            {
                // The next address may answer.
            }
        }
    }

    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            return [literal];
        }

        try
        {
            var addresses = await resolve(host, cancellationToken);
            return addresses.Length > 0 ? addresses : throw new SocketException((int)SocketError.HostNotFound);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData)
        {
            throw new SourceException(
                FailureKind.Configuration,
                $"There is no host {host}. Check the spelling of the address.",
                e
            );
        }
    }

    private void Check(DnsEndPoint target, IPAddress address)
    {
        if (allowed.Contains(address))
        {
            return;
        }

        // The message does not say which address a name has: that would let anybody read the internal DNS.
        if (!AddressRules.IsGloballyRoutable(address))
        {
            throw new SourceException(
                FailureKind.Configuration,
                $"The address of {target.Host} is in a private or reserved range, which may not be reached. "
                    + "The operator can allow it with TRIBUTARY_ALLOWED_NETWORKS."
            );
        }

        if (target.Port is not (80 or 443 or 8080 or 8443) && target.Port < 1024)
        {
            throw new SourceException(
                FailureKind.Configuration,
                $"Port {target.Port} of {target.Host} is not one that web servers use, and may not be reached. "
                    + "Use 80, 443 or a port from 1024; the operator can allow the others with TRIBUTARY_ALLOWED_NETWORKS."
            );
        }
    }

    private async Task<Stream> DialAsync(IPEndPoint endpoint, bool isLast, CancellationToken cancellationToken)
    {
        using var patience = isLast ? null : new CancellationTokenSource(_patiencePerAddress, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken,
            patience?.Token ?? CancellationToken.None
        );
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, either.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
