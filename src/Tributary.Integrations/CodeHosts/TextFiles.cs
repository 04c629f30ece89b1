using System.Collections.Frozen;
using System.Text;

namespace Tributary.Integrations.CodeHosts;

/// <summary>Which files of a repository are text that people read, and what their bytes say.</summary>
internal static class TextFiles
{
    /// <summary>The largest file that is read. What is larger was made by a program.</summary>
    public const long MaxBytes = 1024 * 1024;

    private const string RegularFile = "100644";
    private const string ExecutableFile = "100755";
    private const int Sniffed = 8 * 1024;

    private static readonly FrozenSet<string> OtherFolders = FrozenSet.ToFrozenSet(
        ["node_modules", "vendor", "third_party", "bower_components", "dist", ".git", ".yarn", "Pods"],
        StringComparer.Ordinal
    );

    private static readonly FrozenSet<string> Binary = FrozenSet.ToFrozenSet(
        (
            "7z a aac ai avi avif bin bmp bz2 cer class dat db dds deb der dll dmg doc docx dylib ear eot eps exe flac "
            + "gif gz heic icns ico img iso jar jks jpeg jpg keystore lib lz4 m4a m4v mkv mo mov mp3 mp4 mpeg nupkg o obj "
            + "odp ods odt ogg otf p12 pack parquet pdb pdf pfx png ppt pptx psd pyc rar rpm snk so sqlite sqlite3 swf tar tgz "
            + "tif tiff ttf war wasm wav webm webp whl wmv woff woff2 xls xlsx xz zip zst"
        ).Split(' '),
        StringComparer.OrdinalIgnoreCase
    );

    private static readonly FrozenSet<string> Generated = FrozenSet.ToFrozenSet(
        ["package-lock.json", "yarn.lock", "pnpm-lock.yaml", "composer.lock", "Cargo.lock", "poetry.lock", "go.sum"],
        StringComparer.Ordinal
    );

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Whether a tree's entry is worth asking for: no link, no other repository, nothing foreign, packed or generated.</summary>
    public static bool IsWanted(string path, string? mode, long? size)
    {
        var parts = path.Split('/');
        var name = parts[^1];
        return mode is null or RegularFile or ExecutableFile
            && !(size > MaxBytes)
            && !parts[..^1].Any(OtherFolders.Contains)
            && !Binary.Contains(Path.GetExtension(name).TrimStart('.'))
            && !Generated.Contains(name)
            && !name.Contains(".min.", StringComparison.Ordinal);
    }

    /// <summary>The text of a file; null when it is none, or only the pointer to one that is kept elsewhere (Git LFS).</summary>
    public static string? TextOf(byte[] content)
    {
        if (
            content.AsSpan(0, Math.Min(content.Length, Sniffed)).Contains((byte)0)
            || content.AsSpan().StartsWith("version https://git-lfs"u8)
        )
        {
            return null;
        }

        var bytes = content.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? content.AsSpan(3) : content.AsSpan();
        try
        {
            return Lines(Strict.GetString(bytes));
        }
        catch (DecoderFallbackException)
        {
            return Lines(Encoding.Latin1.GetString(bytes));
        }
    }

    /// <summary>A text with the line ends that everything else here has.</summary>
    public static string Lines(string text) => text.ReplaceLineEndings("\n").Trim();
}
