using System.Net;
using Microsoft.AspNetCore.Http;
using Tributary.Testing;

namespace Tributary.EndToEnd;

/// <summary>An allowed site that points to places which are not: redirects, sitemaps, links. Nothing is dialled.</summary>
public sealed class AddressRedirectTests(AddressScene.OnlyOne scene) : IClassFixture<AddressScene.OnlyOne>
{
    [Fact]
    public async Task No_redirect_leads_there()
    {
        string[] targets =
        [
            "127.0.0.2",
            "[::1]",
            "169.254.169.254",
            "[::ffff:127.0.0.2]",
            "2130706434",
            "0x7f.2",
            "10.0.0.1",
        ];
        await using var site = await LoopbackServer.StartAsync(context =>
        {
            if (context.Request.Path.Value!.StartsWith("/to/", StringComparison.Ordinal))
            {
                var index = int.Parse(context.Request.Path.Value.Split('/')[2]);
                context.Response.StatusCode = index % 2 == 0 ? 302 : 307;
                context.Response.Headers.Location = $"http://{targets[index]}:{scene.Witness.Port}/";
            }
            else
            {
                context.Response.StatusCode = 404;
            }

            return Task.CompletedTask;
        });

        for (var index = 0; index < targets.Length; index++)
        {
            foreach (
                var (type, config) in new (string, object)[]
                {
                    ("web", new { base_url = $"{site.BaseUri}to/{index}", web_connector_type = "recursive" }),
                    ("web", new { base_url = $"{site.BaseUri}to/{index}", web_connector_type = "single" }),
                    ("web", new { base_url = $"{site.BaseUri}to/{index}/sitemap.xml", web_connector_type = "sitemap" }),
                    ("mediawiki", new { hostname = $"{site.BaseUri}to/{index}" }),
                    ("mediawiki", new { hostname = $"{site.BaseUri}to/{index}/api.php" }),
                }
            )
            {
                var (status, body) = await scene.CreateAsync(type, config);
                status.ShouldBe(HttpStatusCode.BadRequest, $"{type} to {targets[index]}: {body}");
            }
        }

        await scene.NothingCameOfItAsync();
    }

    [Fact]
    public async Task Neither_robots_sitemaps_links_canonicals_nor_redirects_of_pages_lead_there()
    {
        string[] hosts = ["127.0.0.2", "[::1]", "[::ffff:127.0.0.2]", "2130706434", "169.254.169.254"];
        var all = hosts.Select(host => $"http://{host}:{scene.Witness.Port}/").ToList();
        LoopbackServer site = null!;
        site = await LoopbackServer.StartAsync(context =>
        {
            var path = context.Request.Path.Value!;
            context.Response.ContentType = path.EndsWith(".xml", StringComparison.Ordinal)
                ? "application/xml"
                : "text/html";
            switch (path)
            {
                case "/robots.txt":
                    context.Response.ContentType = "text/plain";
                    return context.Response.WriteAsync(
                        string.Concat(all.Take(2).Select(url => $"Sitemap: {url}sitemap.xml\n"))
                            + $"Sitemap: {site.BaseUri}sitemap.xml\n"
                    );
                case "/sitemap.xml":
                    return context.Response.WriteAsync(
                        "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">"
                            + string.Concat(
                                all.Append($"{site.BaseUri}moved")
                                    .Append(site.BaseUri.ToString())
                                    .Select(url => $"<url><loc>{url}</loc></url>")
                            )
                            + "</urlset>"
                    );
                case "/refresh":
                    return context.Response.WriteAsync(
                        $"<html><head><meta http-equiv=refresh content=\"0; url={all[2]}\"></head></html>"
                    );
                case "/moved":
                    context.Response.Redirect(all[0]);
                    return Task.CompletedTask;
                case "/":
                    return context.Response.WriteAsync(
                        $"<html><head><title>Start</title><link rel=canonical href=\"{all[0]}\"><link rel=next href=\"{all[1]}\"></head><body><main><p>The page about lighthouses.</p>"
                            + string.Concat(
                                all.Append("/moved")
                                    .Append("/refresh")
                                    .Select(url =>
                                        $"<a href=\"{url}\">link</a><img src=\"{url}\"><iframe src=\"{url}\"></iframe>"
                                    )
                            )
                            + "</main></body></html>"
                    );
                default:
                    context.Response.StatusCode = 404;
                    return Task.CompletedTask;
            }
        });
        await using var _ = site;

        foreach (var kind in (string[])["recursive", "single", "sitemap"])
        {
            var source = await scene.Client.CreateAsync(
                kind,
                "web",
                new { base_url = site.BaseUri.ToString(), web_connector_type = kind }
            );
            var run = await scene.Client.SettledAsync(source);
            run.GetProperty("status").GetString()!.ShouldStartWith("succeeded", customMessage: run.GetRawText());
        }

        scene.Witness.Connections.ShouldBe(0);
    }

    [Fact]
    public async Task A_source_cannot_be_moved_there()
    {
        await using var site = await LoopbackServer.StartAsync(context =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync(
                "<html><head><title>Page</title></head><body><p>Lighthouses.</p></body></html>"
            );
        });
        var source = await scene.Client.CreateAsync(
            "Site",
            "web",
            new { base_url = site.BaseUri.ToString(), web_connector_type = "single" }
        );
        await scene.Client.SettledAsync(source);
        var before = (await scene.Client.GetAsync($"/v1/sources/{source}")).GetProperty("config").GetRawText();

        foreach (
            var host in (string[])
                [
                    "127.0.0.2",
                    "[::1]",
                    "[::ffff:127.0.0.2]",
                    "2130706434",
                    "169.254.169.254",
                    "10.0.0.1",
                    "[fd00:ec2::254]",
                ]
        )
        {
            foreach (var kind in (string[])["recursive", "single", "sitemap"])
            {
                var (status, body) = await scene.Client.SendAsync(
                    HttpMethod.Patch,
                    $"/v1/sources/{source}",
                    new
                    {
                        config = new { base_url = $"http://{host}:{scene.Witness.Port}/", web_connector_type = kind },
                    }
                );
                status.ShouldBe(HttpStatusCode.BadRequest, $"{kind} {host}: {body}");
                body.GetProperty("detail")
                    .GetString()!
                    .ShouldContain("TRIBUTARY_ALLOWED_NETWORKS", customMessage: host);
            }
        }

        (await scene.Client.GetAsync($"/v1/sources/{source}")).GetProperty("config").GetRawText().ShouldBe(before);
        scene.Witness.Connections.ShouldBe(0);
    }
}
