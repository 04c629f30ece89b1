using Tributary.Contract.Emulators;

namespace Tributary.Contract.Atlassian;

/// <summary>What Atlassian's gateway has for those who signed in: tokens that expire, and the sites that they are for.</summary>
internal static class AtlassianConsent
{
    public const string CloudId = "5d0c9a11-22bb-4c4d-8e9f-001122334455";
    public const string Sites = "/oauth/token/accessible-resources";

    public static TokenDesk Desk() =>
        new("/oauth/token")
        {
            TakesJson = true,
            Refusal = EmulatorAnswer.Json(
                new { error = "invalid_grant", error_description = "Unknown or invalid refresh token." },
                403
            ),
        };

    public static EmulatorAnswer SitesOf(string site) =>
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
                    url = site,
                    name = "company",
                },
            }
        );
}
