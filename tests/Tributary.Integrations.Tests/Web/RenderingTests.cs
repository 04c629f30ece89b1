using System.Text;
using Tributary.Integrations.Web;
using Tributary.Sdk;
using Tributary.Sdk.Content;

namespace Tributary.Integrations.Tests.Web;

public class RenderingTests
{
    private const string App =
        "<title>App</title><body><div id=\"root\"></div><script src=\"/app.js\"></script></body>";

    [Fact]
    public async Task A_browser_draws_pages_when_the_settings_ask_for_it()
    {
        await using var site = await TestSite.StartAsync();
        site.Linked("/", "/app");
        site.Html("/app", App);
        var browser = new Browser("<title>Drawn</title><body>Drawn by scripts <a href=\"/more\">more</a></body>");

        using var never = site.Harness();
        never.Renderer = browser;
        (await never.ReadAsync()).Skipped.ShouldContain(skip => skip.Reason.Contains("render_javascript"));
        browser.Drawn.ShouldBeEmpty();

        using var needed = site.Harness(config => config with { RenderJavascript = RenderJavascript.WhenNeeded });
        (await needed.ReadAsync()).Skipped.ShouldContain(
            skip => skip.Reason == SkipReasons.JavaScript,
            "there is no browser"
        );
        needed.Renderer = browser;
        site.Linked("/more");
        await needed.ReadAsync();
        needed.Documents.Keys.ShouldBe(site.Urls("/", "/app", "/more"), ignoreOrder: true);
        needed.Documents[site.Root + "/app"].Title.ShouldBe("Drawn");
        needed.Documents[site.Root + "/app"].Version.ShouldBeNull("the server's ETag says nothing about drawn content");
        browser.Drawn.ShouldBe([(site.Root + "/app", false)]);

        using var scrolling = site.Harness(config => config with { ScrollBeforeScraping = true });
        scrolling.Renderer = browser;
        await scrolling.ReadAsync();
        browser.Drawn.ShouldContain((site.Root + "/", true));
    }

    [Fact]
    public async Task A_browser_that_gives_up_fails_that_page_only()
    {
        await using var site = await TestSite.StartAsync();
        site.Linked("/", "/app");
        site.Html("/app", App);
        using var harness = site.Harness(config => config with { RenderJavascript = RenderJavascript.WhenNeeded });
        harness.Renderer = new Browser(null);

        (await harness.ReadAsync()).Failed.ShouldHaveSingleItem().Reason.ShouldBe("It hangs.");
    }

    private sealed class Browser(string? html) : IPageRenderer
    {
        public List<(string, bool)> Drawn { get; } = [];

        public Task<ReadOnlyMemory<byte>> RenderAsync(Uri page, bool scrollToEnd, CancellationToken cancellationToken)
        {
            lock (Drawn)
            {
                Drawn.Add((page.AbsoluteUri, scrollToEnd));
            }

            return html is null
                ? throw new SourceException(FailureKind.Transient, "It hangs.")
                : Task.FromResult<ReadOnlyMemory<byte>>(Encoding.UTF8.GetBytes(html));
        }
    }
}
