using System.Net;

namespace Tributary.Engine.Outbound.Guard;

/// <summary>The private ranges that the operator has opened to outbound requests.</summary>
internal sealed class AllowedNetworks
{
    private readonly IReadOnlyList<IPNetwork> _networks;

    private AllowedNetworks(IReadOnlyList<IPNetwork> networks) => _networks = networks;

    /// <summary>Reads networks in CIDR notation and single addresses, separated by commas.</summary>
    /// <exception cref="ArgumentException">An entry is neither; the message names it.</exception>
    public static AllowedNetworks Parse(string text) =>
        new([
            .. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(ParseEntry),
        ]);

    /// <summary>Whether the address is in one of them. An IPv4-mapped address counts as the one it carries.</summary>
    public bool Contains(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _networks.Any(network => network.Contains(plain));
    }

    private static IPNetwork ParseEntry(string entry)
    {
        if (IPNetwork.TryParse(entry, out var network))
        {
            return network;
        }

        // IPAddress.TryParse takes "10.1" for 10.0.0.1; an operator who writes that means something else.
        if (IPAddress.TryParse(entry, out var address) && (entry.Contains(':') || entry.Count(c => c == '.') == 3))
        {
            return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        }

        throw new ArgumentException(
            $"TRIBUTARY_ALLOWED_NETWORKS: \"{entry}\" is not a network in CIDR notation, such as 10.0.0.0/8, "
                + "192.168.7.0/24 or fd00::/8."
        );
    }
}
