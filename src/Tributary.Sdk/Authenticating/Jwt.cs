using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Tributary.Sdk.Authenticating;

/// <summary>Signed claims (RFC 7519), RS256.</summary>
internal static class Jwt
{
    /// <summary>Signs; <c>alg</c> and <c>typ</c> are added to the header.</summary>
    public static string Sign(JsonObject header, JsonObject claims, RSA key)
    {
        header["alg"] = "RS256";
        header["typ"] = "JWT";
        var text = $"{Encode(header)}.{Encode(claims)}";
        var signature = key.SignData(
            Encoding.ASCII.GetBytes(text),
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        );
        return $"{text}.{Encode(signature)}";
    }

    /// <summary>Base64url without padding.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    /// <summary>The key in a PEM text; line breaks may have become <c>\n</c>.</summary>
    /// <exception cref="SourceException">There is none.</exception>
    public static RSA KeyOf(string pem)
    {
        var key = RSA.Create();
        try
        {
            key.ImportFromPem(pem.Replace("\\n", "\n", StringComparison.Ordinal));
            return key;
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new SourceException(
                FailureKind.Credentials,
                "The private key cannot be read. It has to be the whole PEM text, from -----BEGIN to the end of the last line."
            );
        }
    }

    private static string Encode(JsonObject json) => Encode(Encoding.UTF8.GetBytes(json.ToJsonString()));
}
