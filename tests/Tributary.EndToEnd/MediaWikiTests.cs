using Tributary.Testing;

namespace Tributary.EndToEnd;

/// <summary>A real MediaWiki, filled, edited and read again by the real binary.</summary>
[Trait("Category", "Slow")]
public class MediaWikiTests
{
    [Fact]
    public async Task A_wiki_is_read_kept_fresh_and_pruned()
    {
        MediaWikiServer.IsInstalled.ShouldBeTrue("Install mediawiki and php-cli: eng/test does.");
        await using var wiki = await MediaWikiServer.StartAsync();
        await wiki.ImportAsync(
            Enumerable
                .Range(0, 30)
                .Select(i =>
                    (
                        $"Seite {i} über Flüsse",
                        $"== Lauf ==\nDer Fluss Nummer {i} fließt. [[Category:Flüsse]]\n\n== Mündung ==\nIns Meer {i}."
                    )
                )
        );
        await using var server = await TributaryProcess.ServeAsync(TributaryClient.Variables);
        using var client = new TributaryClient(server);

        var source = await client.CreateAsync("Wiki", "mediawiki", new { hostname = wiki.BaseUri.ToString() });
        var run = await client.SettledAsync(source);

        run.GetProperty("status").GetString().ShouldBe("succeeded", run.GetRawText());
        (await client.DocumentsAsync(source)).Count.ShouldBe(31);
        (await client.SearchAsync("\"Fluss Nummer 7\"")).ShouldHaveSingleItem();

        await wiki.EditAsync("Seite 3 über Flüsse", "Jetzt geht es um Gletscher.");
        await wiki.DeleteAsync("Seite 4 über Flüsse");
        run = await client.RunAsync(source, "run");
        run.GetProperty("counts").GetProperty("updated").GetInt64().ShouldBe(1, run.GetRawText());
        (await client.SearchAsync("Gletscher")).ShouldHaveSingleItem();
        (await client.SearchAsync("\"Fluss Nummer 3\"")).ShouldBeEmpty();

        run = await client.RunAsync(source, "prune");
        run.GetProperty("status").GetString().ShouldBe("succeeded", run.GetRawText());
        (await client.SearchAsync("\"Fluss Nummer 4\"")).ShouldBeEmpty();
        (await client.DocumentsAsync(source)).Count.ShouldBe(30);
    }

    [Fact]
    public async Task A_wiki_that_shows_nothing_as_HTML_is_read_by_its_source()
    {
        MediaWikiServer.IsInstalled.ShouldBeTrue("Install mediawiki and php-cli: eng/test does.");
        await using var wiki = await MediaWikiServer.StartAsync("$wgAPIModules['parse'] = 'ApiDisabled';");
        await wiki.ImportAsync([
            ("Rhein", "Der '''Rhein'''{{Wappen}} fließt zum [[Bodensee|See]].\n[[Category:Flüsse]]"),
        ]);
        await using var server = await TributaryProcess.ServeAsync(TributaryClient.Variables);
        using var client = new TributaryClient(server);

        var source = await client.CreateAsync(
            "Wiki",
            "mediawiki",
            new { hostname = wiki.BaseUri.ToString(), pages = new[] { "Rhein" } }
        );
        var run = await client.SettledAsync(source);

        run.GetProperty("status").GetString().ShouldBe("succeeded", run.GetRawText());
        (await client.SearchAsync("\"Rhein fließt zum See\"")).ShouldHaveSingleItem();
        (await client.SearchAsync("Wappen")).ShouldBeEmpty("templates are not expanded");
    }
}
