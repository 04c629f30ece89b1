using System.Text.RegularExpressions;

namespace Tributary.Integrations.ObjectStorage;

/// <summary>Names of regions.</summary>
internal static partial class BucketRegion
{
    /// <summary>Whether it can be a region; nothing else becomes a part of a host's name.</summary>
    public static bool IsName(string text) => Name().IsMatch(text);

    [GeneratedRegex("^[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])?$")]
    private static partial Regex Name();
}
