using System.ComponentModel;
using System.Text.RegularExpressions;
using Tributary.Integrations.Atlassian;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Jira;

/// <summary>Issues of Jira, in the cloud and on servers of one's own (Data Center).</summary>
public sealed class JiraIntegration : Integration<JiraConfig, JiraCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "jira",
            Name = "Jira",
            Description =
                "Issues with their comments and attachments: of all projects, of one project, or those that a JQL query finds.",
            Category = IntegrationCategory.Projects,
            AuthKinds = ["basic", "api_key", "oauth2"],
            OAuth = AtlassianCloud.OAuth("jira_api_token", "jira_refresh_token", "read:jira-work", "read:jira-user"),
            VendorLimits = [new RateLimit(RateUnit.Second, 100)],
            Capabilities = new IntegrationCapabilities
            {
                Incremental = true,
                Permissions = true,
                DeepLinks = true,
            },
            Documentation = """
                **Cloud**: make an API token at https://id.atlassian.com/manage-profile/security/api-tokens and give it with the
                e-mail address of its owner. A token *with scopes* needs `read:jira-work` and `read:jira-user`; set
                `scoped_token` for it. **Data Center**: make a personal access token in your profile and leave the e-mail empty.

                What the token's owner can browse is read. Archived issues are not. Comments that are internal to a service
                desk, or restricted to a role or group, are left out unless `include_internal_notes` is set.

                Who may see an issue is read from the project's permission scheme and the issue's security level. That takes
                the right *Administer projects* (scope `manage:jira-project`). Without it, issues are shown to whomever the
                connector is shown to; issues with a security level are shown to nobody.

                Work logs and the history of changes are not read. A change of a person's, project's or status's *name* does
                not touch issues in Jira: it is seen when everything is read again.
                """,
        };

    /// <inheritdoc />
    public override IReadOnlyList<IntegrationAction> Actions =>
        [
            SearchAction("issues", "Searches the text of issues by Jira's own search, newest first."),
            GetAction("issue", "Reads one issue with its comments, by its key, e.g. ENG-12, or its number."),
        ];

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(JiraConfig config, JiraCredentials credentials) =>
        credentials.IsOAuth
            ? Authentication.Token(
                config.ApiBaseUrl,
                TokenGrant.OAuth(
                    Manifest.OAuth!.At(config.ApiBaseUrl),
                    credentials.JiraApiToken,
                    credentials.JiraRefreshToken
                )
            )
        : credentials.IsDataCenter ? Authentication.Bearer(config.Site.AbsoluteUri, credentials.JiraApiToken)
        : Authentication.Basic(
            config.ScopedToken ? config.ApiBaseUrl : config.Site.AbsoluteUri,
            credentials.JiraUserEmail!,
            credentials.JiraApiToken.Trim()
        );

    /// <inheritdoc />
    protected override IReader CreateReader(ReaderContext context, JiraConfig config, JiraCredentials credentials) =>
        new JiraReader(context, config, credentials);
}

/// <summary>Which site, and what of it.</summary>
public sealed partial record JiraConfig : IValidatable
{
    /// <summary>The site.</summary>
    [Description("Address of the site, or of the Data Center with its folder where it has one.")]
    [Example("https://example.atlassian.net")]
    public required string JiraBaseUrl { get; init; }

    /// <summary>The token has scopes.</summary>
    [Description("The API token was made with scopes: Atlassian takes those at its gateway only.")]
    public bool ScopedToken { get; init; }

    /// <summary>One project.</summary>
    [Description("Key of the one project to read. Empty reads all. Not together with jql_query.")]
    [Example("SUP")]
    public string? ProjectKey { get; init; }

    /// <summary>A query.</summary>
    [Description("JQL that finds what is to be read, without ORDER BY. Not together with project_key.")]
    [Example("project in (SUP, OPS) AND status = Done")]
    public string? JqlQuery { get; init; }

    /// <summary>Comments to leave out.</summary>
    [Description("E-mail addresses of people and bots whose comments are left out.")]
    [Example("bot@example.com")]
    public IReadOnlyList<string> CommentEmailBlacklist { get; init; } = [];

    /// <summary>Issues to leave out.</summary>
    [Description("Issues with one of these labels are left out.")]
    [Example("confidential")]
    public IReadOnlyList<string> LabelsToSkip { get; init; } = [];

    /// <summary>Custom fields.</summary>
    [Description("Names or ids of custom fields to keep as metadata.")]
    [Example("Customer")]
    public IReadOnlyList<string> CustomFields { get; init; } = [];

    /// <summary>Attachments.</summary>
    [Description("Read attachments as documents of their own.")]
    public bool IncludeAttachments { get; init; } = true;

    /// <summary>Internal notes.</summary>
    [Description(
        "Also read comments that are internal to a service desk or restricted to a role or group; they are marked."
    )]
    public bool IncludeInternalNotes { get; init; }

    /// <summary>The gateway.</summary>
    [Description("Address of Atlassian's gateway, which takes scoped tokens and OAuth.")]
    [Advanced]
    public string ApiBaseUrl { get; init; } = AtlassianCloud.Gateway;

    internal Uri Site => AtlassianCloud.SiteOf(JiraBaseUrl);

    internal bool IsSkipped(IEnumerable<string>? labels) =>
        labels?.Intersect(LabelsToSkip, StringComparer.OrdinalIgnoreCase).Any() == true;

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (ApiAddress.Problem(JiraBaseUrl) is { } problem)
        {
            yield return SettingsProblem.Of("jira_base_url", problem);
        }

        if (ApiAddress.Problem(ApiBaseUrl) is { } other)
        {
            yield return SettingsProblem.Of("api_base_url", other);
        }

        if (!string.IsNullOrWhiteSpace(ProjectKey) && !string.IsNullOrWhiteSpace(JqlQuery))
        {
            yield return SettingsProblem.Of("jql_query", "Should not be given together with project_key");
        }

        if (JqlQuery is not null && Ordering().IsMatch(JqlQuery))
        {
            yield return SettingsProblem.Of(
                "jql_query",
                "Should have no ORDER BY: the order is chosen so that nothing is missed"
            );
        }
    }

    [GeneratedRegex(
        """^(?:[^"']|"[^"]*"|'[^']*')*?\border\s+by\b""",
        RegexOptions.IgnoreCase | RegexOptions.NonBacktracking
    )]
    private static partial Regex Ordering();
}

/// <summary>Whose eyes read the site.</summary>
public sealed record JiraCredentials
{
    /// <summary>The owner of the token.</summary>
    [Description("E-mail address of the API token's owner. Empty for Data Center and for OAuth.")]
    [Example("jane@example.com")]
    public string? JiraUserEmail { get; init; }

    /// <summary>The token.</summary>
    [Description("API token (cloud), personal access token (Data Center), or OAuth access token.")]
    [Secret]
    public required string JiraApiToken { get; init; }

    /// <summary>The refresh token.</summary>
    [Description("OAuth refresh token; empty for the other kinds of token.")]
    [Secret]
    public string? JiraRefreshToken { get; init; }

    /// <summary>The site's id.</summary>
    [Description("Id of the cloud site that an OAuth token is for. Empty finds it by jira_base_url.")]
    [Advanced]
    public string? CloudId { get; init; }

    internal bool IsOAuth => !string.IsNullOrWhiteSpace(JiraRefreshToken) || !string.IsNullOrWhiteSpace(CloudId);

    internal bool IsDataCenter => !IsOAuth && string.IsNullOrWhiteSpace(JiraUserEmail);
}
