using Tributary.Integrations.Web;
using Tributary.Sdk;
using Tributary.Sdk.Reading;
using Tributary.Testing.Readers;

namespace Tributary.Integrations.Tests.Web;

public class ResumeTests
{
    private const int Pages = 450;

    // Requests of a run that was cut off, which may arrive after it.
    private const int InFlight = 8;

    // A tree with cross links, redirects, aliases, broken links and a broken page.
    private static async Task<TestSite> StartAsync()
    {
        var site = await TestSite.StartAsync();
        for (var page = 0; page < Pages; page++)
        {
            site.Page(
                page == 0 ? "/" : $"/{page}",
                head: page % 50 == 7 ? $"<link rel=\"canonical\" href=\"/{page}/own\">" : "",
                links:
                [
                    .. Enumerable.Range(page * 3 + 1, 3).Where(child => child < Pages).Select(child => $"/{child}"),
                    $"/{page * 7 % Pages}",
                    $"/moved/{page}",
                    $"/missing/{page % 40}",
                ]
            );
            site.Redirect($"/moved/{page}", $"/{page}");
            if (page % 100 == 7)
            {
                site.Page($"/{page}/own", text: "The canonical one");
            }
        }

        site.Status("/100", 500);
        return site;
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_crash_at_any_moment_changes_nothing_in_the_end()
    {
        await using var site = await StartAsync();
        using var undisturbed = site.Harness();
        var whole = await undisturbed.ReadAsync();
        whole.Checkpoints.ShouldBeGreaterThan(5);
        var requestsOfOne = site.TakeRequests().Count;
        var checkpoints = whole
            .Items.Index()
            .Where(item => item.Item is ReadItem.Checkpoint)
            .Select(item => item.Index);
        int[] moments = [1, 50, .. checkpoints.SelectMany(at => (int[])[at + 1, at + 2, at + 60])];

        foreach (var moment in moments.Where(moment => moment < whole.Items.Count))
        {
            using var harness = site.Harness();
            await harness.ReadAsync(crashAfter: moment);
            site.TakeRequests();
            await harness.ReadAsync();

            harness.Documents.Keys.ShouldBe(undisturbed.Documents.Keys, ignoreOrder: true, $"crash after {moment}");
            harness.Work.Pending.ShouldBe(0);
            site.TakeRequests()
                .Count.ShouldBeLessThanOrEqualTo(
                    requestsOfOne + InFlight,
                    "what was read before the crash is asked for once more, what is read after it is not"
                );
        }
    }

    [Fact]
    public async Task Crashing_again_and_again_still_comes_to_the_end()
    {
        await using var site = await StartAsync();
        using var undisturbed = site.Harness();
        await undisturbed.ReadAsync();
        using var harness = site.Harness();

        var runs = 0;
        while ((await harness.ReadAsync(crashAfter: 130)).WasCutOff)
        {
            (++runs).ShouldBeLessThan(100);
        }

        runs.ShouldBeGreaterThan(3);
        harness.Documents.Keys.ShouldBe(undisturbed.Documents.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task Limits_hold_over_a_crash()
    {
        await using var site = await StartAsync();
        Func<WebConfig, WebConfig> limited = config => config with { MaxPages = 220, MaxDepth = 5 };
        using var undisturbed = site.Harness(limited);
        await undisturbed.ReadAsync();
        undisturbed.Documents.Count.ShouldBe(220);
        using var harness = site.Harness(limited);

        await harness.ReadAsync(crashAfter: 250);
        await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(undisturbed.Documents.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task An_outage_in_the_middle_is_gone_on_from()
    {
        await using var site = await StartAsync();
        using var harness = site.Harness();
        await harness.ReadAsync(crashAfter: 150);
        var before = harness.Documents.Count;
        before.ShouldBeGreaterThan(0);

        site.Intercept = context =>
        {
            context.Response.StatusCode = 503;
            return true;
        };
        (await Should.ThrowAsync<SourceException>(() => harness.ReadAsync())).Kind.ShouldBe(FailureKind.Transient);
        harness.Documents.Count.ShouldBe(before);

        site.Intercept = null;
        await harness.ReadAsync();
        harness.Documents.Count.ShouldBeGreaterThan(Pages - 20);
    }

    [Fact]
    public async Task A_finished_pass_is_followed_by_a_new_one_and_other_settings_start_afresh()
    {
        await using var site = await StartAsync();
        using var harness = site.Harness();
        await harness.ReadAsync();
        (await harness.ReadAsync()).Unchanged.Count.ShouldBe(harness.Documents.Count);

        await harness.ReadAsync(crashAfter: 150);
        harness.Config = (WebConfig)harness.Config with { ExcludePatterns = ["/4*"] };
        var run = await harness.ReadAsync();
        run.Found.Count.ShouldBeGreaterThan(250);
        run.Found.ShouldNotContain(document => document.Id.StartsWith(site.Root + "/4"));
    }

    [Fact]
    public async Task A_reindex_that_was_cut_off_is_gone_on_with()
    {
        await using var site = await StartAsync();
        using var harness = site.Harness();
        await harness.ReadAsync();
        var bodiesOfOne = site.Bodies.Count;
        site.TakeRequests();

        await harness.ReadAsync(fromBeginning: true, crashAfter: 300);
        site.Bodies.Clear();
        await harness.ReadAsync(fromBeginning: true);

        site.Requests.ShouldNotContain(request => request.Headers.ContainsKey("If-None-Match"));
        site.Bodies.Count.ShouldBeLessThanOrEqualTo(bodiesOfOne + InFlight);
    }

    [Fact]
    public async Task Links_reach_the_work_list_by_the_page()
    {
        await using var site = await TestSite.StartAsync();
        var pages = Enumerable.Range(0, 200).Select(page => page == 0 ? "/" : $"/{page}").ToArray();
        foreach (var page in pages)
        {
            site.Linked(page, pages);
        }

        using var harness = site.Harness();
        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(200);
        harness.Work.AddCalls.ShouldBeLessThan(10, "links that were just added are not brought again");
    }

    [Fact]
    public async Task Cancelling_ends_a_crawl_at_once()
    {
        await using var site = await StartAsync();
        using var stop = new CancellationTokenSource();
        site.Intercept = context =>
        {
            if (context.Request.Path == "/3")
            {
                stop.Cancel();
            }

            return false;
        };
        using var harness = site.Harness();

        await Should.ThrowAsync<OperationCanceledException>(() => harness.ReadAsync(cancellationToken: stop.Token));
    }
}
