using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Tributary.Engine.Outbound.Browser;
using Tributary.Sdk;
using Tributary.Sdk.Content;
using Tributary.Testing;

namespace Tributary.Engine.Tests.Outbound;

[Trait("Category", "Slow")]
public sealed class ChromiumRendererTests : IAsyncLifetime
{
    private readonly OutboundFixture _outbound = new();
    private readonly Chromium? _browser = Chromium.Find(TimeProvider.System, NullLoggerFactory.Instance);
    private LoopbackServer _server = null!;
    private LoopbackServer _other = null!;
    private string _page = "";
    private string? _otherSaw;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(_browser is null, "No Chromium is installed.");
        _other = await LoopbackServer.StartAsync(context =>
        {
            _otherSaw = string.Join(' ', context.Request.Headers.Select(header => $"{header.Key}={header.Value}"));
            context.Response.Headers.AccessControlAllowOrigin = "*";
            return context.Response.WriteAsync("from elsewhere");
        });
        _server = await LoopbackServer.StartAsync(context =>
        {
            switch (context.Request.Path)
            {
                case "/data.json":
                    context.Response.ContentType = "application/json";
                    return context.Response.WriteAsJsonAsync(
                        new
                        {
                            text = "loaded ünïcode",
                            agent = context.Request.Headers.UserAgent.ToString(),
                            key = context.Request.Headers["X-Key"].ToString(),
                        }
                    );
                case "/moved":
                    context.Response.Redirect("/folder/page");
                    return Task.CompletedTask;
                case "/echo":
                    return context.Request.Body.CopyToAsync(context.Response.Body);
                case "/missing":
                    context.Response.StatusCode = 404;
                    return context.Response.WriteAsync("no such page");
                default:
                    context.Response.ContentType = "text/html; charset=utf-8";
                    return context.Response.WriteAsync(_page);
            }
        });
    }

    public async ValueTask DisposeAsync()
    {
        var process = _browser?.Running;
        var (id, folder) = (process?.Id, process?.Folder);
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        if (id is not null)
        {
            Directory.Exists($"/proc/{id}").ShouldBeFalse("the browser is stopped");
            Directory.Exists(folder).ShouldBeFalse("its folder is gone");
        }

        await _outbound.DisposeAsync();
        await (_server?.DisposeAsync() ?? default);
        await (_other?.DisposeAsync() ?? default);
    }

    [Fact]
    public async Task Draws_a_page_that_its_script_builds()
    {
        _page = """
            <html><head><title>Page</title><link rel=stylesheet href=/style.css></head><body><div id=root></div>
            <img src=/picture.png>
            <script>
            fetch('data.json').then(r => r.json()).then(d => root.textContent = `${d.text} | ${d.agent} | ${d.key}`)
            fetch('echo', { method: 'POST', body: 'postéd' }).then(r => r.text()).then(t => document.title = t)
            </script></body></html>
            """;

        var html = await RenderAsync("page");

        html.ShouldContain("loaded ünïcode | Tributary/");
        html.ShouldContain("| own-key</div>");
        html.ShouldContain("<title>postéd</title>");
        _server.Requests.ShouldNotContain("GET /picture.png");
        _server.Requests.ShouldContain("GET /style.css");
    }

    [Fact]
    public async Task Pages_know_their_address_after_a_redirect()
    {
        _page = "<html><body><script>document.body.textContent = location.pathname</script></body></html>";

        (await RenderAsync("moved")).ShouldContain("<body>/folder/page</body>");
    }

    [Fact]
    public async Task Credentials_go_to_the_pages_own_origin_only()
    {
        _page =
            $"<html><body><script>fetch('{_other.BaseUri}').then(r => r.text()).then(t => document.body.textContent = t)</script></body></html>";

        var html = await RenderAsync("page");

        html.ShouldContain("from elsewhere");
        _otherSaw.ShouldNotBeNull().ShouldNotContain("own-key");
    }

    [Fact]
    public async Task What_the_guard_refuses_stays_out_of_reach_of_scripts()
    {
        await using var inside = new RawServer(
            (_, stream, _) => RawServer.WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret"),
            "127.0.0.2"
        );
        await using var outbound = new OutboundFixture("127.0.0.1/32");
        _page = $$"""
            <html><body><pre id=out></pre>
            <iframe src="http://169.254.169.254/latest/meta-data/"></iframe>
            <iframe src="http://127.0.0.2:{{inside.Port}}/frame"></iframe>
            <script>
            const tell = name => result => out.textContent += `${name}:${result} `;
            for (const url of ['http://169.254.169.254/latest/', 'http://127.0.0.2:{{inside.Port}}/', 'http://[::1]/', 'http://localhost:1/', 'file:///etc/hostname'])
                fetch(url, { mode: 'no-cors' }).then(() => tell(url)('reached'), () => tell(url)('refused'));
            const socket = new WebSocket('ws://127.0.0.2:{{inside.Port}}/');
            socket.onopen = () => tell('socket')('reached');
            socket.onerror = () => tell('socket')('refused');
            window.open('http://127.0.0.2:{{inside.Port}}/popup');
            new Worker(URL.createObjectURL(new Blob(["fetch('http://127.0.0.2:{{inside.Port}}/worker').then(() => postMessage('reached'), () => postMessage('refused'))"])))
                .onmessage = e => tell('worker')(e.data);
            navigator.sendBeacon('http://127.0.0.2:{{inside.Port}}/beacon', 'x');
            </script></body></html>
            """;

        var html = await RenderAsync("page", outbound);

        html.ShouldContain("http://169.254.169.254/latest/:refused");
        html.ShouldContain("socket:refused");
        html.ShouldContain("worker:refused");
        html.ShouldNotContain("reached ");
        inside.Connections.ShouldBe(0);
    }

    [Fact]
    public async Task A_page_that_the_guard_refuses_says_why()
    {
        var failure = await Should.ThrowAsync<SourceException>(() =>
            Renderer(_outbound).RenderAsync(new Uri("http://169.254.169.254/"), false, Token)
        );

        failure.Kind.ShouldBe(FailureKind.Configuration);
        failure.Message.ShouldContain("TRIBUTARY_ALLOWED_NETWORKS");
    }

    [Fact]
    public async Task A_page_that_is_missing_is_a_failure()
    {
        var failure = await Should.ThrowAsync<SourceException>(() => RenderAsync("missing"));

        failure.Message.ShouldContain("404");
    }

    [Fact]
    public async Task A_page_that_never_comes_to_rest_is_read_as_it_is()
    {
        _page = """
            <html><body><p>here</p><script>
            alert('stop'); setInterval(() => fetch('data.json'), 20)
            </script></body></html>
            """;

        var html = await RenderAsync("page", times: new RenderTimes { Most = TimeSpan.FromSeconds(2) });

        html.ShouldContain("<p>here</p>");
    }

    [Fact]
    public async Task A_script_that_never_ends_is_given_up_and_disturbs_nobody()
    {
        _page = "<html><body><script>while (true) ;</script></body></html>";
        var failure = await Should.ThrowAsync<SourceException>(() =>
            RenderAsync(
                "page",
                times: new RenderTimes { Most = TimeSpan.FromSeconds(1), Answer = TimeSpan.FromSeconds(1) }
            )
        );
        failure.Kind.ShouldBe(FailureKind.Source);

        _page = "<html><body>fine</body></html>";
        (await RenderAsync("page")).ShouldContain("fine");
    }

    [Fact]
    public async Task Scrolls_on_while_more_is_loaded()
    {
        _page = """
            <html><body><script>
            let n = 0;
            function add() { n++; document.body.insertAdjacentHTML('beforeend', `<p style="height:3000px">part ${n}</p>`) }
            add();
            addEventListener('scroll', () => { if (n < 4) add() });
            </script></body></html>
            """;

        (await RenderAsync("page")).ShouldNotContain("part 4");
        (await RenderAsync("page", scroll: true)).ShouldContain("part 4");
    }

    [Fact]
    public async Task Pages_share_no_cookies()
    {
        _page =
            "<html><body><script>document.body.textContent = 'had:' + document.cookie; document.cookie = 'a=b'</script></body></html>";

        (await RenderAsync("page")).ShouldContain("<body>had:</body>");
        (await RenderAsync("page")).ShouldContain("<body>had:</body>");
    }

    [Fact]
    public async Task A_browser_that_was_killed_is_started_again()
    {
        _page = "<html><body>fine</body></html>";
        await RenderAsync("page");
        using (var process = System.Diagnostics.Process.GetProcessById(_browser!.Running!.Id))
        {
            process.Kill(entireProcessTree: true);
        }

        await Eventually.Holds(() => _browser.Running is not { Connection.IsClosed: false }, "its end is noticed");
        (await RenderAsync("page")).ShouldContain("fine");
    }

    [Fact]
    public async Task The_end_of_a_browser_is_not_held_up_by_a_helper_that_holds_its_output_open()
    {
        using var folder = new TemporaryFolder();
        var program = folder["browser"];
        await File.WriteAllTextAsync(program, "#!/bin/sh\nsleep 600 &\necho $! > \"${0%/*}/helper\"\nexit 3\n", Token);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var failure = await Should.ThrowAsync<SourceException>(() => BrowserProcess.StartAsync(program, Token));

        failure.Message.ShouldContain("code 3");
        var id = int.Parse(await File.ReadAllTextAsync(folder["helper"], Token), CultureInfo.InvariantCulture);
        using var helper = System.Diagnostics.Process.GetProcessById(id); // throws when it has ended
        helper.Kill();
    }

    [Fact]
    public async Task Canceling_ends_it()
    {
        _page = "<html><body><script>setInterval(() => fetch('data.json'), 20)</script></body></html>";
        using var canceling = new CancellationTokenSource();
        var rendering = Renderer(_outbound).RenderAsync(new Uri(_server.BaseUri, "page"), false, canceling.Token);
        await Eventually.Holds(() => _server.Requests.Contains("GET /data.json"), "the page runs");
        await canceling.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => rendering);
    }

    [Fact]
    public async Task Clients_are_handed_one_that_stops_when_idle()
    {
        var time = new ManualTime();
        var browser = Chromium.Find(time, NullLoggerFactory.Instance)!;
        await using (browser)
        {
            await browser.UseAsync(connection => Task.FromResult(connection.IsClosed), Token);
            browser.Running.ShouldNotBeNull();
            time.Advance(TimeSpan.FromMinutes(2));
            await Eventually.Holds(() => browser.Running is null, "the browser is stopped");
        }

        using var client = _outbound.Client(limits: []);
        client.Renderer.ShouldBeAssignableTo<IPageRenderer>();
    }

    private ChromiumRenderer Renderer(OutboundFixture outbound, RenderTimes? times = null)
    {
        var own = outbound.Client(limits: []).Http;
        own.DefaultRequestHeaders.TryAddWithoutValidation("X-Key", "own-key");
        return new ChromiumRenderer(_browser!, own, outbound.Client(limits: []).Http, TimeProvider.System, times);
    }

    private async Task<string> RenderAsync(
        string path,
        OutboundFixture? outbound = null,
        RenderTimes? times = null,
        bool scroll = false
    ) =>
        Encoding.UTF8.GetString(
            (
                await Renderer(outbound ?? _outbound, times).RenderAsync(new Uri(_server.BaseUri, path), scroll, Token)
            ).Span
        );
}
