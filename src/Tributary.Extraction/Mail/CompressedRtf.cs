using System.Buffers.Binary;
using System.Text;

namespace Tributary.Extraction.Mail;

/// <summary>The compression of RTF bodies in Outlook messages ([MS-OXRTFCP]): LZ77 over a window that starts with common RTF.</summary>
internal static class CompressedRtf
{
    private const int WindowBytes = 4096;
    private const uint Compressed = 0x75465A4C;
    private const uint Uncompressed = 0x414C454D;

    private const string Dictionary =
        "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
        + "\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
        + "\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

    /// <summary>The RTF; null when the bytes are not of this form.</summary>
    public static byte[]? Unpack(byte[] packed, ExtractionLimits limits)
    {
        if (packed.Length < 16)
        {
            return null;
        }

        var size = BinaryPrimitives.ReadUInt32LittleEndian(packed.AsSpan(4));
        var kind = BinaryPrimitives.ReadUInt32LittleEndian(packed.AsSpan(8));
        var most = (int)Math.Min(size, limits.MaxCharacters * 4L);
        if (kind == Uncompressed)
        {
            return packed[16..Math.Min(packed.Length, 16 + most)];
        }

        if (kind != Compressed)
        {
            return null;
        }

        var window = new byte[WindowBytes];
        var write = Encoding.ASCII.GetBytes(Dictionary, window);
        var result = new MemoryStream();
        var position = 16;
        while (position < packed.Length && result.Length < most)
        {
            var control = packed[position++];
            for (var bit = 0; bit < 8 && position < packed.Length; bit++)
            {
                if ((control >> bit & 1) == 0)
                {
                    Put(packed[position++]);
                    continue;
                }

                if (position + 1 >= packed.Length)
                {
                    return result.ToArray();
                }

                var token = BinaryPrimitives.ReadUInt16BigEndian(packed.AsSpan(position));
                position += 2;
                var offset = token >> 4;
                if (offset == write)
                {
                    // A reference to the place that is written next marks the end.
                    return result.ToArray();
                }

                for (var i = 0; i < (token & 15) + 2; i++)
                {
                    Put(window[(offset + i) % WindowBytes]);
                }
            }
        }

        return result.ToArray();

        void Put(byte value)
        {
            result.WriteByte(value);
            window[write] = value;
            write = (write + 1) % WindowBytes;
        }
    }
}
