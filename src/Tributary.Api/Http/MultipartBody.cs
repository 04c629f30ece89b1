using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Tributary.Sdk.Content;

namespace Tributary.Api.Http;

/// <summary>Reads multipart/form-data part by part as it arrives, so that files of any size pass through without being held.</summary>
internal static class MultipartBody
{
    private const int MaxParts = 10_000;

    /// <summary>The parts in the order of arrival; a part's stream ends when the next part is asked for.</summary>
    /// <param name="http">The request.</param>
    /// <param name="maxPartBytes">The largest part.</param>
    /// <exception cref="RequestException">422 when the body is not multipart/form-data or is broken off; 413 when a part is too large.</exception>
    public static async IAsyncEnumerable<MultipartPart> ReadAsync(HttpContext http, long maxPartBytes)
    {
        JsonBody.Limit(http, null);
        if (
            !MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= 200 } boundary
        )
        {
            throw RequestException.Of(
                ["body"],
                "multipart_invalid",
                "Input should be multipart/form-data with a boundary"
            );
        }

        var reader = new MultipartReader(boundary.ToString(), http.Request.Body)
        {
            HeadersCountLimit = 16,
            HeadersLengthLimit = 16 * 1024,
        };
        for (var count = 0; await NextAsync(reader, http.RequestAborted) is { } section; count++)
        {
            if (count == MaxParts)
            {
                throw new RequestException(413, $"The request has too many parts: at most {MaxParts} are accepted.");
            }

            if (
                ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
                && HeaderUtilities.RemoveQuotes(disposition.Name) is { Length: > 0 } name
            )
            {
                yield return new MultipartPart(
                    name.ToString(),
                    FileName(disposition),
                    section.ContentType,
                    new ByteLimitStream(section.Body, maxPartBytes, () => JsonBody.TooLarge(maxPartBytes))
                );
            }
        }
    }

    private static async Task<MultipartSection?> NextAsync(MultipartReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadNextSectionAsync(cancellationToken);
        }
        catch (Exception exception) when (IsBroken(exception))
        {
            throw Broken(exception);
        }
    }

    /// <summary>Whether an exception of a part's stream means that the sender made a mistake.</summary>
    public static bool IsBroken(Exception exception) =>
        exception is InvalidDataException or (IOException and not BadHttpRequestException);

    /// <summary>422.</summary>
    public static RequestException Broken(Exception exception) =>
        RequestException.Of(["body"], "multipart_invalid", $"The multipart body cannot be read: {exception.Message}");

    private static string? FileName(ContentDispositionHeaderValue disposition)
    {
        var name = disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName;
        if (HeaderUtilities.RemoveQuotes(name) is not { Length: > 0 } given)
        {
            return null;
        }

        // Some clients send whole paths; a name is never used as one, but people read it.
        var text = new string([.. given.ToString().Where(letter => !char.IsControl(letter))]);
        text = text[(text.LastIndexOfAny(['/', '\\']) + 1)..];
        return text.Length == 0 ? null : text[^Math.Min(text.Length, 255)..];
    }
}

/// <summary>One part of a form.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="FileName">The file's name without folders; null when it is not a file.</param>
/// <param name="ContentType">As claimed.</param>
/// <param name="Content">The content, to be read before the next part is asked for.</param>
internal sealed record MultipartPart(string Name, string? FileName, string? ContentType, Stream Content)
{
    /// <summary>The content as bytes.</summary>
    /// <param name="maxBytes">413 beyond.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<byte[]> ReadBytesAsync(long maxBytes, CancellationToken cancellationToken)
    {
        using var copy = new MemoryStream();
        try
        {
            await new ByteLimitStream(Content, maxBytes, () => JsonBody.TooLarge(maxBytes)).CopyToAsync(
                copy,
                cancellationToken
            );
        }
        catch (Exception exception) when (MultipartBody.IsBroken(exception))
        {
            throw MultipartBody.Broken(exception);
        }

        return copy.ToArray();
    }
}
