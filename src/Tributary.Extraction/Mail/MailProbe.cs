using System.Text;
using Tributary.Extraction.Formats;
using Tributary.Extraction.Text;

namespace Tributary.Extraction.Mail;

/// <summary>Tells mails from other texts: they begin with header fields.</summary>
internal static class MailProbe
{
    private static readonly string[] Telling =
    [
        "received:",
        "return-path:",
        "message-id:",
        "mime-version:",
        "from:",
        "date:",
        "subject:",
        "to:",
    ];

    public static bool IsMessage(FileProbe probe)
    {
        var claims = probe.Extension is "eml" or "mht" or "mhtml" || probe.MediaType == "message/rfc822";
        if (IsMbox(probe) || !TextProbe.IsText(probe) && !claims)
        {
            return false;
        }

        // Without a name that says mail, three of the usual fields must be there; notes may begin with one or two.
        var fields = CountFields(probe.Head.Span);
        return fields >= (claims ? 1 : 3) && (claims || IsUnnamed(probe));
    }

    /// <summary>Several messages in one file, each after a line "From address date" (RFC 4155).</summary>
    public static bool IsMbox(FileProbe probe)
    {
        if (!probe.StartsWith("From "u8))
        {
            return false;
        }

        var line = probe.Head.Span;
        var end = line.IndexOf((byte)'\n');
        return end > 0 && CountFields(line[(end + 1)..]) >= (probe.Extension is "mbox" or "mbx" ? 1 : 2);
    }

    private static bool IsUnnamed(FileProbe probe) => probe.Extension is "" or "txt" or "mail" or "msg";

    private static int CountFields(ReadOnlySpan<byte> head)
    {
        var count = 0;
        foreach (var line in Encoding.Latin1.GetString(head).AsSpan().EnumerateLines())
        {
            if (line.IsEmpty)
            {
                break;
            }

            foreach (var field in Telling)
            {
                count += line.StartsWith(field, StringComparison.OrdinalIgnoreCase) ? 1 : 0;
            }
        }

        return count;
    }
}
