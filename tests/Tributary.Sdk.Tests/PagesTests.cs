using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;
using Tributary.Testing;
using Tributary.Testing.Readers;

namespace Tributary.Sdk.Tests;

public sealed partial class PagesTests : IDisposable
{
    private readonly HttpClient _http = HarnessHttp.Create();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Cursors_are_followed_to_the_end()
    {
        await using var server = await ServeAsync(request =>
            request.Query["cursor"] == "" ? new Body(["a", "b"], "two")
            : request.Query["cursor"] == "two" ? new Body(["c"], "")
            : throw new InvalidOperationException()
        );

        var pages = await ByCursor(server, null).ToListAsync();

        pages.SelectMany(page => page.Body.Items).ShouldBe(["a", "b", "c"]);
        pages.Select(page => page.Next).ShouldBe(["two", null]);
    }

    [Fact]
    public async Task A_listing_goes_on_from_any_page()
    {
        await using var server = await ServeAsync(request => new Body([(string)request.Query["cursor"]!], null));

        (await ByCursor(server, "kept").SingleAsync()).Body.Items.ShouldBe(["kept"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public async Task A_circle_of_cursors_ends_with_an_error(int length)
    {
        var next = 0;
        await using var server = await ServeAsync(_ => new Body(["x"], $"c{next++ % length}"));

        var error = await Should.ThrowAsync<SourceException>(async () => await ByCursor(server, null).CountAsync());

        error.Kind.ShouldBe(FailureKind.Source);
        server.Requests.Count.ShouldBeLessThan(5 * length + 5);
    }

    [Fact]
    public async Task Numbers_end_with_an_empty_page()
    {
        await using var server = await ServeAsync(request => new Body(
            request.Query["page"] == "3" ? [] : [$"of page {request.Query["page"]}"],
            null
        ));

        var pages = await _http
            .PagesByNumberAsync(
                page => server.BaseUri.At($"items", ("page", page)),
                TestJson.Default.Body,
                body => body.Items.Count,
                null,
                null,
                default
            )
            .ToListAsync();

        pages.SelectMany(page => page.Body.Items).ShouldBe(["of page 1", "of page 2"]);
    }

    [Fact]
    public async Task A_source_that_takes_no_notice_of_numbers_ends_with_an_error()
    {
        await using var server = await ServeAsync(_ => new Body(["always the same"], null));

        await Should.ThrowAsync<SourceException>(async () =>
            await _http
                .PagesByNumberAsync(
                    page => server.BaseUri.At($"items", ("page", page)),
                    TestJson.Default.Body,
                    body => body.Items.Count,
                    null,
                    null,
                    default
                )
                .CountAsync()
        );
    }

    [Fact]
    public async Task Offsets_count_what_really_came()
    {
        // The second page is shorter than the others, as vendors allow themselves.
        var pages = new Dictionary<string, string[]>
        {
            ["0"] = ["a", "b"],
            ["2"] = ["c"],
            ["3"] = ["d", "e"],
        };
        await using var server = await ServeAsync(request => new Body(pages[request.Query["offset"]!], null));

        var items = await _http
            .PagesByOffsetAsync(
                offset => server.BaseUri.At($"items", ("offset", offset)),
                TestJson.Default.Body,
                body => body.Items.Count,
                _ => 5,
                null,
                default
            )
            .SelectMany(page => page.Body.Items)
            .ToListAsync();

        items.ShouldBe(["a", "b", "c", "d", "e"]);
    }

    [Theory]
    [InlineData("</items?page=2>; rel=\"next\"")]
    [InlineData("</items?page=9>; rel=\"last\", </items?page=2>; title=\"a; b, c\"; rel=next")]
    [InlineData("</items?page=1>; rel=\"first prev\", </items?page=2>; rel=\"other next\"")]
    public async Task Link_headers_are_followed(string header)
    {
        await using var server = await ServeAsync(
            request => new Body([request.QueryString.Value!], null),
            (request, response) =>
            {
                if (!request.QueryString.HasValue)
                {
                    response.Headers["Link"] = header;
                }
            }
        );

        var items = await _http
            .PagesByLinkHeaderAsync(server.BaseUri.At($"items"), TestJson.Default.Body, null, default)
            .SelectMany(page => page.Body.Items)
            .ToListAsync();

        items.ShouldBe(["", "?page=2"]);
    }

    [Theory]
    [InlineData("http://127.0.0.1/items?page=2")]
    [InlineData("https://127.0.0.1/items?page=2")]
    public async Task A_next_link_without_what_a_proxy_puts_before_the_host_is_followed_there(string link)
    {
        await using var server = await ServeAsync(request => new Body(
            [request.QueryString.Value!],
            request.QueryString.HasValue ? null : link
        ));

        var items = await ByNextLink(server, null).SelectMany(page => page.Body.Items).ToListAsync();

        items.ShouldBe(["", "?page=2"]);
    }

    [Theory]
    [InlineData("https://evil.example.com/items?page=2")]
    [InlineData("//evil.example.com/items")]
    [InlineData("ftp://127.0.0.1/items")]
    [InlineData("http://127.0.0.1:1/items")]
    public async Task A_next_link_to_another_host_is_refused(string link)
    {
        await using var server = await ServeAsync(_ => new Body(["x"], link));

        var error = await Should.ThrowAsync<SourceException>(async () => await ByNextLink(server, null).CountAsync());

        error.Message.ShouldContain("another host");
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_next_link_of_a_checkpoint_is_judged_too()
    {
        await using var server = await ServeAsync(_ => new Body(["x"], null));

        await Should.ThrowAsync<SourceException>(async () =>
            await ByNextLink(server, "https://evil.example.com/").CountAsync()
        );
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Times_go_on_where_a_page_ended_and_count_within_one_instant()
    {
        var start = new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var items = Enumerable
            .Range(0, 50)
            .Select(number => new Timed($"i{number}", start.AddSeconds(number is >= 10 and < 40 ? 10 : number)))
            .OrderByDescending(item => item.At)
            .ToList();
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            var before = DateTimeOffset.TryParse(context.Request.Query["before"], out var time)
                ? time
                : DateTimeOffset.MaxValue;
            var rest = items
                .Where(item => item.At < before)
                .Skip(int.Parse(context.Request.Query["page"]!) * 4)
                .ToList();
            return context.Response.WriteAsJsonAsync(
                new TimedBody(rest.Take(4).ToList(), rest.Count > 4),
                TestJson.Default.TimedBody
            );
        });

        var pages = await _http
            .PagesByTimeAsync(
                (before, page) => server.BaseUri.At($"items", ("before", before), ("page", page)),
                TestJson.Default.TimedBody,
                body => body.Items.Min(item => (DateTimeOffset?)item.At),
                body => body.More,
                TimeSpan.FromMilliseconds(1),
                null,
                default
            )
            .ToListAsync();

        pages.SelectMany(page => page.Body.Items.Select(item => item.Id)).Distinct().Count().ShouldBe(50);
    }

    [Fact]
    public async Task A_page_that_is_too_large_is_refused()
    {
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            var megabyte = new byte[1024 * 1024];
            try
            {
                for (var count = 0; count < 40; count++)
                {
                    await context.Response.Body.WriteAsync(megabyte);
                }
            }
            catch (OperationCanceledException)
            {
                // The reader has gone.
            }
        });

        var error = await Should.ThrowAsync<SourceException>(async () => await ByCursor(server, null).CountAsync());

        error.Message.ShouldContain("too large");
    }

    [Fact]
    public async Task Windows_are_split_until_each_is_below_the_cap()
    {
        var start = new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var times = Enumerable.Range(0, 5_000).Select(number => start.AddSeconds(number * number / 300)).ToList();
        Task<long> Count(TimeWindow window, CancellationToken _) =>
            Task.FromResult((long)times.Count(time => time >= window.From && time < window.To));

        var windows = await TimeWindows
            .SplitAsync(new(start, start.AddDays(1)), 100, Count, TimeSpan.FromSeconds(1), default)
            .ToListAsync();

        windows[0].From.ShouldBe(start);
        windows[^1].To.ShouldBe(start.AddDays(1));
        windows.Zip(windows.Skip(1)).ShouldAllBe(pair => pair.First.To == pair.Second.From);
        foreach (var window in windows)
        {
            (await Count(window, default)).ShouldBeLessThanOrEqualTo(100);
        }

        await Should.ThrowAsync<SourceException>(async () =>
            await TimeWindows
                .SplitAsync(new(start, start.AddDays(1)), 5, Count, TimeSpan.FromSeconds(1), default)
                .CountAsync()
        );
    }

    [Fact]
    public void Values_of_addresses_stay_values()
    {
        var root = new Uri("https://example.com/forum/");

        root.At($"t/{"a/../b?c#d"}/posts.json", ("ids[]", new[] { 1, 2 }), ("none", null), ("q", "a&b=c ü"))
            .AbsoluteUri.ShouldBe(
                "https://example.com/forum/t/a%2F..%2Fb%3Fc%23d/posts.json?ids[]=1&ids[]=2&q=a%26b%3Dc%20%C3%BC"
            );
        Should.Throw<SourceException>(() => root.At($"t/{".."}/x"));
        Should.Throw<SourceException>(() => root.At($"t/{""}/x"));
    }

    private IAsyncEnumerable<Page<Body>> ByCursor(LoopbackServer server, string? from) =>
        _http.PagesByCursorAsync(
            cursor => server.BaseUri.At($"items", ("cursor", cursor ?? "")),
            TestJson.Default.Body,
            body => body.Next,
            from,
            default
        );

    private IAsyncEnumerable<Page<Body>> ByNextLink(LoopbackServer server, string? from) =>
        _http.PagesByNextLinkAsync(
            server.BaseUri.At($"items"),
            TestJson.Default.Body,
            body => body.Next,
            from,
            default
        );

    private static Task<LoopbackServer> ServeAsync(
        Func<HttpRequest, Body> answer,
        Action<HttpRequest, HttpResponse>? more = null
    ) =>
        LoopbackServer.StartAsync(context =>
        {
            more?.Invoke(context.Request, context.Response);
            return context.Response.WriteAsJsonAsync(answer(context.Request), TestJson.Default.Body);
        });

    internal sealed record Body(IReadOnlyList<string> Items, string? Next);

    internal sealed record Timed(string Id, DateTimeOffset At);

    internal sealed record TimedBody(IReadOnlyList<Timed> Items, bool More);

    [JsonSerializable(typeof(Body))]
    [JsonSerializable(typeof(TimedBody))]
    internal sealed partial class TestJson : JsonSerializerContext;
}
