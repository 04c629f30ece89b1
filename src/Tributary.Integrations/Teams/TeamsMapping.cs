using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Teams;

/// <summary>Makes documents of posts with their replies.</summary>
internal sealed partial class TeamsMapping(ReaderContext context)
{
    private const int TitleCharacters = 50;
    private const int MostCardDepth = 20;

    /// <summary>The thread's state: when it last changed, how much of it there is, and for whom.</summary>
    public static string VersionOf(ChatMessage root, IReadOnlyList<ChatMessage> replies, ChannelReaders readers) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{replies.Prepend(root).Max(message => message.ChangedAt)?.UtcDateTime:O} {replies.Count(reply => reply.IsLive)} {readers.Mark}"
        );

    public Document DocumentOf(
        TeamChannel channel,
        ChannelReaders readers,
        ChatMessage root,
        IReadOnlyList<ChatMessage> replies
    )
    {
        var messages = replies
            .Where(reply => reply.IsLive)
            .OrderBy(reply => reply.CreatedDateTime)
            .Prepend(root)
            .ToList();
        var authors = OwnersOf(messages, readers);
        return new Document
        {
            Id = channel.IdOf(root.Id),
            Title = TitleOf(channel, root),
            Link = root.WebUrl,
            Sections = [.. messages.Select(SectionOf)],
            Version = VersionOf(root, replies, readers),
            CreatedAt = root.CreatedDateTime,
            UpdatedAt = replies.Prepend(root).Max(message => message.ChangedAt),
            PrimaryOwners = [.. authors.Take(1)],
            SecondaryOwners = [.. authors.Skip(1)],
            Metadata = new Dictionary<string, MetadataValue>
            {
                ["team"] = channel.Team,
                ["channel"] = channel.Name,
                ["membershipType"] = channel.Channel.MembershipType ?? "standard",
            },
            Access = readers.Access,
        };
    }

    private string TitleOf(TeamChannel channel, ChatMessage root)
    {
        var text = new StringInfo(TextOf(root).ReplaceLineEndings(" "));
        var start = text.SubstringByTextElements(0, Math.Min(TitleCharacters, text.LengthInTextElements));
        string?[] about = [root.Subject?.Trim(), start];
        var what = string.Join(": ", about.Where(part => !string.IsNullOrWhiteSpace(part)));
        return $"{root.Author} in {channel.Name}" + (what.Length > 0 ? $" about {what}" : "");
    }

    /// <summary>A meeting's chat.</summary>
    public Document DocumentOf(MeetingChat chat, ChannelReaders readers, IReadOnlyList<ChatMessage> messages)
    {
        var ordered = messages.OrderBy(message => message.CreatedDateTime).ToList();
        var authors = OwnersOf(ordered, readers);
        return new Document
        {
            Id = chat.DocumentId,
            Title = chat.Name,
            Link = chat.WebUrl,
            Sections = [.. ordered.Select(SectionOf)],
            CreatedAt = chat.CreatedDateTime,
            UpdatedAt = ordered.Max(message => message.ChangedAt),
            PrimaryOwners = [.. authors.Take(1)],
            SecondaryOwners = [.. authors.Skip(1)],
            Metadata = new Dictionary<string, MetadataValue> { ["meeting"] = chat.Name, ["type"] = "meeting chat" },
            Access = readers.Access,
        };
    }

    private static List<Owner> OwnersOf(IEnumerable<ChatMessage> messages, ChannelReaders readers) =>
        [.. messages.Select(message => OwnerOf(message, readers.Addresses)).Distinct()];

    private Section SectionOf(ChatMessage message)
    {
        var lines = $"From: {message.Author}\nDate: {message.CreatedDateTime?.UtcDateTime:yyyy-MM-dd HH:mm} UTC";
        return new Section($"{lines}\n\n{TextOf(message)}".Trim(), message.WebUrl);
    }

    public static Owner OwnerOf(ChatMessage message, IReadOnlyDictionary<string, string> addresses) =>
        new(message.Author, message.From?.User?.Id is { } id ? addresses.GetValueOrDefault(id) : null);

    private string TextOf(ChatMessage message)
    {
        var body = message.Body?.Content ?? "";
        var text = string.Equals(message.Body?.ContentType, "html", StringComparison.OrdinalIgnoreCase)
            ? GraphText.Of(context.Html, Plain(body))
            : body.Trim();
        var cards = (message.Attachments ?? [])
            .Where(attachment => attachment.ContentType?.Contains("card", StringComparison.OrdinalIgnoreCase) == true)
            .Select(attachment => CardText(attachment.Content))
            .Where(card => card.Length > 0);
        var files = (message.Attachments ?? [])
            .Where(attachment => attachment is { ContentType: "reference", Name.Length: > 0 })
            .Select(attachment =>
                attachment.ContentUrl is { } address ? $"[{attachment.Name}]({address})" : attachment.Name!
            );
        return string.Join("\n\n", cards.Prepend(text).Concat(files).Where(part => part.Length > 0));
    }

    /// <summary>Elements of Teams' own as those that HTML knows.</summary>
    private static string Plain(string html)
    {
        html = Emoji().Replace(html, match => WebUtility.HtmlEncode(WebUtility.HtmlDecode(match.Groups[1].Value)));
        html = AttachmentMark().Replace(html, "");
        html = At().Replace(html, "@$1");
        return html.Replace("<codeblock", "<pre", StringComparison.OrdinalIgnoreCase)
            .Replace("</codeblock>", "</pre>", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What a card says: the texts of its JSON, in order.</summary>
    private static string CardText(string? json)
    {
        try
        {
            using var card = JsonDocument.Parse(json ?? "");
            return string.Join("\n", TextsOf(card.RootElement, 0).Distinct());
        }
        catch (JsonException)
        {
            return "";
        }
    }

    private static IEnumerable<string> TextsOf(JsonElement element, int depth)
    {
        if (depth > MostCardDepth)
        {
            yield break;
        }

        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var text in element.EnumerateArray().SelectMany(child => TextsOf(child, depth + 1)))
            {
                yield return text;
            }
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (var member in element.EnumerateObject())
        {
            if (
                member.Value.ValueKind == JsonValueKind.String
                && member.Name is "text" or "title" or "subtitle" or "value"
            )
            {
                yield return member.Value.ToString();
            }

            foreach (var text in TextsOf(member.Value, depth + 1))
            {
                yield return text;
            }
        }
    }

    [GeneratedRegex("<emoji[^>]*?\\salt=\"([^\"]*)\"[^>]*>(?:</emoji>)?", RegexOptions.IgnoreCase)]
    private static partial Regex Emoji();

    [GeneratedRegex("<attachment[^>]*>(?:</attachment>)?", RegexOptions.IgnoreCase)]
    private static partial Regex AttachmentMark();

    [GeneratedRegex("<at[^>]*>([^<]*)</at>", RegexOptions.IgnoreCase)]
    private static partial Regex At();
}
