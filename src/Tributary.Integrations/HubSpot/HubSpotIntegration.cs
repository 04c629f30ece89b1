using System.ComponentModel;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.HubSpot;

/// <summary>Tickets, companies, deals and contacts of a HubSpot account, each with its notes and what it is linked to.</summary>
public sealed class HubSpotIntegration : Integration<HubSpotConfig, HubSpotCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "hubspot",
            Name = "HubSpot",
            Description =
                "Tickets, companies, deals and contacts of HubSpot's CRM, each with its notes and the records it is linked to.",
            Category = IntegrationCategory.Sales,
            AuthKinds = ["api_key", "oauth2"],
            OAuth = new OAuthFacts
            {
                AuthorizeUrl = "https://app.hubspot.com/oauth/authorize",
                TokenUrl = "https://api.hubapi.com/oauth/v1/token",
                Scopes =
                [
                    "oauth",
                    "tickets",
                    "crm.objects.contacts.read",
                    "crm.objects.companies.read",
                    "crm.objects.deals.read",
                    "crm.objects.owners.read",
                ],
                AccessTokenMember = "hubspot_access_token",
                RefreshTokenMember = "refresh_token",
            },
            // 100 in 10 seconds with the smallest plan.
            VendorLimits = [new RateLimit(RateUnit.Second, 10)],
            Capabilities = new IntegrationCapabilities { Incremental = true, DeepLinks = true },
            Documentation = """
                Make a service key, or a private app under *Settings, Integrations, Private apps*, and give its token
                (`pat-…`). Scopes: `tickets`, `crm.objects.contacts.read`, `crm.objects.companies.read` and
                `crm.objects.deals.read` for what is to be read, and `crm.objects.owners.read` for the names of owners. Notes
                need `crm.objects.contacts.read`. A missing scope of a chosen object type is told when the connector is created;
                records of other types appear as links only where the token may read them.

                Each record becomes a document with its main properties, its notes and the names of the records that it is
                linked to, up to 500 notes and 250 records of a type. A refresh reads records that changed, and those with new
                or changed notes. New links, and notes that were deleted, are seen when the record changes, or when
                everything is read again. Calls, e-mails, meetings, tasks and custom objects are not read.
                """,
        };

    /// <inheritdoc />
    public override IReadOnlyList<IntegrationAction> Actions =>
        [
            SearchAction("records", "Searches the records that the connector reads by HubSpot's own search."),
            GetAction("record", "Reads one record with its notes, by its id, e.g. hubspot_ticket_123."),
        ];

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(HubSpotConfig config, HubSpotCredentials credentials) =>
        string.IsNullOrWhiteSpace(credentials.RefreshToken)
            ? Authentication.Bearer(config.Root.AbsoluteUri, credentials.HubspotAccessToken ?? "")
            : Authentication.Token(
                config.Root.AbsoluteUri,
                TokenGrant.OAuth(
                    Manifest.OAuth! with
                    {
                        TokenUrl = config.Root.At($"oauth/v1/token").AbsoluteUri,
                    },
                    credentials.HubspotAccessToken,
                    credentials.RefreshToken
                )
            );

    /// <inheritdoc />
    protected override IReader CreateReader(
        ReaderContext context,
        HubSpotConfig config,
        HubSpotCredentials credentials
    ) => new HubSpotReader(context, config);
}

/// <summary>What is read.</summary>
public sealed record HubSpotConfig : IValidatable
{
    private const string Usual = "https://api.hubapi.com";

    /// <summary>Types of records.</summary>
    [Description("Which records become documents: all four, unless some are named.")]
    public IReadOnlyList<HubSpotObjectType> ObjectTypes { get; init; } =
    [HubSpotObjectType.Tickets, HubSpotObjectType.Companies, HubSpotObjectType.Deals, HubSpotObjectType.Contacts];

    /// <summary>Another address of the API.</summary>
    [Description("Address of the API, for gateways and tests.")]
    [Advanced]
    public string ApiBaseUrl { get; init; } = Usual;

    internal Uri Root => ApiAddress.Parse(string.IsNullOrWhiteSpace(ApiBaseUrl) ? Usual : ApiBaseUrl);

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (!string.IsNullOrWhiteSpace(ApiBaseUrl) && ApiAddress.Problem(ApiBaseUrl) is { } problem)
        {
            yield return SettingsProblem.Of("api_base_url", problem);
        }
    }
}

/// <summary>Types of records.</summary>
public enum HubSpotObjectType
{
    /// <summary>Support tickets.</summary>
    Tickets,

    /// <summary>Companies.</summary>
    Companies,

    /// <summary>Deals.</summary>
    Deals,

    /// <summary>Contacts.</summary>
    Contacts,
}

/// <summary>Who reads.</summary>
public sealed record HubSpotCredentials : IValidatable
{
    /// <summary>The token.</summary>
    [Description("Token of a private app (pat-…), a service key, or an OAuth access token.")]
    [Secret]
    public string? HubspotAccessToken { get; init; }

    /// <summary>What renews an OAuth access token.</summary>
    [Description("Refresh token, where the access token is one of OAuth: those live for 30 minutes.")]
    [Secret]
    public string? RefreshToken { get; init; }

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (string.IsNullOrWhiteSpace(HubspotAccessToken) && string.IsNullOrWhiteSpace(RefreshToken))
        {
            yield return SettingsProblem.Of("hubspot_access_token", "Should be given, or refresh_token in its place");
        }
    }
}
