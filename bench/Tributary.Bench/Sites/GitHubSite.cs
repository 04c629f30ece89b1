using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Tributary.Bench.Sites;

/// <summary>
/// A repository on a GitHub that costs next to nothing: every issue and comment is JSON from the start. It pages as GitHub
/// does: 100 a page at most, from a lower bound of the time of update on, with the next page's address in the Link header.
/// </summary>
internal sealed class GitHubSite : IAsyncDisposable
{
    public const string Owner = "bench";
    public const string Repository = "harbour";

    private const int BodyLength = 600;
    private const int CommentLength = 400;
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(10);

    private readonly Lock _door = new();
    private readonly List<long> _arrived = [];
    private readonly Entry[] _issues;
    private readonly Entry[] _comments;
    private readonly TimeSpan _latency;
    private LoopbackSite? _site;

    private GitHubSite(int count, TimeSpan latency)
    {
        Documents = [.. Enumerable.Range(1, count).Select(Make)];
        _issues = [.. Documents.Select(IssueOf)];
        _comments = [.. Documents.SelectMany(CommentsOf)];
        _latency = latency;
    }

    /// <summary>The issues: title, body and comments.</summary>
    public IReadOnlyList<Issue> Documents { get; }

    /// <summary>Where its API is.</summary>
    public Uri Address => _site!.Address;

    /// <summary>Pages of the longest of its lists, which come one after the other: each has the address of the next.</summary>
    public int Pages => (Math.Max(_issues.Length, _comments.Length) + 99) / 100;

    /// <summary>The id of an issue's document.</summary>
    public static string Id(int number) => $"https://github.com/{Owner}/{Repository}/issues/{number}";

    public static async Task<GitHubSite> StartAsync(int count, TimeSpan latency = default)
    {
        var site = new GitHubSite(count, latency);
        site._site = await LoopbackSite.StartAsync(site.AnswerAsync);
        return site;
    }

    /// <summary>When requests have arrived since this was asked the last time, in seconds, in order.</summary>
    public IReadOnlyList<double> TakeArrivals()
    {
        lock (_door)
        {
            double[] taken = [.. _arrived.Order().Select(at => (double)at / Stopwatch.Frequency)];
            _arrived.Clear();
            return taken;
        }
    }

    public ValueTask DisposeAsync() => _site!.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        lock (_door)
        {
            _arrived.Add(Stopwatch.GetTimestamp());
        }

        if (_latency > TimeSpan.Zero)
        {
            await Task.Delay(_latency);
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        const string Root = $"/repos/{Owner}/{Repository}";
        switch (context.Request.Path.Value)
        {
            case Root:
                await context.Response.WriteAsync(
                    $$$"""
                    {"id":1,"name":"{{{Repository}}}","full_name":"{{{Owner}}}/{{{Repository}}}","private":false,"visibility":"public",
                    "html_url":"https://github.com/{{{Owner}}}/{{{Repository}}}","has_issues":true,"default_branch":"main"}
                    """
                );
                break;
            case Root + "/issues":
                await PageAsync(context, _issues);
                break;
            case Root + "/issues/comments":
                await PageAsync(context, _comments);
                break;
            case "/rate_limit":
                await context.Response.WriteAsync("""{"resources":{}}""");
                break;
            case { } path when CommentsOfOne(path) is { } comments:
                await WriteAsync(context.Response, comments);
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                await context.Response.WriteAsync("""{"message":"Not Found"}""");
                break;
        }
    }

    /// <summary>What is at the address of one issue's comments; null for any other address.</summary>
    private IEnumerable<Entry>? CommentsOfOne(string path) =>
        path.Split('/') is ["", "repos", Owner, Repository, "issues", var number, "comments"]
        && int.TryParse(number, CultureInfo.InvariantCulture, out var index)
        && index > 0
        && index <= Documents.Count
            ? CommentsOf(Documents[index - 1])
            : null;

    /// <summary>One page of what is sorted by its time, which is both that of its making and that of its update.</summary>
    private async Task PageAsync(HttpContext context, Entry[] all)
    {
        var query = context.Request.Query;
        var size = int.Parse(query["per_page"].ToString(), CultureInfo.InvariantCulture);
        if (query["direction"] == "desc")
        {
            await WriteAsync(context.Response, all.Reverse().Take(size));
            return;
        }

        var from = 0;
        if (query["after"] is [{ } cursor])
        {
            from = int.Parse(cursor, CultureInfo.InvariantCulture);
        }
        else if (query["since"] is [{ Length: > 0 } since])
        {
            var time = DateTimeOffset.Parse(since, CultureInfo.InvariantCulture);
            from = Array.BinarySearch(all, new Entry(time, []), Entry.ByTime);
            from = from < 0 ? ~from : from;
            while (from > 0 && all[from - 1].Time == time)
            {
                from--;
            }
        }

        if (from + size < all.Length)
        {
            var kept = query.Where(pair => pair.Key != "after").Select(pair => $"{pair.Key}={Escape(pair.Value!)}&");
            context.Response.Headers.Link =
                $"<{Address.GetLeftPart(UriPartial.Authority)}{context.Request.Path}?{string.Concat(kept)}after={from + size}>; rel=\"next\"";
        }

        await WriteAsync(context.Response, all.Skip(from).Take(size));
    }

    private static async Task WriteAsync(HttpResponse response, IEnumerable<Entry> page)
    {
        var body = new MemoryStream(200_000);
        foreach (var entry in page)
        {
            body.WriteByte(body.Length == 0 ? (byte)'[' : (byte)',');
            body.Write(entry.Json);
        }

        body.Write(body.Length == 0 ? "[]"u8 : "]"u8);
        await response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length));
    }

    private static string Escape(string value) => Uri.EscapeDataString(value);

    private static Issue Make(int number)
    {
        var random = (ulong)number;
        var title = Corpus.Prose(ref random, 30).Trim();
        var body = $"{Corpus.Prose(ref random, BodyLength)}{Corpus.Mark(number)}";
        var comments = new string[number % 3];
        for (var i = 0; i < comments.Length; i++)
        {
            comments[i] = Corpus.Prose(ref random, CommentLength).Trim();
        }

        return new Issue(number, title, body, comments);
    }

    private static Entry IssueOf(Issue issue)
    {
        var time = Start + (issue.Number * Between);
        return new Entry(
            time,
            JsonSerializer.SerializeToUtf8Bytes(
                new
                {
                    id = 7_000_000_000L + issue.Number,
                    number = issue.Number,
                    title = issue.Title,
                    body = issue.Body,
                    state = "open",
                    locked = false,
                    comments = issue.Comments.Count,
                    user = new { login = "ada", type = "User" },
                    labels = new[] { new { name = "harbour", color = "0000ff" } },
                    assignees = Array.Empty<object>(),
                    milestone = (object?)null,
                    html_url = Id(issue.Number),
                    created_at = Text(time - Between),
                    updated_at = Text(time),
                    closed_at = (string?)null,
                }
            )
        );
    }

    private static IEnumerable<Entry> CommentsOf(Issue issue) =>
        issue.Comments.Select(
            (text, index) =>
            {
                var time = Start + (issue.Number * Between) - TimeSpan.FromSeconds(issue.Comments.Count - index);
                var id = (10L * issue.Number) + index;
                return new Entry(
                    time,
                    JsonSerializer.SerializeToUtf8Bytes(
                        new
                        {
                            id,
                            html_url = $"{Id(issue.Number)}#issuecomment-{id}",
                            issue_url = $"https://api.github.com/repos/{Owner}/{Repository}/issues/{issue.Number}",
                            body = text,
                            user = new { login = "zoe", type = "User" },
                            created_at = Text(time),
                            updated_at = Text(time),
                        }
                    )
                );
            }
        );

    private static string Text(DateTimeOffset time) =>
        time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>An issue.</summary>
    internal sealed record Issue(int Number, string Title, string Body, IReadOnlyList<string> Comments)
    {
        /// <summary>The same as a document of the baseline.</summary>
        public Text AsText => new(Id(Number), $"{Number}: {Title}", string.Join('\n', [Body, .. Comments]));
    }

    private sealed record Entry(DateTimeOffset Time, byte[] Json)
    {
        public static readonly Comparer<Entry> ByTime = Comparer<Entry>.Create((a, b) => a.Time.CompareTo(b.Time));
    }
}
