using System.ComponentModel;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Asana;

/// <summary>Tasks of an Asana workspace.</summary>
public sealed class AsanaIntegration : Integration<AsanaConfig, AsanaCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "asana",
            Name = "Asana",
            Description =
                "Tasks and sub-tasks with custom fields, comments and attachments: all projects of a workspace, or some.",
            Category = IntegrationCategory.Projects,
            AuthKinds = ["api_key", "oauth2"],
            OAuth = new OAuthFacts
            {
                AuthorizeUrl = "https://app.asana.com/-/oauth_authorize",
                TokenUrl = "https://app.asana.com/-/oauth_token",
                AccessTokenMember = "asana_api_token_secret",
                RefreshTokenMember = "asana_refresh_token",
            },
            VendorLimits = [new RateLimit(RateUnit.Minute, 150)],
            Capabilities = new IntegrationCapabilities { Incremental = true, Permissions = true },
            Documentation = """
                Make a personal access token at https://app.asana.com/0/my-apps: it reads what its user sees. In an Enterprise
                organisation a service account's token sees everything. The workspace's id is in the address of its pages, or at
                https://app.asana.com/api/1.0/workspaces. Signing in does as well.

                Every task of the projects is a document, sub-tasks at any depth, too; a task of several projects is one. Files
                that were uploaded to Asana are documents of their own; links to other services are not followed. Archived
                projects are read and marked. Tasks that are in no project are not read.

                A refresh reads the tasks that have changed, and looks through the sub-tasks of all, since a changed sub-task
                does not move the task above it.
                """,
        };

    /// <inheritdoc />
    public override IReadOnlyList<IntegrationAction> Actions =>
        [GetAction("task", "Reads one task with its comments, by its id.")];

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(AsanaConfig config, AsanaCredentials credentials) =>
        string.IsNullOrWhiteSpace(credentials.AsanaRefreshToken)
            ? Authentication.Bearer(config.Root.AbsoluteUri, credentials.AsanaApiTokenSecret)
            : Authentication.Token(
                config.Root.AbsoluteUri,
                TokenGrant.OAuth(
                    Manifest.OAuth! with
                    {
                        TokenUrl = new Uri(config.Root, "/-/oauth_token").AbsoluteUri,
                    },
                    credentials.AsanaApiTokenSecret,
                    credentials.AsanaRefreshToken
                )
            );

    /// <inheritdoc />
    protected override IReader CreateReader(ReaderContext context, AsanaConfig config, AsanaCredentials credentials) =>
        new AsanaReader(context, config);
}

/// <summary>Which projects.</summary>
public sealed record AsanaConfig : IValidatable
{
    /// <summary>The workspace.</summary>
    [Description("Id of the workspace or organisation.")]
    [Example("1234567890123456")]
    public required string AsanaWorkspaceId { get; init; }

    /// <summary>The projects.</summary>
    [Description("Ids of projects to read, separated by commas. None reads all.")]
    [Example("1200000000000001, 1200000000000002")]
    public string? AsanaProjectIds { get; init; }

    /// <summary>The team.</summary>
    [Description("Id of a team: of the private projects only this team's are read. Public ones are read anyway.")]
    public string? AsanaTeamId { get; init; }

    /// <summary>The API.</summary>
    [Description("Address of the API, for gateways.")]
    [Advanced]
    public string ApiBaseUrl { get; init; } = "https://app.asana.com/api/1.0";

    internal Uri Root => ApiAddress.Parse(ApiBaseUrl);

    internal IReadOnlyList<string> ProjectIds =>
        (AsanaProjectIds ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    internal string? TeamId => string.IsNullOrWhiteSpace(AsanaTeamId) ? null : AsanaTeamId.Trim();

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (ApiAddress.Problem(ApiBaseUrl) is { } problem)
        {
            yield return SettingsProblem.Of("api_base_url", problem);
        }

        if (!IsId(AsanaWorkspaceId.Trim()))
        {
            yield return SettingsProblem.Of("asana_workspace_id", "Should be the workspace's id, a long number");
        }

        if (ProjectIds.FirstOrDefault(id => !IsId(id)) is { } wrong)
        {
            yield return SettingsProblem.Of(
                "asana_project_ids",
                $"Should be ids of projects (long numbers) separated by commas; '{wrong}' is none"
            );
        }

        if (TeamId is { } team && !IsId(team))
        {
            yield return SettingsProblem.Of("asana_team_id", "Should be the team's id, a long number");
        }
    }

    private static bool IsId(string id) => id.Length is > 0 and <= 40 && id.All(char.IsAsciiDigit);
}

/// <summary>A token.</summary>
public sealed record AsanaCredentials
{
    /// <summary>The token.</summary>
    [Description("Personal access token from https://app.asana.com/0/my-apps, or a service account's token.")]
    [Secret]
    public required string AsanaApiTokenSecret { get; init; }

    /// <summary>Renews it.</summary>
    [Description("Refresh token, by signing in.")]
    [Secret]
    [Advanced]
    public string? AsanaRefreshToken { get; init; }
}
