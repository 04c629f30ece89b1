using System.Text;
using System.Text.Unicode;

namespace Tributary.Extraction.Text;

/// <summary>
/// Bytes to text when nobody can be trusted about the charset: byte order mark, then what was declared, then strict
/// UTF-8, then UTF-16 by its zero bytes, then the legacy charset whose common letters it has most of.
/// Never throws; bytes that mean nothing become U+FFFD.
/// </summary>
internal static class TextDecoder
{
    private static readonly UTF8Encoding LenientUtf8 = new(false, false);

    /// <summary>Reads and decodes.</summary>
    /// <param name="content">Read to the end, or to the cap.</param>
    /// <param name="declared">The charset that somebody claims; null when nobody does.</param>
    /// <param name="maxCharacters">More than these are not decoded.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<string> DecodeAsync(
        Stream content,
        string? declared,
        int maxCharacters,
        CancellationToken cancellationToken
    )
    {
        // No charset needs more than four bytes a character; one character more shows the caller that there was more.
        var wanted = (maxCharacters + 1L) * 4;
        using var bytes = new MemoryStream();
        var buffer = new byte[65_536];
        while (bytes.Length < wanted)
        {
            var read = await content.ReadAsync(
                buffer.AsMemory(0, (int)Math.Min(buffer.Length, wanted - bytes.Length)),
                cancellationToken
            );
            if (read == 0)
            {
                break;
            }

            bytes.Write(buffer, 0, read);
        }

        return Decode(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), declared);
    }

    /// <summary>Decodes; the byte order mark is not part of the text.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes, string? declared = null)
    {
        var (encoding, skip) = ByMark(bytes);
        encoding ??= ByDeclaration(bytes, declared) ?? ByContent(bytes);
        return encoding.GetString(bytes[skip..]);
    }

    /// <summary>The encoding of a label of the WHATWG Encoding Standard; null when it is none that this machine knows.</summary>
    public static Encoding? Find(string? label)
    {
        label = label?.Trim().Trim('"', '\'').ToLowerInvariant();
        if (string.IsNullOrEmpty(label))
        {
            return null;
        }

        // Labels whose meaning on the web differs from the registered one: https://encoding.spec.whatwg.org/#names-and-labels
        label = label switch
        {
            "utf8" or "unicode-1-1-utf-8" or "x-unicode20utf8" => "utf-8",
            "iso-8859-1"
            or "iso8859-1"
            or "latin1"
            or "l1"
            or "ascii"
            or "us-ascii"
            or "iso-ir-100"
            or "x-cp1252"
            or "cp819"
            or "ansi_x3.4-1968" => "windows-1252",
            "iso-8859-9" or "latin5" => "windows-1254",
            "iso-8859-11" or "tis-620" or "dos-874" => "windows-874",
            "gb2312" or "gbk" or "x-gbk" or "gb_2312-80" or "chinese" or "cp936" => "gb18030",
            "shift-jis" or "sjis" or "x-sjis" or "ms_kanji" or "windows-31j" or "cp932" or "ms932" => "shift_jis",
            "ks_c_5601-1987" or "korean" or "windows-949" or "cp949" or "euc_kr" or "uhc" => "euc-kr",
            "big5-hkscs" or "cn-big5" or "x-x-big5" or "cp950" => "big5",
            "eucjp" or "x-euc-jp" => "euc-jp",
            "koi8" or "koi" or "koi8_r" => "koi8-r",
            "utf-16" or "utf16" or "unicode" or "ucs-2" or "iso-10646-ucs-2" => "utf-16le",
            "x-mac-roman" => "macintosh",
            _ when label.StartsWith("cp125", StringComparison.Ordinal) => "windows-" + label[2..],
            _ => label,
        };
        if (label is "utf-7" or "unicode-1-1-utf-7")
        {
            // Refused by the standard: it smuggles markup past filters.
            return null;
        }

        try
        {
            return Encoding.GetEncoding(label);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static (Encoding? Encoding, int Skip) ByMark(ReadOnlySpan<byte> bytes) =>
        bytes switch
        {
            [0xEF, 0xBB, 0xBF, ..] => (LenientUtf8, 3),
            [0xFF, 0xFE, 0, 0, ..] => (Encoding.UTF32, 4),
            [0, 0, 0xFE, 0xFF, ..] => (new UTF32Encoding(true, false), 4),
            [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
            [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
            _ => (null, 0),
        };

    private static Encoding? ByDeclaration(ReadOnlySpan<byte> bytes, string? declared)
    {
        var encoding = Find(declared);
        var isUtf8 = encoding is UTF8Encoding;

        // Old servers declare Latin-1 for everything, and templates declare UTF-8 over legacy files: the bytes know better.
        if (encoding is null || (isUtf8 && !IsUtf8(bytes)))
        {
            return null;
        }

        if (encoding.CodePage == 1252 && IsUtf8(bytes))
        {
            return LenientUtf8;
        }

        // Half of UTF-16 is zeros wherever there is ASCII; a page that only claims it has none.
        var isUtf16 = encoding is UnicodeEncoding;
        return isUtf16 && bytes.Length > 64 && !bytes[..64].Contains((byte)0) && IsUtf8(bytes) ? LenientUtf8 : encoding;
    }

    private static Encoding ByContent(ReadOnlySpan<byte> bytes) =>
        ByZeros(bytes) ?? ByEscapes(bytes) ?? (IsUtf8(bytes) ? LenientUtf8 : LegacyCharsets.Guess(bytes));

    // ISO-2022-JP (RFC 1468) is ASCII with escapes, and so valid UTF-8.
    private static Encoding? ByEscapes(ReadOnlySpan<byte> bytes) =>
        bytes.IndexOf("\e$B"u8) >= 0 || bytes.IndexOf("\e$@"u8) >= 0 ? Encoding.GetEncoding("iso-2022-jp") : null;

    /// <summary>UTF-16 without a mark: text of the western world has its zeros on one side of each pair.</summary>
    internal static Encoding? ByZeros(ReadOnlySpan<byte> bytes)
    {
        var sample = bytes[..Math.Min(bytes.Length & ~1, 4096)];
        var even = 0;
        var odd = 0;
        for (var i = 0; i + 1 < sample.Length; i += 2)
        {
            even += sample[i] == 0 ? 1 : 0;
            odd += sample[i + 1] == 0 ? 1 : 0;
        }

        var pairs = sample.Length / 2;
        return pairs < 2 ? null
            : odd > pairs * 0.4 && even < pairs * 0.05 ? Encoding.Unicode
            : even > pairs * 0.4 && odd < pairs * 0.05 ? Encoding.BigEndianUnicode
            : null;
    }

    /// <summary>Strict UTF-8, or UTF-8 with so few wrong bytes that nothing else explains the right ones.</summary>
    internal static bool IsUtf8(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            return true;
        }

        var good = 0;
        var bad = 0;
        var rest = bytes;
        while (!rest.IsEmpty)
        {
            var ascii = rest.IndexOfAnyExceptInRange((byte)0, (byte)0x7F);
            if (ascii < 0)
            {
                break;
            }

            rest = rest[ascii..];
            var status = Rune.DecodeFromUtf8(rest, out _, out var used);
            if (status == System.Buffers.OperationStatus.NeedMoreData)
            {
                // The cap cut a letter in two.
                break;
            }

            good += status == System.Buffers.OperationStatus.Done ? 1 : 0;
            bad += status == System.Buffers.OperationStatus.Done ? 0 : 1;
            rest = rest[used..];
        }

        return bad * 50 < good || (bad == 0 && good == 0 && bytes.Length > 4);
    }
}
