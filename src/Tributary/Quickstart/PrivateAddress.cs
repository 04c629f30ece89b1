using System.Net;
using System.Net.Sockets;

namespace Tributary.Quickstart;

/// <summary>Private addresses of a host that the operator has named himself.</summary>
internal static class PrivateAddress
{
    // Link-local ranges are left out on purpose: machines' metadata services live there.
    private static readonly IPNetwork[] Private =
    [
        IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("::1/128"),
        IPNetwork.Parse("fc00::/7"),
    ];

    /// <summary>A range of one for each private address of the host; none when it has none or is not known.</summary>
    public static async Task<IReadOnlyList<string>> RangesOfAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken);
            return
            [
                .. addresses
                    .Select(address => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
                    .Where(address => Private.Any(network => network.Contains(address)))
                    .Select(address =>
                        address.AddressFamily == AddressFamily.InterNetwork ? $"{address}/32" : $"{address}/128"
                    )
                    .Distinct(),
            ];
        }
        catch (SocketException)
        {
            // Making the source will say that the host is not known.
            return [];
        }
    }
}
