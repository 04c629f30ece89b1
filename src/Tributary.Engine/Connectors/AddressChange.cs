using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tributary.Engine.Connectors;

/// <summary>
/// Finds out whether a changed config sends a connector's requests elsewhere. Stored secrets were given for the old
/// address: whoever may change a connector, but never saw its secrets, must not have them delivered to a host of his own.
/// </summary>
internal static partial class AddressChange
{
    private static readonly HashSet<string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        "url",
        "urls",
        "uri",
        "uris",
        "host",
        "hosts",
        "hostname",
        "domain",
        "domains",
        "subdomain",
        "endpoint",
        "endpoints",
        "server",
        "servers",
        "instance",
        "address",
        "proxy",
        "origin",
        "site",
        "sites",
        "tenant",
        "region",
        "realm",
        "port",
    };

    /// <summary>The path of a member that holds an address and is not what it was; null when there is none.</summary>
    public static IReadOnlyList<object>? Find(JsonElement before, JsonElement after)
    {
        var old = Addresses(before);
        var now = Addresses(after);
        foreach (var (path, address) in now)
        {
            if (old.Remove(path, out var known) ? known.Value != address.Value : address.Value.Length > 0)
            {
                return address.Path;
            }
        }

        return old.Values.FirstOrDefault(address => address.Value.Length > 0)?.Path;
    }

    private static Dictionary<string, Address> Addresses(JsonElement config)
    {
        var found = new Dictionary<string, Address>(StringComparer.Ordinal);
        Collect(config, [], isNamed: false, found);
        return found;
    }

    private static void Collect(JsonElement json, object[] path, bool isNamed, Dictionary<string, Address> found)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in json.EnumerateObject())
                {
                    Collect(member.Value, [.. path, member.Name], isNamed || IsName(member.Name), found);
                }

                break;
            case JsonValueKind.Array:
                var position = 0;
                foreach (var item in json.EnumerateArray())
                {
                    Collect(item, [.. path, position++], isNamed, found);
                }

                break;
            case JsonValueKind.String when isNamed || LooksLikeAddress().IsMatch(json.GetString()!):
            case JsonValueKind.Number when isNamed:
                found[string.Join('\0', path)] = new Address(path, json.ToString());
                break;
            default:
                break;
        }
    }

    private static bool IsName(string name) =>
        Word()
            .EnumerateMatches(name)
            .Any(name, static word => Words.Contains(word) || word.EndsWith("url", StringComparison.OrdinalIgnoreCase));

    private static bool Any(this Regex.ValueMatchEnumerator words, string name, Func<string, bool> isWanted)
    {
        foreach (var word in words)
        {
            if (isWanted(name.Substring(word.Index, word.Length)))
            {
                return true;
            }
        }

        return false;
    }

    // "api_base_url", "baseURL" and "serverHost" alike.
    [GeneratedRegex("[A-Z]+(?![a-z])|[A-Z]?[a-z]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"://|^[\w-]+(\.[\w-]+)+(:[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex LooksLikeAddress();

    private sealed record Address(IReadOnlyList<object> Path, string Value);
}
