using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tributary.Integrations.Web;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Settings;
using Tributary.Testing.Readers;

namespace Tributary.Integrations.Tests.Web;

public class CredentialsTests
{
    private static readonly WebCredentials All = new()
    {
        HeaderName = "X-Key",
        HeaderValue = "key-secret",
        Cookie = "session=cookie-secret",
        Username = "maria",
        Password = "pass-secret",
    };

    [Fact]
    public async Task The_log_in_goes_to_the_base_host_alone()
    {
        await using var other = await TestSite.StartAsync();
        await using var site = await TestSite.StartAsync();
        site.Answer(
            "/sitemap.xml",
            async context =>
            {
                context.Response.ContentType = "text/xml";
                await context.Response.WriteAsync(
                    $"<urlset><url><loc>{site.Root}/a</loc></url><url><loc>{other.Root}/b</loc></url></urlset>"
                );
            }
        );
        site.Linked("/a");
        other.Linked("/b");
        other.Text("/robots.txt", $"Sitemap: {site.Root}/sitemap.xml");
        using var harness = site.Harness(
            config => config with { BaseUrl = site.Root + "/sitemap.xml", WebConnectorType = WebConnectorType.Sitemap },
            All
        );

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(2);
        site.Requests.ShouldAllBe(request =>
            request.Headers["X-Key"] == "key-secret"
            && request.Headers["Cookie"] == "session=cookie-secret"
            && request.Headers["Authorization"] == "Basic bWFyaWE6cGFzcy1zZWNyZXQ="
        );
        other.Requests.Count.ShouldBeGreaterThan(1);
        other.Requests.ShouldAllBe(request => !request.Headers.Values.Any(value => value.Contains("secret")));
        other.Requests.ShouldAllBe(request => !request.Headers.ContainsKey("Authorization"));
    }

    [Fact]
    public async Task Robots_txt_that_redirects_away_takes_no_log_in_along()
    {
        await using var other = await TestSite.StartAsync();
        await using var site = await TestSite.StartAsync();
        site.Redirect("/robots.txt", other.Root + "/robots.txt");
        other.Text("/robots.txt", "User-agent: *\nDisallow: /hidden");
        site.Linked("/", "/hidden");
        site.Linked("/hidden");
        using var harness = site.Harness(credentials: All);

        await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(site.Urls("/"));
        other.Requests.ShouldHaveSingleItem().Headers.ShouldNotContainKey("Authorization");
    }

    [Fact]
    public async Task A_rejected_log_in_is_named_without_showing_it()
    {
        await using var site = await TestSite.StartAsync();
        site.Status("/", 401);
        using var with = site.Harness(credentials: All);
        using var without = site.Harness();

        var rejected = await Should.ThrowAsync<SourceException>(() => with.CheckAsync());
        rejected.Message.ShouldContain("does not accept the log-in");
        rejected.ToString().ShouldNotContain("secret");
        (await Should.ThrowAsync<SourceException>(() => without.CheckAsync())).Message.ShouldContain(
            "asks for a log-in"
        );
    }

    [Fact]
    public async Task Requests_carry_the_user_agent_and_the_pause_that_robots_txt_asks_for()
    {
        await using var site = await TestSite.StartAsync();
        site.Text("/robots.txt", "User-agent: examplebot\nCrawl-delay: 3\nDisallow: /a\n\nUser-agent: *\nDisallow: /b");
        site.Linked("/", "/a", "/b");
        site.Linked("/b");
        var delays = new List<(string, TimeSpan)>();
        using var harness = new ReaderHarness(
            new WebIntegration(),
            new WebConfig { BaseUrl = site.Root, UserAgent = "ExampleBot/2.0 (+https://example.com/bot)" }
        )
        {
            Html = Content.Html,
            Http = new HttpClient(new Watching(delays) { InnerHandler = new HarnessHttp() }),
        };

        await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(site.Urls("/", "/b"), ignoreOrder: true);
        site.Requests.ShouldAllBe(request =>
            request.Headers["User-Agent"] == "ExampleBot/2.0 (+https://example.com/bot)"
        );
        delays.ShouldBe([("/", TimeSpan.FromSeconds(3)), ("/b", TimeSpan.FromSeconds(3))]);
    }

    [Theory]
    [InlineData("""{"base_url": "https://e.com"}""", "")]
    [InlineData(
        """{"base_url": "e.com", "web_connector_type": "sitemap", "url_rewrites": [{"source": "a", "target": "b"}]}""",
        ""
    )]
    [InlineData("""{"base_url": "file-1", "web_connector_type": "upload"}""", "")]
    [InlineData("""{"base_url": "http://"}""", "base_url")]
    [InlineData("""{"base_url": ""}""", "base_url")]
    [InlineData("""{"base_url": "https://u:p@e.com"}""", "base_url")]
    [InlineData("""{"base_url": "e.com", "web_connector_type": "all"}""", "web_connector_type")]
    [InlineData("""{"base_url": "e.com", "exclude_patterns": [" "], "max_depth": -1}""", "max_depth")]
    [InlineData("""{"base_url": "e.com", "url_rewrites": [{"source": "", "target": "b"}]}""", "url_rewrites")]
    [InlineData("""{"base_url": "e.com", "user_agent": "a\nb"}""", "user_agent")]
    [InlineData("""{"base_url": "e.com", "render_javascript": "when_needed"}""", "")]
    public void Settings_are_validated(string json, string member)
    {
        var problems = new List<SettingsProblem>();
        SettingsReader.Read<WebConfig>(JsonDocument.Parse(json).RootElement, UnknownMembers.Refused, problems);
        string.Join(",", problems.Select(problem => problem.Path[0])).ShouldBe(member);
    }

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"header_name": "X-Key"}""", "header_value")]
    [InlineData("""{"header_name": "X Key", "header_value": "v"}""", "header_name")]
    [InlineData("""{"cookie": "a\r\nX: y"}""", "cookie")]
    [InlineData("""{"password": "x"}""", "username")]
    [InlineData(
        """{"username": "u", "password": "p", "header_name": "authorization", "header_value": "Bearer x"}""",
        "header_name"
    )]
    public void Credentials_are_validated(string json, string member)
    {
        var problems = new List<SettingsProblem>();
        SettingsReader.Read<WebCredentials>(JsonDocument.Parse(json).RootElement, UnknownMembers.Refused, problems);
        string.Join(",", problems.Select(problem => problem.Path[0])).ShouldBe(member);
    }

    private sealed class Watching(List<(string, TimeSpan)> delays) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken token)
        {
            if (request.Options.TryGetValue(OutboundOptions.HostDelay, out var delay))
            {
                lock (delays)
                {
                    delays.Add((request.RequestUri!.AbsolutePath, delay));
                }
            }

            return base.SendAsync(request, token);
        }
    }
}
