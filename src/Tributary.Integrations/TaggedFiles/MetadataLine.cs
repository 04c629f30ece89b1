using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tributary.Integrations.TaggedFiles;

/// <summary>Metadata in the first line of a text: <c>#ONYX_METADATA={…}</c> or <c>&lt;!-- ONYX_METADATA={…} --&gt;</c>.</summary>
/// <remarks>No other format begins like this, so that every file may be looked at, whatever it is called.</remarks>
internal static partial class MetadataLine
{
    private const int MaxBytes = 64 * 1024;
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    /// <summary>Looks at the beginning of a file.</summary>
    /// <param name="content">Seekable; read from its beginning.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What the line says, and where the text begins after it; nothing and 0 when there is no such line.</returns>
    public static async Task<(FileTag? Tag, long TextStart)> ReadAsync(
        Stream content,
        CancellationToken cancellationToken
    )
    {
        content.Position = 0;
        var head = new byte[512];
        var length = await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        var start = head.AsSpan(0, length).StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        if (!Beginning().IsMatch(Encoding.Latin1.GetString(head, start, length - start)))
        {
            return default;
        }

        Array.Resize(ref head, MaxBytes);
        length += await content.ReadAtLeastAsync(
            head.AsMemory(length),
            MaxBytes - length,
            throwOnEndOfStream: false,
            cancellationToken
        );
        var lineEnd = head.AsSpan(0, length).IndexOfAny((byte)'\n', (byte)'\r');
        var line = Encoding.UTF8.GetString(head, start, (lineEnd < 0 ? length : lineEnd) - start);
        if (Whole().Match(line) is not { Success: true } match)
        {
            return default;
        }

        try
        {
            using var json = JsonDocument.Parse(match.Groups["json"].Value);
            return (FileTag.Of(json.RootElement), AfterLine(head.AsSpan(0, length), lineEnd));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not what it seemed to be: then it is text like the rest.
            return default;
        }
    }

    private static long AfterLine(ReadOnlySpan<byte> head, int lineEnd) =>
        lineEnd < 0 ? head.Length
        : head[lineEnd..].StartsWith("\r\n"u8) ? lineEnd + 2
        : lineEnd + 1;

    [GeneratedRegex(@"^\s*(#|<!--)\s*(ONYX|DANSWER)_METADATA\s*=\s*\{")]
    private static partial Regex Beginning();

    [GeneratedRegex(
        @"^\s*(#\s*(ONYX|DANSWER)_METADATA\s*=\s*(?<json>\{.*\})|<!--\s*(ONYX|DANSWER)_METADATA\s*=\s*(?<json>\{.*\})\s*-->)\s*$"
    )]
    private static partial Regex Whole();
}
