using Tributary.Extraction.Formats;
using Tributary.Extraction.Office;

namespace Tributary.Extraction.Archives;

/// <summary>Tells archives by their first bytes.</summary>
internal static class ArchiveProbe
{
    /// <summary>"zip", "gz", "tar", "7z", "xz", "bz2"; null when it is none, or a document that is a zip inside.</summary>
    public static string? KindOf(FileProbe probe)
    {
        if (probe.StartsWith("PK\x3\x4"u8) || probe.StartsWith("PK\x5\x6"u8))
        {
            return OfficeProbe.KindOf(probe) is null ? "zip" : null;
        }

        return probe.StartsWith([0x1F, 0x8B, 8]) ? "gz"
            : probe.StartsWith([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]) ? "7z"
            : probe.StartsWith([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]) ? "xz"
            : probe.StartsWith("BZh"u8) && probe.HasAt(4, [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]) ? "bz2"
            : TarReader.IsTar(probe.Head.Span) ? "tar"
            : null;
    }
}
