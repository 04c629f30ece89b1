using Tributary.Sdk;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Discourse;

/// <summary>Makes documents of topics: one section for each post.</summary>
internal sealed class DiscourseMapping(ReaderContext context, Uri root, DiscourseForum forum)
{
    private const int UsualChunk = 20;
    private readonly Dictionary<int, DocumentAccess> _access = [];

    public async Task<ReadItem> ReadAsync(ListedTopic listed, CancellationToken cancellationToken)
    {
        var topic = await context.Http.GetJsonAsync(
            root.At($"t/{listed.Id}.json"),
            DiscourseJson.Default.Topic,
            cancellationToken
        );
        var id = listed.DocumentId;
        if (topic.DeletedAt is not null)
        {
            return new ReadItem.Deleted(id);
        }

        var posts = await PostsAsync(topic, cancellationToken);
        var authors = posts.Select(post => post.Author).Distinct().ToList();
        return new ReadItem.Found(
            new Document
            {
                Id = id,
                Title = topic.Title,
                Link = LinkTo(topic).AbsoluteUri,
                Sections = [.. posts.Select(post => SectionOf(topic, post)).Where(section => section.Text.Length > 0)],
                Version = listed.Version,
                CreatedAt = topic.CreatedAt,
                UpdatedAt = posts.Select(post => post.UpdatedAt).Max() ?? listed.BumpedAt,
                PrimaryOwners = [.. authors.Take(1).Select(name => new Owner(name))],
                SecondaryOwners = [.. authors.Skip(1).Select(name => new Owner(name))],
                Metadata = new Dictionary<string, MetadataValue>
                {
                    ["category"] = forum.NameOf(topic.CategoryId) ?? "",
                    ["tags"] = MetadataValue.FromList(topic.TagNames),
                    ["author"] = authors.FirstOrDefault() ?? "",
                    ["reply_count"] = $"{topic.ReplyCount ?? 0}",
                    ["views"] = $"{topic.Views ?? 0}",
                    ["like_count"] = $"{topic.LikeCount ?? 0}",
                    ["closed"] = topic.Closed == true ? "true" : "false",
                    ["solved"] = posts.Any(post => post.AcceptedAnswer == true) ? "true" : "false",
                },
                Access = await AccessAsync(topic.CategoryId, cancellationToken),
            }
        );
    }

    /// <summary>The topic's answer has the first posts only, and the ids of all.</summary>
    private async Task<IReadOnlyList<Post>> PostsAsync(Topic topic, CancellationToken cancellationToken)
    {
        var posts = topic.PostStream.Posts.ToList();
        var missing = (topic.PostStream.Stream ?? []).Except(posts.Select(post => post.Id));
        foreach (var chunk in missing.Chunk(topic.ChunkSize is > 0 and var size ? size : UsualChunk))
        {
            var more = await context.Http.GetJsonAsync(
                root.At($"t/{topic.Id}/posts.json", ("post_ids[]", chunk)),
                DiscourseJson.Default.PostsAnswer,
                cancellationToken
            );
            posts.AddRange(more.PostStream.Posts);
        }

        return [.. posts.Where(post => post.IsPublic).OrderBy(post => post.PostNumber)];
    }

    private Section SectionOf(Topic topic, Post post)
    {
        var link = new Uri($"{LinkTo(topic)}/{post.PostNumber}");
        return new Section(context.Html.ToMarkdown(post.Cooked ?? "", link.AbsoluteUri), link.AbsoluteUri, post.Author);
    }

    private Uri LinkTo(Topic topic) =>
        topic.Slug is { Length: > 0 } slug ? root.At($"t/{slug}/{topic.Id}") : root.At($"t/{topic.Id}");

    /// <summary>Who may see a category's topics: nobody, where it is restricted and the key may not know to whom.</summary>
    private async Task<DocumentAccess> AccessAsync(int? categoryId, CancellationToken cancellationToken)
    {
        if (
            categoryId is not { } id
            || !forum.Categories.TryGetValue(id, out var category)
            || category.ReadRestricted != true
        )
        {
            return new DocumentAccess(forum.IsOpen, [], []);
        }

        if (!_access.TryGetValue(id, out var access))
        {
            access = _access[id] = new DocumentAccess(false, [], await GroupsAsync(id, cancellationToken));
        }

        return access;
    }

    private async Task<IReadOnlyList<string>> GroupsAsync(int categoryId, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await context.Http.GetJsonAsync(
                root.At($"c/{categoryId}/show.json"),
                DiscourseJson.Default.CategoryAnswer,
                cancellationToken
            );
            return
            [
                .. (answer.Category.GroupPermissions ?? [])
                    .Select(permission => permission.GroupName)
                    .OfType<string>()
                    .Select(name => $"discourse_{name}"),
            ];
        }
        catch (SourceException exception)
            when (exception.Status is not null && exception.Kind is not FailureKind.Transient)
        {
            return [];
        }
    }
}
