using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Tributary.Integrations.MicrosoftGraph;

/// <summary>Short marks of what is long at Microsoft, and addresses as they are compared.</summary>
internal static class GraphMarks
{
    /// <summary>base64url.</summary>
    public static string Text(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    /// <summary>A short mark of anything.</summary>
    public static string MarkOf(params string[] parts) =>
        Text(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts))).AsSpan(0, 12));

    /// <summary>An address as it is compared; null for none.</summary>
    public static string? Normal(string? address) =>
        string.IsNullOrWhiteSpace(address) ? null : address.Trim().ToLowerInvariant();
}
