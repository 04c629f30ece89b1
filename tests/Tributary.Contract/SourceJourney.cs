using System.Text.Json;
using Tributary.Contract.Emulators;
using Tributary.EndToEnd;
using Tributary.Sdk;
using Tributary.Sdk.Settings;

namespace Tributary.Contract;

/// <summary>
/// What a person lives through with a connector, by the real binary and its public API: create, read, search, changes and
/// deletions at the source, refresh, prune, search again.
/// </summary>
/// <example><code>await SourceJourney.OfAsync&lt;DiscourseEmulator&gt;(new DiscourseIntegration());</code></example>
public static class SourceJourney
{
    /// <summary>Takes the journey.</summary>
    /// <param name="integration">What is connected.</param>
    /// <param name="phrase">Words of the seeded company that a search has to find.</param>
    /// <param name="secret">Words that nobody may find.</param>
    public static async Task OfAsync<TEmulator>(
        Integration integration,
        string phrase = "final wording speaks of turbines",
        string secret = "Nobody must find this"
    )
        where TEmulator : VendorEmulator, new()
    {
        await using var source = await VendorEmulator.StartAsync<TEmulator>(Company.Seeded());
        await using var server = await TributaryProcess.ServeAsync(TributaryClient.Variables);
        using var client = new TributaryClient(server);

        var id = await client.CreateAsync(
            $"{integration.Manifest.Name} journey",
            integration.Manifest.Slug,
            Json(source.Config),
            source.Credentials is { } credentials ? Json(credentials) : null
        );
        var run = await client.SettledAsync(id);
        run.GetProperty("status").GetString().ShouldBe("succeeded", run.GetRawText());
        var first = await client.DocumentsAsync(id);
        first.Count.ShouldBeGreaterThanOrEqualTo(source.Company.Items.Count);
        (await client.SearchAsync($"\"{phrase}\"")).ShouldHaveSingleItem();
        (await client.SearchAsync($"\"{secret}\"")).ShouldBeEmpty();

        await source.Change(() =>
        {
            source.Company.Edit(source.Company["Edited twice"], "Now it is about glaciers in summer.");
            source.Company.Add("Brand new", "A walrus joined the company.");
            source.Company.Remove(source.Company["An archived plan"]);
        });
        run = await client.RunAsync(id, "run");
        run.GetProperty("status").GetString().ShouldBe("succeeded", run.GetRawText());
        (await client.SearchAsync("\"glaciers in summer\"")).ShouldHaveSingleItem();
        (await client.SearchAsync("\"walrus joined\"")).ShouldHaveSingleItem();
        (await client.SearchAsync($"\"{phrase}\"")).ShouldBeEmpty();

        run = await client.RunAsync(id, "prune");
        run.GetProperty("status").GetString().ShouldBe("succeeded", run.GetRawText());
        (await client.SearchAsync("umbrellas")).ShouldBeEmpty();
        (await client.DocumentsAsync(id)).Count.ShouldBe(first.Count);

        run = await client.RunAsync(id, "run");
        run.GetProperty("status").GetString().ShouldBe("succeeded", run.GetRawText());
        run.GetProperty("counts").GetProperty("updated").GetInt64().ShouldBe(0, "nothing has changed");
    }

    private static JsonElement Json(object settings) =>
        JsonSerializer.SerializeToElement(settings, settings.GetType(), SettingsJson.Options);
}
