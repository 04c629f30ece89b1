using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Integrations.Web;
using Tributary.Sdk;
using Tributary.Testing;
using Tributary.Testing.Readers;

namespace Tributary.Integrations.Tests.Web;

/// <summary>A site whose start page is no document itself and links to a page for each item.</summary>
public sealed class ConformanceSite : ConformanceSource
{
    private readonly ConcurrentDictionary<string, string?> _texts = new(StringComparer.Ordinal);
    private readonly List<string> _links = [];
    private LoopbackServer _server = null!;

    private ConformanceSite() => Faults = new FaultInjector(AnswerAsync);

    public override FaultInjector Faults { get; }

    public override object Config => ConfigOf("");

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new("no such page", ConfigOf("gone"), null, FailureKind.Configuration),
            new("a log-in is asked for", ConfigOf("private"), null, FailureKind.Credentials),
            new(
                "a wrong log-in",
                ConfigOf("private"),
                new WebCredentials { Username = "anna", Password = "wrong" },
                FailureKind.Credentials
            ),
            new("another site", ConfigOf("away"), null, FailureKind.Configuration),
            new("forbidden by robots.txt", ConfigOf("forbidden"), null, FailureKind.Configuration),
            new(
                "no sitemap",
                ConfigOf("") with
                {
                    WebConnectorType = WebConnectorType.Sitemap,
                },
                null,
                FailureKind.Configuration
            ),
            new(
                "no such upload",
                new WebConfig { BaseUrl = "gone", WebConnectorType = WebConnectorType.Upload },
                null,
                FailureKind.Configuration
            ),
        ];

    public static async Task<ConformanceSite> StartAsync()
    {
        var site = new ConformanceSite();
        site._server = await LoopbackServer.StartAsync(site.Faults.AnswerAsync);
        return site;
    }

    public override void Equip(ReaderHarness harness) => harness.Html = Content.Html;

    public override Task FillAsync(int count, int textLength = 40)
    {
        for (var index = 0; index < count; index++)
        {
            Put($"item {index}", new string('x', textLength));
        }

        return Task.CompletedTask;
    }

    public override Task AddAsync(string name) => Put(name, "added");

    public override Task ChangeAsync(string name) => Put(name, "changed");

    public override Task RemoveAsync(string name)
    {
        _texts.TryRemove(PathOf(name), out _);
        return Task.CompletedTask;
    }

    public override Task AddBrokenAsync(string name) => Put(name, null);

    public override ValueTask DisposeAsync() => _server.DisposeAsync();

    private static string PathOf(string name) => "/" + name.Replace(' ', '-');

    private WebConfig ConfigOf(string path) => new() { BaseUrl = new Uri(_server.BaseUri, path).ToString() };

    private Task Put(string name, string? text)
    {
        var path = PathOf(name);
        if (!_texts.ContainsKey(path))
        {
            _links.Add(path);
        }

        _texts[path] = text;
        return Task.CompletedTask;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var response = context.Response;
        var path = context.Request.Path.ToString();
        switch (path)
        {
            case "/":
                var links = string.Concat(_links.Select(link => $"<a href=\"{link}\">{link}</a> "));
                await PageAsync(context, "Start", "<meta name=\"robots\" content=\"noindex\">", links);
                break;
            case "/robots.txt":
                response.ContentType = "text/plain";
                await response.WriteAsync("User-agent: *\nDisallow: /forbidden\n");
                break;
            case "/private":
                response.StatusCode = StatusCodes.Status401Unauthorized;
                break;
            case "/away":
                response.Redirect("https://elsewhere.invalid/");
                break;
            default:
                await ItemAsync(context, path);
                break;
        }
    }

    private async Task ItemAsync(HttpContext context, string path)
    {
        if (!_texts.TryGetValue(path, out var text))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (text is null)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
        else
        {
            // Links off the site are told one by one, so that a pass over a few items has a checkpoint in its middle.
            var off = Enumerable.Range(0, 4).Select(at => $"<a href=\"https://elsewhere.invalid{path}/{at}\">off</a> ");
            await PageAsync(context, path[1..], "", $"<p>{path} {text}</p>{string.Concat(off)}");
        }
    }

    private static async Task PageAsync(HttpContext context, string title, string head, string body)
    {
        var html = Encoding.UTF8.GetBytes(
            $"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>"
        );
        var etag = $"\"{Convert.ToHexStringLower(SHA256.HashData(html))[..16]}\"";
        context.Response.Headers.ETag = etag;
        if (context.Request.Headers.IfNoneMatch == etag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.ContentLength = html.Length;
        await context.Response.Body.WriteAsync(html);
    }
}
