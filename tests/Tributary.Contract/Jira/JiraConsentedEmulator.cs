using Tributary.Contract.Atlassian;
using Tributary.Contract.Emulators;
using Tributary.Integrations.Jira;
using Tributary.Integrations.Tests.Conformance;

namespace Tributary.Contract.Jira;

/// <summary>A Jira cloud site for those who signed in by OAuth 2: its tokens expire, and refresh tokens work once.</summary>
public sealed class JiraConsentedEmulator : JiraEmulator
{
    public string Site => Root.GetLeftPart(UriPartial.Authority);

    public override object Config => new JiraConfig { JiraBaseUrl = Site, ApiBaseUrl = Site };

    public override object Credentials =>
        new JiraCredentials { JiraApiToken = Desk.AccessToken, JiraRefreshToken = Desk.RefreshToken };

    public override TokenDesk Desk { get; } = AtlassianConsent.Desk();

    public override object SignedIn => Credentials;

    public override IEnumerable<BadSettings> BadSettings => [];

    protected override string Prefix => "/ex/jira/" + AtlassianConsent.CloudId;

    public override bool ExpireToken() => Desk.Expire();

    protected override bool IsGood(string? authorization) => authorization == $"Bearer {Desk.AccessToken}";

    protected override void Map(EmulatorRoutes routes)
    {
        base.Map(routes);
        routes.Get(AtlassianConsent.Sites, _ => AtlassianConsent.SitesOf(Site));
    }
}
