using Tributary.Extraction.Formats;
using Tributary.Extraction.Mail;

namespace Tributary.Extraction.Archives;

/// <summary>The attachments of mails, those of messages inside included; the messages themselves are text of the mail.</summary>
internal sealed class MailMembers(ExtractionLimits limits)
{
    private const int MaxDepth = 10;

    public async IAsyncEnumerable<RawMember> Read(
        FileProbe probe,
        Stream content,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await Task.CompletedTask;
        var members =
            probe.Compound is { } compound ? OutlookAttachments(new OutlookMessage(compound, "", limits), 0)
            : MailProbe.IsMbox(probe)
                ? MboxFormat
                    .Messages(content, limits, cancellationToken)
                    .SelectMany(message => Attachments(message, content))
            : Attachments(MimeReader.Read(content, 0, content.Length, limits, cancellationToken), content);
        foreach (var member in members)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return member;
        }
    }

    private static IEnumerable<RawMember> Attachments(MimePart message, Stream content)
    {
        var open = new Stack<MimePart>([message]);
        while (open.TryPop(out var part))
        {
            foreach (var child in Enumerable.Reverse(part.Parts))
            {
                open.Push(child);
            }

            if (part.Parts.Count == 0 && part.IsAttachment)
            {
                yield return new RawMember(
                    FileNameOf(part),
                    null,
                    () => MimeReader.Open(content, part),
                    part.MediaType
                );
            }
        }
    }

    private static string FileNameOf(MimePart part)
    {
        var name = TextCleaner.OneLine(part.FileName ?? "").Replace('/', '_').Replace('\\', '_');
        if (name.Length > 0)
        {
            return name;
        }

        var slash = part.MediaType.IndexOf('/');
        return part.MediaType switch
        {
            "message/rfc822" => "message.eml",
            "text/plain" => "attachment.txt",
            _ => $"attachment.{part.MediaType[(slash + 1)..]}",
        };
    }

    private static IEnumerable<RawMember> OutlookAttachments(OutlookMessage message, int depth)
    {
        foreach (var attachment in message.Attachments)
        {
            if (attachment.Embedded is { } embedded)
            {
                foreach (var inner in depth < MaxDepth ? OutlookAttachments(embedded, depth + 1) : [])
                {
                    yield return inner;
                }
            }
            else if (attachment.Content is { } bytes)
            {
                var name = TextCleaner
                    .OneLine(attachment.FileName ?? "attachment")
                    .Replace('/', '_')
                    .Replace('\\', '_');
                yield return new RawMember(name, null, () => new MemoryStream(bytes));
            }
        }
    }
}
