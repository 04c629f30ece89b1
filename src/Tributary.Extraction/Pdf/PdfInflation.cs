using System.IO.Compression;
using System.Text;
using Tributary.Extraction.Spooling;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Pdf;

/// <summary>
/// Finds Flate bombs before poppler does: it would spend its whole time on them. Streams (ISO 32000-1, 7.3.8) are found
/// by their keyword and inflated into nothing, chains of filters through all their links. Pictures are left alone: white
/// pages shrink a thousandfold, and reading text does not unpack them.
/// </summary>
internal static class PdfInflation
{
    private const int ChunkBytes = 1 << 20;
    private const int OverlapBytes = 4096;
    private const int MaxChain = 8;

    /// <summary>Goes over the whole file.</summary>
    /// <exception cref="ContentException">It is a bomb.</exception>
    public static void Refuse(Stream pdf, ExtractionLimits limits, CancellationToken cancellationToken)
    {
        var budget = new UnpackBudget(limits, cancellationToken);
        var buffer = new byte[ChunkBytes + OverlapBytes];
        var kept = 0;
        var position = 0L;
        pdf.Position = 0;
        while (true)
        {
            pdf.Position = position;
            var read = pdf.ReadAtLeast(buffer.AsSpan(kept, ChunkBytes), ChunkBytes, throwOnEndOfStream: false);
            if (read == 0)
            {
                break;
            }

            Check(pdf, position - kept, buffer.AsSpan(0, kept + read), kept, budget);
            position += read;
            var tail = Math.Min(OverlapBytes, kept + read);
            buffer.AsSpan(kept + read - tail, tail).CopyTo(buffer);
            kept = tail;
        }

        pdf.Position = 0;
    }

    private static void Check(Stream pdf, long start, ReadOnlySpan<byte> bytes, int known, UnpackBudget budget)
    {
        var from = 0;
        while (from < bytes.Length)
        {
            var at = bytes[from..].IndexOf("stream"u8);
            if (at < 0)
            {
                return;
            }

            var keyword = from + at;
            from = keyword + 6;

            // What began before this chunk was seen with it; "endstream" begins nothing.
            if (from <= known || keyword >= 3 && bytes.Slice(keyword - 3, 3).SequenceEqual("end"u8))
            {
                continue;
            }

            var dictionary = bytes[Math.Max(0, keyword - 2048)..keyword];
            var open = dictionary.LastIndexOf(" obj"u8);
            var text = Encoding.Latin1.GetString(open < 0 ? dictionary : dictionary[open..]);
            var filters = CountOf(text, "/FlateDecode") + CountOf(text, "/Fl ") + CountOf(text, "/Fl]");
            if (filters > MaxChain)
            {
                throw new ContentException(
                    ContentProblem.TooLarge,
                    "The PDF packs a stream over and over, as only bombs do."
                );
            }

            if (filters > 0 && !text.Contains("/Image", StringComparison.Ordinal))
            {
                Inflate(pdf, start + from, filters, budget);
            }
        }
    }

    private static void Inflate(Stream pdf, long start, int filters, UnpackBudget budget)
    {
        // The keyword is followed by one line end.
        pdf.Position = start;
        if (pdf.ReadByte() == '\r')
        {
            pdf.ReadByte();
            start++;
        }

        start++;
        var packed = new StreamWindow(pdf, start, pdf.Length - start);
        Stream content = new BufferedStream(packed, 16_384);
        for (var i = 0; i < filters; i++)
        {
            content = new ZLibStream(content, CompressionMode.Decompress);
        }

        try
        {
            using var guarded = budget.Guard(content, () => packed.Position);
            guarded.CopyTo(Stream.Null);
        }
        catch (InvalidDataException)
        {
            // Encrypted, damaged, or not packed this way at all: poppler will say.
        }
    }

    private static int CountOf(string text, string word)
    {
        var count = 0;
        for (
            var at = text.IndexOf(word, StringComparison.Ordinal);
            at >= 0;
            at = text.IndexOf(word, at + 1, StringComparison.Ordinal)
        )
        {
            count++;
        }

        return count;
    }
}
