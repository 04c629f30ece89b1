using Microsoft.AspNetCore.Http;
using Tributary.Testing;

namespace Tributary.EndToEnd;

/// <summary>Pages that a script makes, drawn by a real Chromium.</summary>
[Trait("Category", "Slow")]
public class JavaScriptPagesTests
{
    private const string Page = """
        <html><head><title>Shell</title></head><body><div id="app">Loading</div>
        <script>
          fetch("/text.json").then(answer => answer.json()).then(found => {
            document.title = found.title;
            document.getElementById("app").innerHTML = "<main><h1>" + found.title + "</h1><p>" + found.text + "</p><a href='/app/second'>second</a></main>";
          });
        </script></body></html>
        """;

    [Theory]
    [InlineData("always")]
    [InlineData("when_needed")]
    public async Task A_page_made_by_a_script_is_found_by_its_words(string render)
    {
        await using var site = await ServeAsync();
        await using var server = await TributaryProcess.ServeAsync(TributaryClient.Variables);
        using var client = new TributaryClient(server);

        var source = await client.CreateAsync(
            "App",
            "web",
            new { base_url = $"{site.BaseUri}app/", render_javascript = render }
        );

        var run = await client.SettledAsync(source);
        run.GetProperty("status").GetString().ShouldBe("succeeded", run.GetRawText());
        (await client.SearchAsync("\"keeper of lighthouses\"")).Count.ShouldBe(2);
        (await client.DocumentsAsync(source)).ShouldBe(
            new SortedDictionary<string, string>
            {
                [$"{site.BaseUri}app/"] = "Made by a script",
                [$"{site.BaseUri}app/second"] = "Made by a script",
            }
        );
        await EndAsync(server);
    }

    [Fact]
    public async Task A_script_reaches_no_address_that_the_server_may_not_reach()
    {
        using var witness = Witness.Listen(System.Net.IPAddress.Parse("127.0.0.2"), System.Net.IPAddress.IPv6Loopback);
        await using var site = await LoopbackServer.StartAsync(context =>
        {
            context.Response.ContentType = "text/html";
            string[] targets = [$"127.0.0.2:{witness.Port}", $"[::1]:{witness.Port}", $"2130706434:{witness.Port}"];
            var calls = string.Concat(
                targets.Select(target =>
                    $"fetch('http://{target}/', {{mode:'no-cors'}}).catch(() => 0); new Image().src = 'http://{target}/i'; try {{ new WebSocket('ws://{target}/'); }} catch {{ }} navigator.sendBeacon('http://{target}/b', 'x'); document.write(\"<iframe src='http://{target}/'></iframe><link rel=preconnect href='http://{target}/'>\");"
                )
            );
            return context.Response.WriteAsync(
                $"<html><head><title>Curious</title></head><body><main><p>A page about lighthouses and what a script may reach from there.</p></main><script>{calls}</script></body></html>"
            );
        });
        await using var server = await TributaryProcess.ServeAsync(
            new Dictionary<string, string>(TributaryClient.Variables)
            {
                ["TRIBUTARY_ALLOWED_NETWORKS"] = "127.0.0.1/32",
            }
        );
        using var client = new TributaryClient(server);

        var source = await client.CreateAsync(
            "Curious",
            "web",
            new
            {
                base_url = site.BaseUri.ToString(),
                web_connector_type = "single",
                render_javascript = "always",
            }
        );

        var run = await client.SettledAsync(source);
        run.GetProperty("status").GetString().ShouldBe("succeeded", run.GetRawText());
        witness.Connections.ShouldBe(0);
        await EndAsync(server);
    }

    /// <summary>Ends the server as an operator does; it takes its browser along.</summary>
    private static async Task EndAsync(TributaryProcess server) => (await server.TerminateAsync()).ExitCode.ShouldBe(0);

    private static Task<LoopbackServer> ServeAsync() =>
        LoopbackServer.StartAsync(context =>
        {
            if (context.Request.Path == "/text.json")
            {
                context.Response.ContentType = "application/json";
                return context.Response.WriteAsync(
                    """{"title":"Made by a script","text":"The keeper of lighthouses writes this with a script."}"""
                );
            }

            context.Response.StatusCode = context.Request.Path.StartsWithSegments("/app") ? 200 : 404;
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync(Page);
        });
}
