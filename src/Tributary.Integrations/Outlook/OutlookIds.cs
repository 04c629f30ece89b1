using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Tributary.Integrations.Outlook;

/// <summary>Ids of documents, and short marks of what is long at Exchange.</summary>
internal static class OutlookIds
{
    public static string Thread(string key) => $"outlook-thread:{key}";

    /// <summary>What a participant saw who was left out of other messages.</summary>
    public static string Part(string key, OutlookMailbox mailbox) => $"outlook-thread:{key}:{mailbox.Id}";

    /// <summary>What stands in a mailbox and the thread's writer cannot see.</summary>
    public static string Own(string key, OutlookMailbox mailbox) => $"outlook-thread:{key}:{mailbox.Id}:own";

    public static string Attachment(OutlookMailbox mailbox, string message, string attachment) =>
        $"outlook-attachment:{mailbox.Id}:{message}:{attachment}";

    public static string Event(OutlookMailbox mailbox, string id) => $"outlook-event:{mailbox.Id}:{id}";

    /// <summary>base64url.</summary>
    public static string Text(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    /// <summary>A short mark of anything.</summary>
    public static string MarkOf(params string[] parts) =>
        Text(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts))).AsSpan(0, 12));

    /// <summary>An address as it is compared; null for none.</summary>
    public static string? Normal(string? address) =>
        string.IsNullOrWhiteSpace(address) ? null : address.Trim().ToLowerInvariant();
}
