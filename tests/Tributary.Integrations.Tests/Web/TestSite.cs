using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tributary.Integrations.Web;
using Tributary.Testing;
using Tributary.Testing.Readers;

namespace Tributary.Integrations.Tests.Web;

/// <summary>A web site on a real socket, made of what a test puts there. What is not there answers 404.</summary>
internal sealed class TestSite : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, RequestDelegate> _answers = new(StringComparer.Ordinal);
    private LoopbackServer _server = null!;

    /// <summary>Its address, without a slash at the end.</summary>
    public string Root { get; private set; } = "";

    /// <summary>Pages carry an ETag and answer 304.</summary>
    public bool HasETags { get; set; } = true;

    /// <summary>Answers that had a body, as "/path?query".</summary>
    public ConcurrentQueue<string> Bodies { get; } = new();

    /// <summary>Every request's headers, in order.</summary>
    public ConcurrentQueue<(string Path, Dictionary<string, string> Headers)> Requests { get; } = new();

    /// <summary>Runs before every answer; true means that it has answered itself.</summary>
    public Func<HttpContext, bool>? Intercept { get; set; }

    public static async Task<TestSite> StartAsync()
    {
        var site = new TestSite();
        site._server = await LoopbackServer.StartAsync(site.AnswerAsync);
        site.Root = site._server.BaseUri.ToString().TrimEnd('/');
        return site;
    }

    /// <summary>A page with a text of its own and links.</summary>
    public void Page(string path, string head = "", string text = "", params string[] links) =>
        Html(
            path,
            $"<html lang=\"en\"><head><title>Page {path}</title>{head}</head><body>"
                + (text.Length > 0 ? text : $"This is what {path} says.")
                + string.Concat(links.Select(link => $"<a href=\"{link}\">{link}</a>"))
                + "</body></html>"
        );

    public void Linked(string path, params string[] links) => Page(path, links: links);

    public void Html(string path, string html) =>
        Content(path, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(html));

    public void Text(string path, string text) => Content(path, "text/plain", Encoding.UTF8.GetBytes(text));

    public void Content(string path, string contentType, byte[] body) =>
        Answer(
            path,
            async context =>
            {
                var etag = $"\"{Convert.ToHexStringLower(SHA256.HashData(body))[..12]}\"";
                if (HasETags)
                {
                    context.Response.Headers.ETag = etag;
                    if (context.Request.Headers.IfNoneMatch == etag)
                    {
                        context.Response.StatusCode = 304;
                        return;
                    }
                }

                Bodies.Enqueue(path);
                context.Response.ContentType = contentType;
                context.Response.ContentLength = body.Length;
                await context.Response.Body.WriteAsync(body);
            }
        );

    public void Redirect(string path, string to, int status = 302) =>
        Answer(
            path,
            context =>
            {
                context.Response.StatusCode = status;
                context.Response.Headers.Location = to;
                return Task.CompletedTask;
            }
        );

    public void Status(string path, int status) =>
        Answer(
            path,
            context =>
            {
                context.Response.StatusCode = status;
                return Task.CompletedTask;
            }
        );

    public void Answer(string path, RequestDelegate answer) => _answers[path] = answer;

    public void Remove(string path) => _answers.TryRemove(path, out _);

    /// <summary>The paths that were asked for since the last call, robots.txt left out.</summary>
    public List<string> TakeRequests()
    {
        var paths = Requests.Select(request => request.Path).Where(path => path != "/robots.txt").ToList();
        Requests.Clear();
        Bodies.Clear();
        return paths;
    }

    public ReaderHarness Harness(Func<WebConfig, WebConfig>? change = null, WebCredentials? credentials = null)
    {
        var config = new WebConfig { BaseUrl = Root + "/" };
        return new ReaderHarness(new WebIntegration(), change?.Invoke(config) ?? config, credentials)
        {
            Html = Tests.Content.Html,
        };
    }

    public string[] Urls(params string[] paths) => [.. paths.Select(path => Root + path)];

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = $"{context.Request.Path}{context.Request.QueryString}";
        Requests.Enqueue(
            (path, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()))
        );
        if (Intercept?.Invoke(context) == true)
        {
            return;
        }

        if (_answers.TryGetValue(path, out var answer))
        {
            await answer(context);
        }
        else
        {
            context.Response.StatusCode = 404;
        }
    }
}
