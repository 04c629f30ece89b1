using Tributary.Extraction.Formats;

namespace Tributary.Extraction.Text;

/// <summary>Tells text from data that only a program reads.</summary>
internal static class TextProbe
{
    // Texts that nobody searches: drawings made of numbers, keys, minified lock files keep their extension's meaning.
    private static readonly HashSet<string> NotForReading = ["svg", "svgz"];

    public static bool IsText(FileProbe probe)
    {
        if (NotForReading.Contains(probe.Extension) || probe.MediaType == "image/svg+xml")
        {
            return false;
        }

        var head = probe.Head.Span;
        if (
            head.StartsWith<byte>([0xEF, 0xBB, 0xBF])
            || head.StartsWith<byte>([0xFF, 0xFE])
            || head.StartsWith<byte>([0xFE, 0xFF])
            || TextDecoder.ByZeros(head) is not null
        )
        {
            return true;
        }

        var controls = 0;
        foreach (var value in head)
        {
            controls += value is < 0x20 and not (0x09 or 0x0A or 0x0D or 0x0C or 0x1B or 0x08) or 0x7F ? 1 : 0;
        }

        // A log with a stretch of zeros is still a log; a program has controls everywhere.
        var claimsText =
            KnownExtensions.Contains(probe.Extension) || probe.MediaType.StartsWith("text/", StringComparison.Ordinal);
        return claimsText ? controls * 10 < head.Length : controls == 0 && !LooksPacked(head);
    }

    // Without a name that says text, high bytes must make sense as UTF-8 or be rare among letters.
    private static bool LooksPacked(ReadOnlySpan<byte> head)
    {
        var high = 0;
        foreach (var value in head)
        {
            high += value >= 0x80 ? 1 : 0;
        }

        return high * 5 > head.Length * 2 && !TextDecoder.IsUtf8(head) && !IsLegacyText(head);
    }

    private static bool IsLegacyText(ReadOnlySpan<byte> head) =>
        !TextDecoder.Decode(head).Contains('\uFFFD', StringComparison.Ordinal);

    private static readonly HashSet<string> KnownExtensions =
    [
        .. (
            "txt text md mdx markdown conf cfg ini properties env log json jsonl ndjson json5 csv tsv tab xml yml yaml toml "
            + "sql vtt srt rst adoc asciidoc org tex bib ics ifb vcf vcard ipynb diff patch "
            + "c h cc cpp cxx hpp cs csx fs vb java kt kts scala groovy gradle go rs swift m mm py pyi rb php pl pm lua r "
            + "jl dart ex exs erl hrl hs ml clj cljs lisp el js mjs cjs jsx ts tsx vue svelte css scss sass less sh bash "
            + "zsh fish ps1 psm1 bat cmd awk sed mk cmake tf hcl proto graphql gql thrift avsc dockerfile make nix "
            + "html htm xhtml eml mbox rtf"
        ).Split(' '),
    ];
}
