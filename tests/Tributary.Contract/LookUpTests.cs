using Tributary.Contract.Emulators;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Settings;
using Tributary.Testing.Readers;

namespace Tributary.Contract;

/// <summary>The actions search and get of every source that has them, against the vendor's emulator and description.</summary>
public class LookUpTests
{
    private static readonly Integration[] Integrations =
    [
        .. typeof(Tributary.Integrations.MediaWiki.MediaWikiIntegration)
            .Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(Integration)) && !type.IsAbstract)
            .Select(type => (Integration)Activator.CreateInstance(type)!),
    ];

    public static TheoryData<string> Names =>
        [
            .. typeof(LookUpTests)
                .Assembly.GetTypes()
                .Where(type => type.IsSubclassOf(typeof(VendorEmulator)) && !type.IsAbstract)
                .Where(type => IntegrationOf(type.Namespace!.Split('.')[^1]).Actions.Count > 0)
                .Select(type => type.FullName!)
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_a_search_finds_can_be_read(string emulator)
    {
        await using var source = await StartAsync(emulator);
        using var harness = Harness(source, out var integration);
        if (integration.Actions.SingleOrDefault(action => action.Slug == "search") is not { } search)
        {
            return;
        }

        var found = await harness.ExecuteAsync(search, new SearchInput { Query = "turbines" });

        var items = found.Data.GetProperty("items").EnumerateArray().ToList();
        found.Title.ShouldStartWith("1 ");
        var id = items.ShouldHaveSingleItem().GetProperty("id").GetString()!;
        items[0].GetProperty("title").GetString().ShouldNotBeNull().ShouldContain("Edited twice");
        var get = integration.Actions.Single(action => action.Slug.StartsWith("get_", StringComparison.Ordinal));
        var read = await harness.ExecuteAsync(get, new ItemInput { Id = id });
        read.Title.ShouldContain("Edited twice");
        if (!read.Data.TryGetProperty("file", out _))
        {
            read.Data.GetProperty("text").GetString().ShouldNotBeNull().ShouldContain("speaks of turbines");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_search_without_results_says_so(string emulator)
    {
        await using var source = await StartAsync(emulator);
        using var harness = Harness(source, out var integration);
        if (integration.Actions.SingleOrDefault(action => action.Slug == "search") is { } search)
        {
            var found = await harness.ExecuteAsync(search, new SearchInput { Query = "\"no(such' words" });

            found.Data.GetProperty("items").GetArrayLength().ShouldBe(0);
            found.Title.ShouldStartWith("0 ");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_item_that_is_not_there_is_told(string emulator)
    {
        await using var source = await StartAsync(emulator);
        using var harness = Harness(source, out var integration);
        var get = integration.Actions.Single(action => action.Slug.StartsWith("get_", StringComparison.Ordinal));

        foreach (var id in new[] { "99999999", "../no such thing" })
        {
            var refusal = await Should.ThrowAsync<SourceException>(() =>
                harness.ExecuteAsync(get, new ItemInput { Id = id })
            );

            refusal.Kind.ShouldBe(FailureKind.Configuration, refusal.Message);
            refusal.Message.ShouldContain($"'{id}'");
        }
    }

    [Fact]
    public void Actions_say_what_they_take()
    {
        foreach (var action in Integrations.SelectMany(integration => integration.Actions))
        {
            action.Slug.ShouldMatch("^[a-z][a-z_]+$");
            JsonSchemaWriter.Write(action.InputType)["required"]!.AsArray().Count.ShouldBe(1);
            action.Description.ShouldEndWith(".");
        }
    }

    private static ReaderHarness Harness(VendorEmulator source, out Integration integration)
    {
        integration = Integrations.Single(item => item.ConfigType == source.Config.GetType());
        var harness = new ReaderHarness(integration, source.Config, source.Credentials)
        {
            OAuthClient = TokenDesk.Client,
        };
        source.Equip(harness);
        return harness;
    }

    private static Integration IntegrationOf(string folder) =>
        Integrations.SingleOrDefault(item => item.GetType().Name == $"{folder}Integration") ?? Integrations[0];

    private static async Task<VendorEmulator> StartAsync(string emulator)
    {
        var starting = (Task)
            typeof(VendorEmulator)
                .GetMethod(nameof(VendorEmulator.StartAsync))!
                .MakeGenericMethod(typeof(LookUpTests).Assembly.GetType(emulator)!)
                .Invoke(null, [Company.Seeded()])!;
        await starting;
        return (VendorEmulator)starting.GetType().GetProperty("Result")!.GetValue(starting)!;
    }
}
