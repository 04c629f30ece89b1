using Tributary.Contract.Emulators;
using Tributary.Contract.Outlook;
using Tributary.Contract.SharePoint;
using Tributary.Contract.Teams;
using Tributary.Integrations.Outlook;
using Tributary.Integrations.SharePoint;
using Tributary.Integrations.Teams;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Contract.MicrosoftGraph;

/// <summary>Applications sign in to Microsoft Graph by client credentials: there is nothing to renew by but the secret.</summary>
public class GraphSignInTests
{
    [Fact]
    public Task SharePoint_goes_on_with_another_token() => GoesOnAsync<SharePointEmulator>(new SharePointIntegration());

    [Fact]
    public Task Outlook_goes_on_with_another_token() => GoesOnAsync<OutlookEmulator>(new OutlookIntegration());

    [Fact]
    public Task Teams_goes_on_with_another_token() => GoesOnAsync<TeamsEmulator>(new TeamsIntegration());

    private static async Task GoesOnAsync<TEmulator>(Integration integration)
        where TEmulator : GraphEmulator, new()
    {
        await using var source = await VendorEmulator.StartAsync<TEmulator>();
        await source.FillAsync(30);
        using var harness = new ReaderHarness(integration, source.Config, source.Credentials);
        source.Equip(harness);
        var count = 0;

        await foreach (var item in harness.StreamReadAsync())
        {
            if (++count == 5)
            {
                source.ExpireToken();
            }
        }

        source.Tokens.ShouldBe(2);
        source.SignIn["grant_type"].ShouldBe("client_credentials");
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);

        source.HasExpiredSecret = true;
        source.ExpireToken();
        var refusal = await Should.ThrowAsync<SourceException>(() => harness.ReadAsync());
        refusal.Kind.ShouldBe(FailureKind.Credentials);
        refusal.Message.ShouldContain("the client secret has expired. Make a new one");
    }
}
