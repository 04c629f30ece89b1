using System.Text.RegularExpressions;
using Tributary.Testing;

namespace Tributary.EndToEnd;

/// <summary>A crawl of a real documentation tree (Debian's python3.11-doc), served by nginx.</summary>
[Trait("Category", "Slow")]
public partial class DocumentationCrawlTests
{
    private const string Installed = "/usr/share/doc/python3.11/html";

    [Fact]
    public async Task A_documentation_site_is_read_kept_fresh_and_pruned()
    {
        using var site = new TemporaryFolder();
        Copy(Path.Combine(Installed, "tutorial"), site["tutorial"]);
        Copy(Path.Combine(Installed, "howto"), site["howto"]);
        await using var nginx = await NginxServer.StartAsync(site.Path);
        await using var server = await TributaryProcess.ServeAsync(TributaryClient.Variables);
        using var client = new TributaryClient(server);
        var start = new Uri(nginx.BaseUri, "tutorial/index.html");

        var source = await client.CreateAsync(
            "Tutorial",
            "web",
            new { base_url = new Uri(nginx.BaseUri, "tutorial/").ToString() }
        );
        var run = await client.SettledAsync(source);

        run.GetProperty("status").GetString().ShouldBe("succeeded", run.GetRawText());
        var expected = Reachable(site["tutorial"], "index.html")
            .Select(name => new Uri(start, name).ToString())
            .ToHashSet();
        var documents = await client.DocumentsAsync(source);
        Same(documents.Keys, expected, nginx.BaseUri);
        (await client.SearchAsync("\"list comprehensions\""))[0].ShouldEndWith("tutorial/datastructures.html");
        (await client.SearchAsync("\"Whetting Your Appetite\""))[0].ShouldContain("tutorial/");
        (await client.SearchAsync("regular expression howto -tutorial")).ShouldNotContain(id => id.Contains("/howto/"));

        // Nothing has changed: nothing is written, and no page is sent again.
        var before = nginx.Answers.Count;
        run = await client.RunAsync(source, "run");
        run.GetProperty("counts").GetProperty("updated").GetInt64().ShouldBe(0);
        run.GetProperty("counts").GetProperty("added").GetInt64().ShouldBe(0);
        // (The check at the start of a run asks for the start page.)
        nginx
            .Answers.Skip(before)
            .Count(answer => answer.StartsWith("200 /tutorial/") && answer != "200 /tutorial/")
            .ShouldBe(0);

        // One page changes, one is new, one goes.
        var page = Path.Combine(site["tutorial"], "classes.html");
        await File.WriteAllTextAsync(
            page,
            (await File.ReadAllTextAsync(page)).Replace("</h1>", "</h1><p>The zebra paragraph of this test.</p>")
        );
        var index = Path.Combine(site["tutorial"], "index.html");
        await File.WriteAllTextAsync(
            index,
            (await File.ReadAllTextAsync(index)).Replace(
                "</h1>",
                "</h1><p><a href=\"new-page.html\">A new page</a></p>"
            )
        );
        await File.WriteAllTextAsync(
            Path.Combine(site["tutorial"], "new-page.html"),
            "<html><head><title>New page</title></head><body><main><p>All about the okapi.</p></main></body></html>"
        );
        File.Delete(Path.Combine(site["tutorial"], "venv.html"));
        run = await client.RunAsync(source, "run");
        // The start page has two addresses, the folder's and its index.html, of which the site calls neither the true one.
        run.GetProperty("counts").GetProperty("updated").GetInt64().ShouldBe(3, run.GetRawText());
        run.GetProperty("counts").GetProperty("added").GetInt64().ShouldBe(1);
        (await client.SearchAsync("\"zebra paragraph\""))[0].ShouldEndWith("tutorial/classes.html");
        (await client.SearchAsync("okapi"))[0].ShouldEndWith("tutorial/new-page.html");

        run = await client.RunAsync(source, "prune");
        run.GetProperty("status").GetString().ShouldBe("succeeded", run.GetRawText());
        documents = await client.DocumentsAsync(source);
        documents.Keys.ShouldNotContain(id => id.EndsWith("venv.html"));
        documents.Keys.ShouldContain(id => id.EndsWith("new-page.html"));

        // An outage is no deletion.
        Directory.Move(site["tutorial"], site["away"]);
        run = await client.RunAsync(source, "prune");
        run.GetProperty("status").GetString().ShouldBe("failed", run.GetRawText());
        (await client.DocumentsAsync(source)).Count.ShouldBe(documents.Count);
    }

    /// <summary>The tree's pages that links lead to from the start, by the simplest reading of HTML there is.</summary>
    private static HashSet<string> Reachable(string folder, string start)
    {
        var seen = new HashSet<string> { start };
        var waiting = new Queue<string>([start]);
        while (waiting.TryDequeue(out var name))
        {
            foreach (Match link in Link().Matches(File.ReadAllText(Path.Combine(folder, name))))
            {
                var target = link.Groups[1].Value.Split('#')[0];
                if (
                    !target.Contains('/')
                    && target.EndsWith(".html")
                    && File.Exists(Path.Combine(folder, target))
                    && seen.Add(target)
                )
                {
                    waiting.Enqueue(target);
                }
            }
        }

        return seen;
    }

    /// <summary>A folder's address and its index.html are the same page.</summary>
    private static void Same(IEnumerable<string> actual, IEnumerable<string> expected, Uri root) =>
        actual
            .Select(id => id.EndsWith('/') ? id + "index.html" : id)
            .Distinct()
            .Order()
            .ShouldBe(expected.Order(), $"pages below {root}");

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*.html", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    [GeneratedRegex("href=\"([^\"]+)\"")]
    private static partial Regex Link();
}
