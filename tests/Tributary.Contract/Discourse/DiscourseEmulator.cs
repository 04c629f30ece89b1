using Tributary.Contract.Emulators;
using Tributary.Integrations.Discourse;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.Discourse;

/// <summary>A Discourse forum: items are topics, places are categories, replies are posts.</summary>
public sealed class DiscourseEmulator : VendorEmulator
{
    private const string Key = "0123456789abcdef";
    private const int PostsPerAnswer = 20;

    /// <summary>What the server has configured as its largest page.</summary>
    public int MaxTopics { get; set; } = 10;

    /// <summary>Categories that the acting user has muted.</summary>
    public HashSet<int> Muted { get; } = [];

    /// <summary>It knows neither lists of a category's topics nor an upper bound of them, and hands over all.</summary>
    public bool IgnoresCategories { get; set; }

    /// <summary>Its description of the site has no categories, as on very large forums.</summary>
    public bool IsLazy { get; set; }

    /// <summary>It says as little as it may, and null for the rest.</summary>
    public bool IsTaciturn { get; set; }

    public override object Config => new DiscourseConfig { BaseUrl = Root.AbsoluteUri };

    public override object Credentials =>
        new DiscourseCredentials { DiscourseApiKey = Key, DiscourseApiUsername = "system" };

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new(
                "a wrong key",
                Config,
                new DiscourseCredentials { DiscourseApiKey = "wrong", DiscourseApiUsername = "system" },
                FailureKind.Credentials
            ),
            new("another address", new DiscourseConfig { BaseUrl = Root + "/shop" }, null, FailureKind.Configuration),
            new(
                "an unknown category",
                new DiscourseConfig { BaseUrl = Root.AbsoluteUri, Categories = ["Gardening"] },
                null,
                FailureKind.Configuration
            ),
        ];

    protected override IReadOnlyList<string> Vendors => ["discourse"];

    protected override string Prefix => "/forum";

    protected override EmulatorAnswer? Refuse(EmulatorCall call) =>
        call.Header("Api-Key") is null or Key && call.Header("Api-Username") is not ""
            ? null
            : Error(403, "invalid_access", "You are not permitted to view the requested resource.");

    protected override EmulatorAnswer NotFound() => Error(404, "not_found", "The requested URL could not be found.");

    protected override void Map(EmulatorRoutes routes)
    {
        routes.Get(
            "/site/basic-info.json",
            _ =>
                IsTaciturn
                    ? NotFound()
                    : EmulatorAnswer.Json(new { title = "The company’s forum", login_required = false })
        );
        routes.Get("/site.json", call => IsLazy ? NotFound() : EmulatorAnswer.Json(SiteOf(call)));
        routes.Get("/categories.json", call => EmulatorAnswer.Json(CategoriesOf(call)));
        routes.Get("/c/{id}/show.json", call => EmulatorAnswer.Json(CategoryOf(call)));
        routes.Get("/search.json", call => EmulatorAnswer.Json(HitsOf(call)));
        routes.Get("/latest.json", call => EmulatorAnswer.Json(LatestOf(call)));
        routes.Get("/t/{id}.json", call => Topic(call) is { } topic ? TopicOf(topic) : NotFound());
        routes.Get("/t/{id}/posts.json", call => Topic(call) is { } topic ? PostsOf(topic, call) : NotFound());
    }

    private CompanyItem? Topic(EmulatorCall call) =>
        Company.Find(call.Id()) is { } item && IsVisible(item, call) ? item : null;

    private static bool IsAdmin(EmulatorCall call) => call.Header("Api-Key") is not null;

    private IEnumerable<CompanyItem> Visible(EmulatorCall call) => Company.Items.Where(item => IsVisible(item, call));

    private bool IsVisible(CompanyItem item, EmulatorCall call) =>
        IsAdmin(call) || !Company.PlaceOf(item.PlaceId).IsPrivate;

    private object SiteOf(EmulatorCall call) =>
        new
        {
            groups = new[] { new { id = 41, name = "board" } },
            categories = Company
                .Places.Where(place => IsAdmin(call) || !place.IsPrivate)
                .Select(place =>
                    EmulatorAnswer.Sparse(
                        new
                        {
                            id = place.Id,
                            name = place.Name,
                            slug = place.Slug,
                            parent_category_id = place.ParentId,
                            read_restricted = place.IsPrivate,
                            notification_level = Muted.Contains(place.Id) ? 0 : 1,
                        }
                    )
                ),
        };

    /// <summary>Two to a page, with those below them.</summary>
    private object CategoriesOf(EmulatorCall call)
    {
        const int Size = 2;
        var all = Company.Places.Where(place => IsAdmin(call) || !place.IsPrivate).ToList();
        return new
        {
            category_list = new
            {
                categories = all.Where(place => place.ParentId is null)
                    .Skip((call.Number("page", 1) - 1) * Size)
                    .Take(Size)
                    .Select(place => new
                    {
                        id = place.Id,
                        name = place.Name,
                        slug = place.Slug,
                        read_restricted = place.IsPrivate,
                        subcategory_list = all.Where(below => below.ParentId == place.Id)
                            .Select(below => new
                            {
                                id = below.Id,
                                name = below.Name,
                                slug = below.Slug,
                                read_restricted = below.IsPrivate,
                            }),
                    }),
            },
        };
    }

    private object CategoryOf(EmulatorCall call) =>
        new
        {
            category = new
            {
                id = call.Id(),
                name = Company.PlaceOf(call.Id()).Name,
                slug = Company.PlaceOf(call.Id()).Slug,
                read_restricted = Company.PlaceOf(call.Id()).IsPrivate,
                group_permissions = new[]
                {
                    new
                    {
                        permission_type = 1,
                        group_name = "board",
                        group_id = 41,
                    },
                },
            },
        };

    private object HitsOf(EmulatorCall call)
    {
        var found = Visible(call).Intersect(Company.With(call.Query("q")!)).ToList();
        return new
        {
            topics = found.Select(ListedOf),
            posts = found.Select(item => new
            {
                id = 1000 * item.Id,
                topic_id = item.Id,
                blurb = item.Text,
            }),
            users = Array.Empty<object>(),
            categories = Array.Empty<object>(),
            tags = Array.Empty<object>(),
            groups = Array.Empty<object>(),
            grouped_search_result = new { term = call.Query("q"), can_create_topic = false },
        };
    }

    private object LatestOf(EmulatorCall call)
    {
        var category = IgnoresCategories ? 0 : call.Number("category", 0);
        var before =
            DateTimeOffset.TryParse(call.Query("bumped_before"), out var time) && !IgnoresCategories
                ? time
                : DateTimeOffset.MaxValue;
        var size = Math.Min(call.Number("per_page", 30), PageSizeOf(MaxTopics));
        var page = call.Number("page", 0);
        var all = Visible(call)
            .Where(item => category == 0 ? !Muted.Contains(item.PlaceId) : IsBelow(item.PlaceId, category))
            .Where(item => item.UpdatedAt < before)
            .OrderByDescending(item => item.UpdatedAt)
            .ToList();
        return new
        {
            topic_list = EmulatorAnswer.Sparse(
                new
                {
                    per_page = size,
                    more_topics_url = all.Count > (page + 1) * size ? $"/latest?page={page + 1}" : null,
                    topics = all.Skip(page * size).Take(size).Select(ListedOf),
                }
            ),
        };
    }

    private bool IsBelow(int place, int category) =>
        place == category || (Company.PlaceOf(place).ParentId is { } parent && IsBelow(parent, category));

    private static object ListedOf(CompanyItem item) =>
        new
        {
            id = item.Id,
            title = item.Title,
            fancy_title = item.Title,
            slug = "topic",
            posts_count = 1 + item.Replies.Count,
            reply_count = item.Replies.Count,
            highest_post_number = 1 + item.Replies.Count,
            created_at = item.CreatedAt,
            last_posted_at = item.UpdatedAt,
            bumped = true,
            bumped_at = item.UpdatedAt,
            archetype = "regular",
            pinned = false,
            visible = true,
            closed = item.IsArchived,
            archived = item.IsArchived,
            views = 7,
            like_count = 0,
            category_id = item.PlaceId,
            tags = new[]
            {
                new
                {
                    id = 1,
                    name = "harbour",
                    slug = "harbour",
                },
            },
            posters = Array.Empty<object>(),
        };

    private EmulatorAnswer TopicOf(CompanyItem item) =>
        item.IsBroken
            ? EmulatorAnswer.Text("<h1>Oops</h1>", "text/html", 500)
            : EmulatorAnswer.Json(
                new
                {
                    id = item.Id,
                    title = item.Title,
                    fancy_title = item.Title,
                    slug = "topic",
                    posts_count = 1 + item.Replies.Count,
                    created_at = item.CreatedAt,
                    last_posted_at = item.UpdatedAt,
                    reply_count = item.Replies.Count,
                    views = 7,
                    like_count = 0,
                    visible = true,
                    closed = item.IsArchived,
                    archived = item.IsArchived,
                    archetype = "regular",
                    category_id = item.PlaceId,
                    user_id = item.AuthorId,
                    chunk_size = PostsPerAnswer,
                    tags = new[] { "harbour" },
                    details = new { participants = Array.Empty<object>() },
                    post_stream = new
                    {
                        posts = Posts(item).Take(PostsPerAnswer).Select(post => post.Json),
                        stream = Posts(item).Select(post => post.Id),
                    },
                }
            );

    private EmulatorAnswer PostsOf(CompanyItem item, EmulatorCall call)
    {
        var wanted = call.Queries("post_ids[]").Select(int.Parse).ToHashSet();
        return EmulatorAnswer.Json(
            new
            {
                id = item.Id,
                post_stream = new
                {
                    posts = Posts(item).Where(post => wanted.Contains(post.Id)).Select(post => post.Json),
                },
            }
        );
    }

    /// <summary>The topic's text, its replies, and a whisper of the staff that nobody else may read.</summary>
    private IEnumerable<(int Id, object Json)> Posts(CompanyItem item)
    {
        const int Whisper = 4;
        var first = PostOf(item, 1000 * item.Id, 1, item.Text, item.AuthorId, item.CreatedAt);
        var last = PostOf(
            item,
            (1000 * item.Id) + 1,
            item.Replies.Count + 2,
            "A whisper of the staff.",
            1,
            item.CreatedAt,
            Whisper
        );
        return item
            .Replies.Select(
                (reply, index) => PostOf(item, reply.Id, index + 2, reply.Text, reply.AuthorId, reply.CreatedAt)
            )
            .Prepend(first)
            .Append(last);
    }

    private (int, object) PostOf(
        CompanyItem topic,
        int id,
        int number,
        string text,
        int author,
        DateTimeOffset at,
        int type = 1
    ) =>
        (
            id,
            IsTaciturn && type == 1
                ? new
                {
                    id,
                    name = (string?)null,
                    username = Company.PersonOf(author).Handle,
                    created_at = at,
                    updated_at = at,
                    cooked = $"<p>{System.Net.WebUtility.HtmlEncode(text)}</p>",
                    post_number = number,
                    reply_count = 0,
                    topic_id = topic.Id,
                    version = topic.Version,
                    user_id = author,
                }
                : new
                {
                    id,
                    name = Company.PersonOf(author).Name,
                    username = Company.PersonOf(author).Handle,
                    created_at = at,
                    updated_at = at,
                    cooked = $"<p>{System.Net.WebUtility.HtmlEncode(text)}</p>",
                    post_number = number,
                    post_type = type,
                    reply_count = 0,
                    topic_id = topic.Id,
                    version = topic.Version,
                    user_id = author,
                    hidden = false,
                    deleted_at = (string?)null,
                }
        );

    private static EmulatorAnswer Error(int status, string type, string text) =>
        EmulatorAnswer.Json(new { errors = new[] { text }, error_type = type }, status);
}
