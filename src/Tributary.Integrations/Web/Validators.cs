using System.Globalization;
using System.Net.Http.Headers;

namespace Tributary.Integrations.Web;

/// <summary>
/// What a server says about the state of a page (ETag, Last-Modified), packed as a document's version, with a fingerprint
/// of the settings that shape the text: equal versions mean equal documents.
/// </summary>
internal sealed record Validators(string? ETag, string? LastModified)
{
    private const int MaxLength = 500;

    /// <summary>The version of an answer; null when it carries nothing to rely on.</summary>
    public static string? Pack(string fingerprint, HttpResponseMessage response)
    {
        var etag = Only(response.Headers.NonValidated, "ETag");
        var lastModified = Only(response.Content.Headers.NonValidated, "Last-Modified");
        DateTimeOffset? modified = DateTimeOffset.TryParse(
            lastModified,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var parsed
        )
            ? parsed
            : null;

        // RFC 9110, 8.8.2.2: within the second of the change a second change would have the same time, and so the same
        // ETag where that is made of the time (nginx writes it in hexadecimal).
        var isSettled = modified is { } at && response.Headers.Date is { } now && now - at >= TimeSpan.FromSeconds(1);
        var isMadeOfTime =
            modified is { } time
            && etag?.Contains(
                time.ToUnixTimeSeconds().ToString("x", CultureInfo.InvariantCulture),
                StringComparison.Ordinal
            ) == true;
        if (!isSettled)
        {
            lastModified = null;
            etag = isMadeOfTime ? null : etag;
        }

        return etag is null && lastModified is null ? null : $"{fingerprint}\n{etag}\n{lastModified}";
    }

    /// <summary>What to ask the server with; null when the version is not one of these settings'.</summary>
    public static Validators? Unpack(string fingerprint, string? version) =>
        version?.Split('\n') is [var of, var etag, var lastModified] && of == fingerprint
            ? new Validators(etag.Length > 0 ? etag : null, lastModified.Length > 0 ? lastModified : null)
            : null;

    private static string? Only(HttpHeadersNonValidated headers, string name) =>
        headers.TryGetValues(name, out var values)
        && values.Count == 1
        && values.ToString() is { Length: > 0 and <= MaxLength } value
            ? value
            : null;
}
