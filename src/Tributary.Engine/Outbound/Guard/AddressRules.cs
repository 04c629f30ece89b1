using System.Net;
using System.Net.Sockets;

namespace Tributary.Engine.Outbound.Guard;

/// <summary>Which addresses belong to the public internet. The one predicate that every way out goes through.</summary>
/// <remarks>
/// After IANA's special-purpose address registries (RFC 6890 and what followed it). Forms that carry an IPv4 address
/// are judged by what they carry where they are in use (IPv4-mapped, NAT64) and refused where they are history
/// (IPv4-compatible, 6to4, Teredo).
/// </remarks>
internal static class AddressRules
{
    private static readonly IPNetwork[] _notPublicV4 =
    [
        IPNetwork.Parse("0.0.0.0/8"), // this network; Linux takes 0.0.0.0 for itself
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("100.64.0.0/10"), // carrier-grade NAT; Alibaba's metadata is in it
        IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("168.63.129.16/32"), // Azure's host agent, reachable from inside its machines only
        IPNetwork.Parse("169.254.0.0/16"), // link-local; most clouds' metadata
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.0.0.0/24"), // protocol assignments; Oracle's metadata
        IPNetwork.Parse("192.0.2.0/24"), // documentation
        IPNetwork.Parse("192.88.99.0/24"), // 6to4 relays
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("198.18.0.0/15"), // benchmarks
        IPNetwork.Parse("198.51.100.0/24"), // documentation
        IPNetwork.Parse("203.0.113.0/24"), // documentation
        IPNetwork.Parse("224.0.0.0/4"), // multicast
        IPNetwork.Parse("240.0.0.0/4"), // reserved, broadcast
    ];

    private static readonly IPNetwork _unicastV6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] _notPublicV6 =
    [
        IPNetwork.Parse("2001::/23"), // protocol assignments: Teredo, benchmarks, ORCHID
        IPNetwork.Parse("2001:db8::/32"), // documentation
        IPNetwork.Parse("2002::/16"), // 6to4
        IPNetwork.Parse("3fff::/20"), // documentation
    ];

    private static readonly IPNetwork _nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>Whether the address is one of the public internet's, reachable from everywhere.</summary>
    public static bool IsGloballyRoutable(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return !_notPublicV4.Any(network => network.Contains(address));
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6 || address.ScopeId != 0)
        {
            return false;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return IsGloballyRoutable(address.MapToIPv4());
        }

        if (_nat64.Contains(address))
        {
            // Networks without IPv4 reach all of it through this prefix, so it must work for public addresses.
            return IsGloballyRoutable(new IPAddress(address.GetAddressBytes().AsSpan(12)));
        }

        return _unicastV6.Contains(address) && !_notPublicV6.Any(network => network.Contains(address));
    }
}
