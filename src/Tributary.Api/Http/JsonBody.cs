using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Tributary.Api.Http;

/// <summary>
/// Reads a request's JSON, bounded in bytes and depth. What comes out can be walked without surprises: valid UTF-8, no
/// key twice, no half surrogate pairs, and (unless allowed) no NUL characters, which databases refuse.
/// </summary>
internal static class JsonBody
{
    /// <summary>The largest JSON body.</summary>
    public const int MaxBytes = 10 * 1024 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <summary>Reads the body; null when there is none.</summary>
    public static async ValueTask<JsonElement?> ReadOptionalAsync(HttpContext http, bool allowNul = false)
    {
        Limit(http, MaxBytes);
        var reader = http.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(http.RequestAborted);
            if (result.Buffer.Length > MaxBytes)
            {
                throw TooLarge(MaxBytes);
            }

            if (!result.IsCompleted)
            {
                reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                continue;
            }

            try
            {
                if (result.Buffer.IsEmpty)
                {
                    return null;
                }

                DemandJson(http.Request.ContentType);
                return result.Buffer.IsSingleSegment
                    ? Parse(result.Buffer.FirstSpan, ["body"], allowNul)
                    : Parse(result.Buffer.ToArray(), ["body"], allowNul);
            }
            finally
            {
                reader.AdvanceTo(result.Buffer.End);
            }
        }
    }

    /// <summary>Reads the body.</summary>
    /// <exception cref="RequestException">422 when it is missing.</exception>
    public static async ValueTask<JsonElement> ReadAsync(HttpContext http, bool allowNul = false) =>
        await ReadOptionalAsync(http, allowNul) ?? throw RequestException.Of(["body"], "missing", "Field required");

    /// <summary>Parses text that came as a part of a body or as a line.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="where">The path that a mistake is reported at; the position of a syntax error is added.</param>
    /// <param name="allowNul">Whether strings may hold NUL characters.</param>
    public static JsonElement Parse(ReadOnlySpan<byte> utf8, IReadOnlyList<object> where, bool allowNul = false)
    {
        if (utf8.StartsWith(Encoding.UTF8.Preamble))
        {
            utf8 = utf8[3..];
        }

        if (!Utf8.IsValid(utf8))
        {
            throw Invalid(where, 0, "the text is not valid UTF-8");
        }

        if (HasDoubtfulEscape(utf8))
        {
            CheckStrings(utf8, where, allowNul);
        }

        try
        {
            return JsonElement.Parse(utf8, Strict);
        }
        catch (JsonException exception)
        {
            throw Invalid(where, Position(utf8, exception), Reason(exception));
        }
    }

    /// <summary>Bounds the body of a request, whatever the server's own limit is; null lifts the bound.</summary>
    public static void Limit(HttpContext http, long? bytes)
    {
        if (http.Request.ContentLength > bytes)
        {
            throw TooLarge(bytes.Value);
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = bytes;
        }
    }

    /// <summary>413.</summary>
    public static RequestException TooLarge(long bytes) =>
        new(413, $"The request is too large: at most {bytes} bytes are accepted here.");

    // Browsers send text/plain and forms across sites without asking first; JSON has to be called JSON.
    private static void DemandJson(string? contentType)
    {
        if (string.IsNullOrEmpty(contentType))
        {
            return;
        }

        if (
            MediaTypeHeaderValue.TryParse(contentType, out var type)
            && (
                type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
                || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)
            )
        )
        {
            return;
        }

        throw RequestException.Of(
            ["body"],
            "model_attributes_type",
            "Input should be a JSON object sent with Content-Type: application/json"
        );
    }

    // \u0000 and \ud800 to \udfff are the only escapes that can make a well-formed text unusable.
    private static bool HasDoubtfulEscape(ReadOnlySpan<byte> utf8)
    {
        while (utf8.IndexOf("\\u"u8) is var at and >= 0)
        {
            utf8 = utf8[(at + 2)..];
            if (utf8.StartsWith("0000"u8) || (utf8.Length > 0 && (utf8[0] | 0x20) == 'd'))
            {
                return true;
            }
        }

        return false;
    }

    private static void CheckStrings(ReadOnlySpan<byte> utf8, IReadOnlyList<object> where, bool allowNul)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = Strict.MaxDepth });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
                {
                    continue;
                }

                if (reader.ValueIsEscaped && reader.GetString()!.Contains('\0') && !allowNul)
                {
                    throw Invalid(where, reader.TokenStartIndex, "a string holds a NUL character");
                }
            }
        }
        catch (InvalidOperationException)
        {
            throw Invalid(where, reader.TokenStartIndex, "a string holds half of a surrogate pair");
        }
        catch (JsonException)
        {
            // The parser proper tells where and why.
        }
    }

    private static RequestException Invalid(IReadOnlyList<object> where, long position, string reason) =>
        RequestException.Of([.. where, position], "json_invalid", $"JSON decode error: {reason}");

    /// <summary>The position in characters, as Python's parser counts.</summary>
    private static long Position(ReadOnlySpan<byte> utf8, JsonException exception)
    {
        var start = 0;
        for (var line = exception.LineNumber ?? 0; line > 0; line--)
        {
            var next = utf8[start..].IndexOf((byte)'\n');
            if (next < 0)
            {
                break;
            }

            start += next + 1;
        }

        var end = (int)Math.Min(utf8.Length, start + (exception.BytePositionInLine ?? 0));
        return Encoding.UTF8.GetCharCount(utf8[..end]);
    }

    private static string Reason(JsonException exception)
    {
        var message = exception.Message;
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end > 0 ? message[..end] : message;
    }
}
