using Tributary.Contract.Atlassian;
using Tributary.Contract.Emulators;
using Tributary.Integrations.Confluence;
using Tributary.Integrations.Tests.Conformance;

namespace Tributary.Contract.Confluence;

/// <summary>A Confluence cloud site for those who signed in by OAuth 2.</summary>
public sealed class ConfluenceConsentedEmulator : ConfluenceEmulator
{
    private string Site => Root.GetLeftPart(UriPartial.Authority);

    public override object Config => new ConfluenceConfig { WikiBase = Site + Wiki, ApiBaseUrl = Site };

    public override object Credentials =>
        new ConfluenceCredentials
        {
            ConfluenceAccessToken = Desk.AccessToken,
            ConfluenceRefreshToken = Desk.RefreshToken,
        };

    public override TokenDesk Desk { get; } = AtlassianConsent.Desk();

    public override object SignedIn => Credentials;

    public override IEnumerable<BadSettings> BadSettings => [];

    protected override string Prefix => "/ex/confluence/" + AtlassianConsent.CloudId;

    protected override bool IsGood(string? authorization) => authorization == $"Bearer {Desk.AccessToken}";

    protected override void Map(EmulatorRoutes routes)
    {
        base.Map(routes);
        routes.Get(AtlassianConsent.Sites, _ => AtlassianConsent.SitesOf(Site));
    }
}
