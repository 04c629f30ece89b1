using System.Reflection;
using Tributary.Contract.Emulators;
using Tributary.Contract.GitHub;
using Tributary.Integrations.MediaWiki;
using Tributary.Sdk;
using Tributary.Testing;
using Tributary.Testing.Readers;

namespace Tributary.Contract;

/// <summary>Every source that people sign in to by OAuth 2: tokens are renewed as the vendor documents it.</summary>
public class SigningInTests
{
    private static readonly Type[] Emulators =
    [
        .. typeof(GitHubEmulator)
            .Assembly.GetTypes()
            .Where(type =>
                type.IsSubclassOf(typeof(VendorEmulator))
                && !type.IsAbstract
                && type.GetProperty(nameof(VendorEmulator.SignedIn))!.DeclaringType != typeof(VendorEmulator)
            )
            .OrderBy(type => type.Name, StringComparer.Ordinal),
    ];

    private static readonly Integration[] Integrations =
    [
        .. typeof(MediaWikiIntegration)
            .Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(Integration)) && !type.IsAbstract)
            .Select(type => (Integration)Activator.CreateInstance(type)!),
    ];

    public static TheoryData<string> Names => [.. Emulators.Select(type => type.Name)];

    [Fact]
    public async Task Every_integration_that_people_sign_in_to_is_tested_here()
    {
        var tested = new HashSet<string>();
        foreach (var name in Emulators.Select(type => type.Name))
        {
            await using var source = await StartAsync(name);
            tested.Add(IntegrationOf(source).Manifest.Slug);
        }

        tested.ShouldBe(
            Integrations.Where(item => item.Manifest.OAuth is not null).Select(item => item.Manifest.Slug),
            ignoreOrder: true
        );
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_token_that_expires_in_the_middle_of_a_run_is_renewed(string emulator)
    {
        await using var source = await StartAsync(emulator);
        await source.FillAsync(30);
        using var harness = Harness(source);
        await harness.CheckAsync();
        var count = 0;

        await foreach (var item in harness.StreamReadAsync())
        {
            if (++count is 5 or 15)
            {
                Expire(source, harness);
            }
        }

        Expire(source, harness);
        var ids = (await harness.ListAsync()).ToHashSet();
        ids.Count.ShouldBeGreaterThanOrEqualTo(30);
        harness.Documents.Keys.ShouldBe(ids, ignoreOrder: true);
        source.Desk!.Complaints.ShouldBeEmpty("what the vendor documents is sent");
        source.Desk.Renewals.ShouldBeGreaterThanOrEqualTo(2);
        if (source.Desk.Rotates)
        {
            source.Desk.Sent.ShouldBe(Enumerable.Range(0, source.Desk.Renewals).Select(number => $"refresh-{number}"));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_sign_in_that_was_taken_back_is_told_with_what_to_do(string emulator)
    {
        await using var source = await StartAsync(emulator);
        await source.FillAsync(30);
        using var harness = Harness(source);
        await harness.CheckAsync();
        source.Desk!.Revoke();
        WaitFor(source, harness);

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.ReadAsync());

        refusal.Kind.ShouldBe(FailureKind.Credentials, refusal.Message);
        refusal.Message.ShouldContain("Sign in again");
    }

    private static void Expire(VendorEmulator source, ReaderHarness harness)
    {
        source.Desk!.Expire();
        WaitFor(source, harness);
    }

    /// <summary>Where an old token is not refused with 401, the clock alone tells that it is over.</summary>
    private static void WaitFor(VendorEmulator source, ReaderHarness harness)
    {
        if (source.Desk!.IsSilent)
        {
            ((ManualTime)harness.Time).Advance(TimeSpan.FromSeconds(source.Desk.Life));
        }
    }

    private static ReaderHarness Harness(VendorEmulator source)
    {
        var harness = new ReaderHarness(IntegrationOf(source), source.Config, source.SignedIn)
        {
            OAuthClient = TokenDesk.Client,
        };
        source.Equip(harness);
        return harness;
    }

    private static Integration IntegrationOf(VendorEmulator source) =>
        Integrations.Single(item => item.ConfigType == source.Config.GetType());

    private static async Task<VendorEmulator> StartAsync(string emulator)
    {
        var start = typeof(VendorEmulator)
            .GetMethod(nameof(VendorEmulator.StartAsync), BindingFlags.Public | BindingFlags.Static)!
            .MakeGenericMethod(Emulators.Single(type => type.Name == emulator));
        var starting = (Task)start.Invoke(null, [null])!;
        await starting;
        return (VendorEmulator)starting.GetType().GetProperty("Result")!.GetValue(starting)!;
    }
}
