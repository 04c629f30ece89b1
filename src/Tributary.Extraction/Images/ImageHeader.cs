using System.Buffers.Binary;
using Tributary.Extraction.Formats;

namespace Tributary.Extraction.Images;

/// <summary>Kind and size of a picture by its header, so that no one unpacks 50,000 × 50,000 pixels to find out.</summary>
internal static class ImageHeader
{
    /// <summary>"png", "jpg", "gif", "webp", "tif", "bmp", "heic"; null when it is none of these.</summary>
    public static string? KindOf(FileProbe probe) =>
        probe.StartsWith([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) ? "png"
        : probe.StartsWith([0xFF, 0xD8, 0xFF]) ? "jpg"
        : probe.StartsWith("GIF87a"u8) || probe.StartsWith("GIF89a"u8) ? "gif"
        : probe.StartsWith("RIFF"u8) && probe.HasAt(8, "WEBP"u8) ? "webp"
        : probe.StartsWith([0x49, 0x49, 0x2A, 0]) || probe.StartsWith([0x4D, 0x4D, 0, 0x2A]) ? "tif"
        : probe.StartsWith("BM"u8) && probe.HasAt(6, [0, 0, 0, 0]) && probe.Length > 54 ? "bmp"
        : IsHeic(probe) ? "heic"
        : null;

    /// <summary>Width and height as claimed; null where the header does not say.</summary>
    public static (int Width, int Height)? SizeOf(string kind, Stream picture)
    {
        var head = new byte[(int)Math.Min(65_536, picture.Length)];
        picture.Position = 0;
        picture.ReadExactly(head);
        var size = kind switch
        {
            "png" when head.Length >= 24 => (Big32(head, 16), Big32(head, 20)),
            "gif" when head.Length >= 10 => (Little16(head, 6), Little16(head, 8)),
            "bmp" when head.Length >= 26 => (Math.Abs(Little32(head, 18)), Math.Abs(Little32(head, 22))),
            "webp" when head.Length >= 30 => WebP(head),
            "jpg" => Jpeg(picture),
            "tif" => Tiff(picture, head),
            _ => default((int, int)?),
        };
        picture.Position = 0;
        return size;
    }

    private static bool IsHeic(FileProbe probe) =>
        probe.HasAt(4, "ftyp"u8)
        && (
            probe.HasAt(8, "heic"u8)
            || probe.HasAt(8, "heix"u8)
            || probe.HasAt(8, "mif1"u8)
            || probe.HasAt(8, "heim"u8)
            || probe.HasAt(8, "avif"u8)
        );

    // RFC 9649: lossy, lossless and extended.
    private static (int, int)? WebP(byte[] head) =>
        head[15] switch
        {
            (byte)' ' => (Little16(head, 26) & 0x3FFF, Little16(head, 28) & 0x3FFF),
            (byte)'L' => ((Little32(head, 21) & 0x3FFF) + 1, ((Little32(head, 21) >> 14) & 0x3FFF) + 1),
            (byte)'X' => ((Little32(head, 24) & 0xFFFFFF) + 1, ((Little32(head, 26) >> 8) & 0xFFFFFF) + 1),
            _ => null,
        };

    // ITU-T T.81, B.1.1: segments until a start of frame; their lengths lead over thumbnails.
    private static (int, int)? Jpeg(Stream picture)
    {
        Span<byte> segment = stackalloc byte[9];
        var position = 2L;
        for (var i = 0; i < 1_000 && position + segment.Length <= picture.Length; i++)
        {
            picture.Position = position;
            picture.ReadExactly(segment);
            if (segment[0] != 0xFF)
            {
                return null;
            }

            if (segment[1] is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                return (
                    BinaryPrimitives.ReadUInt16BigEndian(segment[7..]),
                    BinaryPrimitives.ReadUInt16BigEndian(segment[5..])
                );
            }

            position += segment[1] == 0xFF ? 1 : 2 + BinaryPrimitives.ReadUInt16BigEndian(segment[2..]);
        }

        return null;
    }

    // TIFF 6.0, section 2: the first directory's tags 256 and 257.
    private static (int, int)? Tiff(Stream picture, byte[] head)
    {
        var isLittle = head[0] == 'I';
        long offset = isLittle
            ? BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4))
            : BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(4));
        if (offset + 2 > picture.Length)
        {
            return null;
        }

        var directory = new byte[(int)Math.Min(6_002, picture.Length - offset)];
        picture.Position = offset;
        picture.ReadExactly(directory);
        var (width, height) = (0, 0);
        var count = Read(directory, 0, 2, isLittle);
        for (var i = 0; i < count && 2 + i * 12 + 12 <= directory.Length; i++)
        {
            var entry = 2 + i * 12;
            var bytes = Read(directory, entry + 2, 2, isLittle) == 3 ? 2 : 4;
            var tag = Read(directory, entry, 2, isLittle);
            width = tag == 256 ? Read(directory, entry + 8, bytes, isLittle) : width;
            height = tag == 257 ? Read(directory, entry + 8, bytes, isLittle) : height;
        }

        return width > 0 && height > 0 ? (width, height) : null;
    }

    private static int Read(byte[] bytes, int at, int count, bool isLittle) =>
        (count, isLittle) switch
        {
            (2, true) => Little16(bytes, at),
            (2, false) => BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at)),
            (_, true) => Little32(bytes, at),
            _ => Big32(bytes, at),
        };

    private static int Little16(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private static int Little32(byte[] bytes, int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));

    private static int Big32(byte[] bytes, int at) => BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at));
}
