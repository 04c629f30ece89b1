using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Tributary.Extraction.Tests.Pdf;

/// <summary>Minimal PDFs (ISO 32000-1) written by hand.</summary>
internal static class PdfWriter
{
    /// <summary>One page a text, with title, author and date.</summary>
    public static byte[] Pages(params string[] texts) =>
        Write(
            texts.Select(text =>
                (
                    $"/Resources<</Font<</F 3 0 R>>>>",
                    Encoding.ASCII.GetBytes($"BT /F 24 Tf 72 700 Td ({text}) Tj ET"),
                    ""
                )
            )
        );

    /// <summary>Pages that show one JPEG picture each.</summary>
    public static byte[] Picture(byte[] jpeg, int pages)
    {
        var image = Encoding.Latin1.GetString(jpeg);
        return Write(
            Enumerable.Repeat(
                ("/Resources<</XObject<</I 4 0 R>>>>", Encoding.ASCII.GetBytes("q 612 0 0 792 0 0 cm /I Do Q"), ""),
                pages
            ),
            $"<</Type/XObject/Subtype/Image/Width 1275/Height 1650/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode/Length {jpeg.Length}>>stream\n{image}\nendstream"
        );
    }

    /// <summary>A page whose content is packed so many times.</summary>
    public static byte[] Packed(byte[] content, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var packed = new MemoryStream();
            using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal))
            {
                zlib.Write(content);
            }

            content = packed.ToArray();
        }

        var filters = string.Concat(Enumerable.Repeat("/FlateDecode ", times));
        return Write([("/Resources<</Font<</F 3 0 R>>>>", content, $"/Filter[{filters}]")]);
    }

    /// <summary>A file of the given objects, numbered from 1; the first is the catalog.</summary>
    public static byte[] Objects(IEnumerable<string> objects, string trailer = "")
    {
        var file = new StringBuilder("%PDF-1.4\n");
        var offsets = new List<int>();
        foreach (var body in objects)
        {
            offsets.Add(file.Length);
            file.Append(CultureInfo.InvariantCulture, $"{offsets.Count} 0 obj{body}\nendobj\n");
        }

        var start = file.Length;
        file.Append(CultureInfo.InvariantCulture, $"xref\n0 {offsets.Count + 1}\n0000000000 65535 f \n");
        foreach (var offset in offsets)
        {
            file.Append(CultureInfo.InvariantCulture, $"{offset:D10} 00000 n \n");
        }

        file.Append(
            CultureInfo.InvariantCulture,
            $"trailer<</Size {offsets.Count + 1}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n"
        );
        return Encoding.Latin1.GetBytes(file.ToString());
    }

    private static byte[] Write(
        IEnumerable<(string Resources, byte[] Content, string Filter)> pages,
        string extra = "<<>>"
    )
    {
        var list = pages.ToList();
        List<string> objects =
        [
            "<</Type/Catalog/Pages 2 0 R>>",
            $"<</Type/Pages/Count {list.Count}/Kids[{string.Join(' ', list.Select((_, i) => $"{6 + i * 2} 0 R"))}]>>",
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            extra,
            "<</Title(The Title)/Author(Ann Lee)/ModDate(D:20240102030405Z)>>",
        ];
        for (var i = 0; i < list.Count; i++)
        {
            objects.Add(
                $"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {7 + i * 2} 0 R{list[i].Resources}>>"
            );
            objects.Add(
                $"<</Length {list[i].Content.Length}{list[i].Filter}>>stream\n{Encoding.Latin1.GetString(list[i].Content)}\nendstream"
            );
        }

        return Objects(objects, "/Info 5 0 R");
    }
}
