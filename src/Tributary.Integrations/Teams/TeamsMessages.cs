using System.Globalization;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Teams;

/// <summary>The messages of a channel.</summary>
internal sealed class TeamsMessages(ReaderContext context, TeamsConfig config)
{
    private const int MessagesPerPage = 50;
    private const int MostReplies = 5_000;

    // System messages by their own name, not as an unknown value.
    public const string Preferences = "include-unknown-enum-members";

    /// <summary>Every post, with its replies where they are wanted.</summary>
    public IAsyncEnumerable<Page<GraphCollection<ChatMessage>>> AllAsync(
        TeamChannel channel,
        bool withReplies,
        string? from,
        CancellationToken cancellationToken
    ) =>
        PagesAsync(
            config.Root.At(
                $"teams/{channel.TeamId}/channels/{channel.Channel.Id}/messages",
                ("$top", MessagesPerPage),
                ("$expand", withReplies ? "replies" : null)
            ),
            from,
            cancellationToken
        );

    /// <summary>Posts that were written, changed, answered or deleted after a time; eight months back at most.</summary>
    public IAsyncEnumerable<Page<GraphCollection<ChatMessage>>> ChangedAsync(
        TeamChannel channel,
        DateTimeOffset since,
        string? from,
        CancellationToken cancellationToken
    ) =>
        PagesAsync(
            config.Root.At(
                $"teams/{channel.TeamId}/channels/{channel.Channel.Id}/messages/delta",
                (
                    "$filter",
                    $"lastModifiedDateTime gt {since.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)}"
                ),
                ("$top", MessagesPerPage)
            ),
            from,
            cancellationToken
        );

    public Task<ChatMessage> OneAsync(TeamChannel channel, string id, CancellationToken cancellationToken) =>
        context.Http.GraphAsync(
            config.Root.At($"teams/{channel.TeamId}/channels/{channel.Channel.Id}/messages/{id}"),
            TeamsJson.Default.ChatMessage,
            cancellationToken
        );

    /// <summary>The replies to a post, of which a row may have all.</summary>
    public async Task<IReadOnlyList<ChatMessage>> RepliesAsync(
        TeamChannel channel,
        ChatMessage root,
        CancellationToken cancellationToken
    ) =>
        root is { Replies: { } given, MoreReplies: null }
            ? given
            : await RepliesAsync(channel, root.Id, cancellationToken);

    /// <summary>The replies to a post, five thousand at most.</summary>
    private async Task<IReadOnlyList<ChatMessage>> RepliesAsync(
        TeamChannel channel,
        string root,
        CancellationToken cancellationToken
    )
    {
        var replies = context.Http.GraphItemsAsync(
            config.Root.At(
                $"teams/{channel.TeamId}/channels/{channel.Channel.Id}/messages/{root}/replies",
                ("$top", MessagesPerPage)
            ),
            TeamsJson.Default.GraphCollectionChatMessage,
            cancellationToken,
            Preferences
        );
        return await replies.Take(MostReplies).ToListAsync(cancellationToken);
    }

    private IAsyncEnumerable<Page<GraphCollection<ChatMessage>>> PagesAsync(
        Uri first,
        string? from,
        CancellationToken cancellationToken
    ) =>
        context.Http.GraphPagesAsync(
            first,
            TeamsJson.Default.GraphCollectionChatMessage,
            from,
            cancellationToken,
            Preferences
        );
}
