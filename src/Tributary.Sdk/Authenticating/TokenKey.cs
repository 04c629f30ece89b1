using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tributary.Sdk.Authenticating;

/// <summary>
/// The name under which tokens are kept: a digest of all that decides whose they are, so that changed credentials never
/// find the tokens of the old ones. The digest covers a random secret, and so tells nothing.
/// </summary>
internal static class TokenKey
{
    public static string Of(TokenGrant grant, string? subject)
    {
        var text = new StringBuilder(grant.GetType().Name);
        foreach (var part in grant.Identity.Append(subject))
        {
            // The length keeps two parts from being mistaken for two others.
            text.Append(CultureInfo.InvariantCulture, $"|{part?.Length ?? -1}:{part}");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
