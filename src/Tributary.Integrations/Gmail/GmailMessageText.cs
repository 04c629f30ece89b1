using System.Buffers.Text;
using System.Text;
using System.Text.RegularExpressions;
using Tributary.Sdk;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Markup;

namespace Tributary.Integrations.Gmail;

/// <summary>What the parts of a message say.</summary>
internal static partial class GmailMessageText
{
    private const int MostAddresses = 500;

    /// <summary>The text of a message without what it quotes: of alternatives the plain one, else that of the page.</summary>
    /// <param name="part">The message's payload.</param>
    /// <param name="html">For pages.</param>
    /// <param name="load">Fetches a body that did not come with the message.</param>
    public static async Task<string> OfAsync(
        GmailPart? part,
        IHtmlConverter html,
        Func<GmailPart, Task<byte[]>> load
    ) => QuotedMail.Trim(await TextAsync(part, html, load));

    private static async Task<string> TextAsync(
        GmailPart? part,
        IHtmlConverter html,
        Func<GmailPart, Task<byte[]>> load
    )
    {
        if (part is null || IsFile(part))
        {
            return "";
        }

        var kind = part.MimeType?.ToLowerInvariant() ?? "text/plain";
        if (kind is "text/plain" or "text/html")
        {
            var text = Decode(await load(part), part.Header("Content-Type"));
            return kind == "text/plain" ? text : PageText(text, html);
        }

        var texts = new List<string>();
        var isEither = kind == "multipart/alternative";
        var children = part.Parts ?? [];
        foreach (
            var child in isEither ? children.OrderBy(child => child.MimeType != "text/plain") : children.AsEnumerable()
        )
        {
            var text = await TextAsync(child, html, load);
            if (!string.IsNullOrWhiteSpace(text))
            {
                texts.Add(text);
                if (isEither)
                {
                    break;
                }
            }
        }

        return string.Join("\n\n", texts);
    }

    /// <summary>Attached files; images that belong into the text are none.</summary>
    public static IEnumerable<GmailPart> FilesOf(GmailPart? part) =>
        part is null ? []
        : IsFile(part)
            ? IsInlineImage(part) ? []
                : [part]
        : (part.Parts ?? []).SelectMany(FilesOf);

    /// <summary>People of an address header; commas in quoted names part nobody.</summary>
    public static IEnumerable<Owner> People(string? header) =>
        Address()
            .Matches(header ?? "")
            .Take(MostAddresses)
            .Select(match => match.Value.Trim())
            .Where(text => text.Length > 0)
            .Select(text =>
            {
                var open = text.LastIndexOf('<');
                var email = (open < 0 ? text : text[(open + 1)..].TrimEnd('>', ' ')).ToLowerInvariant();
                var name =
                    open > 0 ? text[..open].Trim().Trim('"').Replace("\\\"", "\"", StringComparison.Ordinal) : "";
                return new Owner(name.Length > 0 ? name : null, email);
            });

    /// <summary>Bytes of a body, in base64url with or without padding; the common alphabet is understood, too.</summary>
    /// <exception cref="SourceException">It is no base64.</exception>
    public static byte[] Bytes(string data)
    {
        try
        {
            return Base64Url.DecodeFromChars(data.Replace('+', '-').Replace('/', '_').TrimEnd('='));
        }
        catch (FormatException exception)
        {
            throw new SourceException(
                FailureKind.Source,
                "Gmail answered a body that is not in base64url, so that its text cannot be read.",
                exception
            );
        }
    }

    private static bool IsFile(GmailPart part) => !string.IsNullOrEmpty(part.Filename);

    private static bool IsInlineImage(GmailPart part) =>
        part.MimeType?.StartsWith("image/", StringComparison.OrdinalIgnoreCase) == true
        && (
            part.Header("Content-ID") is not null
            || part.Header("Content-Disposition")?.StartsWith("inline", StringComparison.OrdinalIgnoreCase) == true
        );

    private static string PageText(string text, IHtmlConverter html)
    {
        var page = html.Convert(
            Encoding.UTF8.GetBytes(text),
            new HtmlOptions
            {
                Charset = "utf-8",
                MainContentOnly = false,
                DocumentationCleanup = false,
                SectionPerHeading = false,
            }
        );
        return string.Join("\n\n", page.Sections.Select(section => section.Text));
    }

    /// <summary>Mostly UTF-8, whatever the header says; where it is not, the header is believed.</summary>
    private static string Decode(byte[] bytes, string? contentType)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            var charset = Charset().Match(contentType ?? "").Groups[1].Value;
            return (CodePagesEncodingProvider.Instance.GetEncoding(charset) ?? Encoding.Latin1).GetString(bytes);
        }
    }

    [GeneratedRegex("charset=\"?([^\";\\s]+)", RegexOptions.IgnoreCase)]
    private static partial Regex Charset();

    [GeneratedRegex("(?:\"(?:[^\"\\\\]|\\\\.)*\"|<[^>]*>|[^,\"<])+", RegexOptions.NonBacktracking)]
    private static partial Regex Address();
}
