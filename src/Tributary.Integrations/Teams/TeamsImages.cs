using System.Net;
using System.Text.RegularExpressions;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Teams;

/// <summary>Pictures that were pasted into messages; what is written in them is recognised.</summary>
internal sealed partial class TeamsImages(ReaderContext context, TeamsConfig config)
{
    /// <summary>The pictures of a message that is shown: their ids, and those of their documents.</summary>
    public IEnumerable<(string HostedId, string DocumentId)> Of(TeamChannel channel, ChatMessage message) =>
        !config.IncludeInlineImages || !message.IsLive
            ? []
            : Source()
                .Matches(message.Body?.Content ?? "")
                .Select(match => Uri.UnescapeDataString(WebUtility.HtmlDecode(match.Groups[1].Value)))
                .Distinct()
                .Select(hosted => (hosted, $"teams-image:{channel.IdOf(message.Id)}:{GraphMarks.MarkOf(hosted)}"));

    /// <summary>A picture never changes; who may read it does.</summary>
    public static string VersionOf(ChannelReaders readers) => readers.Mark;

    public async Task<ReadItem> ReadAsync(
        TeamChannel channel,
        ChannelReaders readers,
        ChatMessage message,
        string hostedId,
        string documentId,
        CancellationToken cancellationToken
    )
    {
        var posts = $"teams/{channel.TeamId}/channels/{Uri.EscapeDataString(channel.Channel.Id)}/messages";
        var place = message.ReplyToId is { } root ? $"{posts}/{root}/replies/{message.Id}" : $"{posts}/{message.Id}";
        var below = new Uri($"{config.Root.AbsoluteUri.TrimEnd('/')}/{place}");
        return new ReadItem.Found(
            new Document
            {
                Id = documentId,
                Title = $"Picture by {message.Author} in {channel.Name}",
                Link = message.WebUrl,
                File = await context.Http.GraphFileAsync(
                    below.At($"hostedContents/{hostedId}/$value"),
                    "picture",
                    null,
                    null,
                    cancellationToken
                ),
                Version = VersionOf(readers),
                CreatedAt = message.CreatedDateTime,
                UpdatedAt = message.ChangedAt,
                PrimaryOwners = [TeamsMapping.OwnerOf(message, readers.Addresses)],
                Metadata = new Dictionary<string, MetadataValue>
                {
                    ["team"] = channel.Team,
                    ["channel"] = channel.Name,
                    ["type"] = "picture",
                },
                Access = readers.Access,
            }
        );
    }

    [GeneratedRegex("""<img[^>]+/hostedContents/([^/"'?\s>]+)/\$value""", RegexOptions.IgnoreCase)]
    private static partial Regex Source();
}
