using Tributary.Integrations.RequestTracker;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Testing;
using Tributary.Testing.Readers;

namespace Tributary.Contract.RequestTracker;

/// <summary>Against a real RT 5.</summary>
public class RequestTrackerServerTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_real_tracker_is_read_kept_fresh_and_listed()
    {
        await using var server = await RequestTrackerServer.StartAsync();
        await server.OpenAsync("General", "Welcome", "How we work here: größer 🗺️.\n\n-- \nA signature");
        await server.OpenAsync("Ada's desk", "Umbrellas", "We once wanted to sell umbrellas.");
        await server.OpenAsync("General", "Gone soon", "Nobody must find this.");
        await server.WriteAsync(1, "correspond", "<p>Ask <b>first</b>.</p>");
        await server.WriteAsync(1, "comment", "<p>An internal word.</p>");
        await server.UpdateAsync(3, new { Status = "deleted" });
        using var harness = Harness(server, new RequestTrackerConfig());
        await harness.CheckAsync();

        await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(["requesttracker_1", "requesttracker_2"], ignoreOrder: true);
        var welcome = harness.Documents["requesttracker_1"];
        welcome.Title.ShouldBe("#1: Welcome");
        welcome
            .Sections.Select(section => section.Text)
            .ShouldBe(["How we work here: größer 🗺️.", "Ask first.", "An internal word."]);
        welcome.Sections[2].Heading.ShouldBe("root (comment)");
        welcome.Link.ShouldBe($"{server.BaseUri}Ticket/Display.html?id=1");
        welcome.PrimaryOwners.ShouldBe([new Owner(null, "jane@example.com")]);
        welcome.Metadata["queue"].ToString().ShouldBe("General");
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
        (await harness.ReadAsync()).Found.ShouldBeEmpty();

        await server.WriteAsync(2, "correspond", "<p>Sold out.</p>");
        (await harness.ReadAsync()).Found.ShouldHaveSingleItem().Sections.Count.ShouldBe(2);

        harness.Config = new RequestTrackerConfig { Queues = ["Ada's desk"] };
        await harness.CheckAsync();
        (await harness.ListAsync()).ShouldBe(["requesttracker_2"]);

        harness.Config = new RequestTrackerConfig { TicketQuery = "Flavour LIKE 'sweet'" };
        (await Should.ThrowAsync<SourceException>(() => harness.CheckAsync())).Member.ShouldBe("config.ticket_query");
    }

    private static ReaderHarness Harness(RequestTrackerServer server, RequestTrackerConfig config) =>
        new(
            new RequestTrackerIntegration(),
            config,
            new RequestTrackerCredentials
            {
                RequesttrackerUsername = RequestTrackerServer.Reader,
                RequesttrackerPassword = RequestTrackerServer.ReaderPassword,
                RequesttrackerBaseUrl = server.BaseUri.AbsoluteUri,
            }
        )
        {
            Html = Content.Html,
        };
}
