using Tributary.Contract.Emulators;
using Tributary.Integrations.Jira;
using Tributary.Integrations.Tests.Conformance;

namespace Tributary.Contract.Jira;

/// <summary>A Jira cloud site for those who signed in by OAuth 2: its tokens expire, and refresh tokens work once.</summary>
public sealed class JiraConsentedEmulator : JiraEmulator
{
    private const string CloudId = "5d0c9a11-22bb-4c4d-8e9f-001122334455";
    private int _generation = 1;

    public string Site => Root.GetLeftPart(UriPartial.Authority);

    public override object Config => new JiraConfig { JiraBaseUrl = Site, ApiBaseUrl = Site };

    public override object Credentials =>
        new JiraCredentials { JiraApiToken = "access-1", JiraRefreshToken = "refresh-1" };

    public override IEnumerable<BadSettings> BadSettings => [];

    protected override string Prefix => "/ex/jira/" + CloudId;

    public override bool ExpireToken()
    {
        _generation++;
        return true;
    }

    protected override bool IsGood(string? authorization) => authorization == $"Bearer access-{_generation}";

    protected override EmulatorAnswer? Refuse(EmulatorCall call) =>
        call.Request.Path == "/oauth/token" ? null : base.Refuse(call);

    protected override void Map(EmulatorRoutes routes)
    {
        base.Map(routes);
        routes.Get(
            "/oauth/token/accessible-resources",
            _ =>
                EmulatorAnswer.Json(
                    new[]
                    {
                        new
                        {
                            id = "another",
                            url = "https://other.atlassian.net",
                            name = "other",
                        },
                        new
                        {
                            id = CloudId,
                            url = Site,
                            name = "company",
                        },
                    }
                )
        );
        routes.Post(
            "/oauth/token",
            call =>
                call.Json.GetProperty("refresh_token").GetString() == $"refresh-{_generation - 1}"
                    ? EmulatorAnswer.Json(
                        new
                        {
                            access_token = $"access-{_generation}",
                            refresh_token = $"refresh-{_generation}",
                            expires_in = 3600,
                            token_type = "Bearer",
                        }
                    )
                    : EmulatorAnswer.Json(new { error = "invalid_grant" }, 403)
        );
    }
}
