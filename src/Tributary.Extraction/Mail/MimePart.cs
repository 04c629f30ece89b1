namespace Tributary.Extraction.Mail;

/// <summary>One part of a message: its header, and where its body lies in the file.</summary>
internal sealed class MimePart
{
    public required MimeHeaders Headers { get; init; }

    /// <summary>Where the body begins.</summary>
    public long Start { get; init; }

    /// <summary>Where it ends.</summary>
    public long End { get; set; }

    /// <summary>The parts of a multipart, or the one message of a message/rfc822.</summary>
    public List<MimePart> Parts { get; } = [];

    /// <summary>Lower case, without parameters; text/plain when nothing is said (RFC 2045, 5.2).</summary>
    public string MediaType => Headers.Value("Content-Type") is { Length: > 0 } type ? type : "text/plain";

    /// <summary>The name that the part wants to be saved under; null when it has none.</summary>
    public string? FileName =>
        Headers.Parameter("Content-Disposition", "filename") ?? Headers.Parameter("Content-Type", "name");

    /// <summary>Something to save rather than to read: marked so, or named, or no text at all.</summary>
    public bool IsAttachment
    {
        get
        {
            if (MediaType.StartsWith("multipart/", StringComparison.Ordinal) || IsMessage && FileName is null)
            {
                return false;
            }

            var isText = MediaType is "text/plain" or "text/html" or "text/calendar";
            var disposition = Headers.Value("Content-Disposition");
            return disposition == "attachment"
                || !isText && !IsMessage
                || FileName is not null && disposition != "inline";
        }
    }

    /// <summary>A message inside a message.</summary>
    public bool IsMessage => MediaType is "message/rfc822" or "message/global";
}
