using System.Security.Cryptography;
using System.Text.Json;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Web;

/// <summary>A short mark of the settings that shape what pages say and which links count.</summary>
internal static class Fingerprint
{
    /// <summary>
    /// As <see cref="Of(WebConfig)"/>, for one page: a rewritten id may stand for several addresses, whose states must not
    /// be taken for one another's.
    /// </summary>
    public static string Of(string fingerprint, string url, string id) =>
        id == url ? fingerprint : $"{fingerprint} {url}";

    /// <summary>Equal for settings that read the same pages in the same way.</summary>
    public static string Of(WebConfig config)
    {
        // These only end a crawl sooner or later, or name us differently.
        var shaping = config with
        {
            MaxPages = 0,
            MaxDepth = 0,
            MaxQueryVariants = 1,
            UserAgent = null,
        };
        var hash = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(shaping, SettingsJson.Options));
        return Convert.ToHexStringLower(hash.AsSpan(0, 6));
    }
}
