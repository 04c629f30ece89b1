using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Tributary.Extraction.Compound;

namespace Tributary.Extraction.Mail;

/// <summary>One message in an Outlook file ([MS-OXMSG]): properties by their tag, in streams named "__substg1.0_" + tag.</summary>
internal sealed class OutlookMessage(CompoundFile file, string storage, ExtractionLimits limits)
{
    private const int TypeUnicode = 0x001F;
    private const int TypeString8 = 0x001E;
    private const int TypeBinary = 0x0102;
    private const int TypeTime = 0x0040;
    private const long MaxTextBytes = 16 * 1024 * 1024;

    public string? Subject => Text(0x0037);

    public string? SenderName => Text(0x0C1A) ?? Text(0x0042);

    public string? SenderAddress => Text(0x5D01) ?? Text(0x0C1F);

    public string? Body => Text(0x1000);

    public string? MessageId => Text(0x1035);

    /// <summary>The header as it came from the Internet; null for messages that never left the house.</summary>
    public string? TransportHeaders => Text(0x007D);

    /// <summary>The HTML body's bytes.</summary>
    public byte[]? Html =>
        Binary(0x1013, MaxTextBytes) ?? (Text(0x1013) is { } text ? Encoding.UTF8.GetBytes(text) : null);

    /// <summary>The body in compressed RTF ([MS-OXRTFCP]), decompressed.</summary>
    public byte[]? Rtf => Binary(0x1009, MaxTextBytes) is { } packed ? CompressedRtf.Unpack(packed, limits) : null;

    /// <summary>Client submit time, else delivery time.</summary>
    public DateTimeOffset? SentAt => Time(0x0039) ?? Time(0x0E06) ?? Time(0x3008);

    /// <summary>To, Cc and Bcc as one shows them: "Name &lt;address&gt;".</summary>
    public IEnumerable<string> Recipients =>
        Storages("__recip_version1.0_")
            .Select(recipient =>
            {
                var name = recipient.Text(0x3001);
                var address = recipient.Text(0x39FE) ?? recipient.Text(0x3003);
                return name is null || name == address ? address ?? ""
                    : address is null || !address.Contains('@') ? name
                    : $"{name} <{address}>";
            })
            .Where(recipient => recipient.Length > 0);

    /// <summary>Attached files and messages.</summary>
    public IEnumerable<OutlookMessage> Attachments => Storages("__attach_version1.0_");

    /// <summary>As an attachment: its long file name, else the short one, else its display name.</summary>
    public string? FileName => Text(0x3707) ?? Text(0x3704) ?? Text(0x3001);

    /// <summary>As an attachment: the message that it is; null when it is a file.</summary>
    public OutlookMessage? Embedded =>
        file.Has(Path(0x3701, 0x000D)) ? new OutlookMessage(file, Path(0x3701, 0x000D), limits) : null;

    /// <summary>As an attachment: the file's bytes; null when it is a message or a link.</summary>
    public byte[]? Content => Binary(0x3701, limits.MaxFileBytes);

    private IEnumerable<OutlookMessage> Storages(string prefix) =>
        file.Below(storage)
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Take(limits.MaxMembers)
            .Select(name => new OutlookMessage(file, storage.Length == 0 ? name : $"{storage}/{name}", limits));

    private string Path(int id, int type)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"__substg1.0_{id:X4}{type:X4}");
        return storage.Length == 0 ? name : $"{storage}/{name}";
    }

    private byte[]? Binary(int id, long maxBytes) => file.ReadStream(Path(id, TypeBinary), maxBytes);

    private string? Text(int id)
    {
        var text =
            file.ReadStream(Path(id, TypeUnicode), MaxTextBytes) is { } unicode ? Encoding.Unicode.GetString(unicode)
            : file.ReadStream(Path(id, TypeString8), MaxTextBytes) is { } bytes
                ? Tributary.Extraction.Text.TextDecoder.Decode(bytes)
            : null;
        return string.IsNullOrWhiteSpace(text) ? null : text.TrimEnd('\0');
    }

    // 2.4: fixed-size values stand in one stream, 16 bytes each after a header whose size depends on the storage.
    private DateTimeOffset? Time(int id)
    {
        var name = storage.Length == 0 ? "__properties_version1.0" : $"{storage}/__properties_version1.0";
        var bytes = file.ReadStream(name, 65_536) ?? [];
        var header = storage.Length == 0 ? 32 : 24;
        for (var at = header; at + 16 <= bytes.Length; at += 16)
        {
            var tag = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
            var value = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at + 8));
            if (tag == (uint)(id << 16 | TypeTime) && value is > 0 and < 2_650_467_744_000_000_000)
            {
                return DateTimeOffset.FromFileTime(value).ToUniversalTime();
            }
        }

        return null;
    }
}
