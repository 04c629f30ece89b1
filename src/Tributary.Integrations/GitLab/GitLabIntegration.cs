using System.ComponentModel;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.GitLab;

/// <summary>Merge requests, issues, wiki pages and files of projects on GitLab.</summary>
public sealed class GitLabIntegration : Integration<GitLabConfig, GitLabCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "gitlab",
            Name = "GitLab",
            Description =
                "Merge requests, issues, wiki pages and text files of a project or a whole group, with their discussions.",
            Category = IntegrationCategory.Development,
            AuthKinds = ["api_key", "oauth2"],
            OAuth = new OAuthFacts
            {
                AuthorizeUrl = "https://gitlab.com/oauth/authorize",
                TokenUrl = "https://gitlab.com/oauth/token",
                Scopes = ["read_api"],
                AccessTokenMember = "gitlab_access_token",
                RefreshTokenMember = "gitlab_refresh_token",
                ExpiresAtMember = "gitlab_token_expires_at",
            },
            VendorLimits = [new RateLimit(RateUnit.Minute, 2_000)],
            Capabilities = new IntegrationCapabilities
            {
                Incremental = true,
                Permissions = true,
                DeepLinks = true,
            },
            Documentation = """
                Make a personal, project or group access token with the scope `read_api`: at *Preferences, Access tokens*, or
                in the project's or group's *Settings, Access tokens*. It needs the role Guest to read issues, and Reporter to
                read merge requests, files and confidential issues of a private project. Tokens expire, mostly after a year.

                Merge requests, issues and wiki pages are read unless you switch them off; **files are read only when you
                switch `include_code_files` on**, from the default branch. Binary and generated files, submodules, links, files of
                Git LFS and those over 1 MB are left out. The project name `*` reads all projects of the group and of its
                sub-groups.

                Comments are part of their issue or merge request; notes of the system and internal notes are not. A refresh
                asks for what was updated since the last one, compares wiki pages, and looks at files when the branch has moved.
                """,
        };

    /// <inheritdoc />
    public override IReadOnlyList<IntegrationAction> Actions =>
        [
            SearchAction(
                "issues",
                "Searches titles and descriptions of issues and merge requests by GitLab's own search, last changed first."
            ),
            GetAction(
                "issue",
                "Reads one issue or merge request with its comments, by its address, or in a single project by its number: 12, or !12 for a merge request."
            ),
        ];

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(GitLabConfig config, GitLabCredentials credentials)
    {
        var instance = GitLabReader.InstanceOf(config, credentials);
        return credentials.GitlabRefreshToken is { Length: > 0 } refreshToken
            ? Authentication.Token(
                instance.AbsoluteUri,
                TokenGrant.OAuth(
                    Manifest.OAuth! with
                    {
                        TokenUrl = instance.At($"oauth/token").AbsoluteUri,
                    },
                    credentials.GitlabAccessToken,
                    refreshToken,
                    credentials.GitlabTokenExpiresAt is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null
                )
            )
            : Authentication.Header(instance.AbsoluteUri, "PRIVATE-TOKEN", credentials.GitlabAccessToken);
    }

    /// <inheritdoc />
    protected override IReader CreateReader(
        ReaderContext context,
        GitLabConfig config,
        GitLabCredentials credentials
    ) => new GitLabReader(context, config, GitLabReader.InstanceOf(config, credentials));
}

/// <summary>Which projects, and what of them.</summary>
public sealed record GitLabConfig : IValidatable
{
    /// <summary>The name that stands for all.</summary>
    internal const string All = "*";

    private static readonly string[] States = ["all", "opened", "closed", "merged", "locked", ""];

    /// <summary>The namespace.</summary>
    [Description("User, group or path of a sub-group that the project belongs to.")]
    [Example("my-group/my-subgroup")]
    public required string ProjectOwner { get; init; }

    /// <summary>The project.</summary>
    [Description("The project as it stands at the end of its address; * reads all projects of the group.")]
    [Example("handbook")]
    public required string ProjectName { get; init; }

    /// <summary>The state.</summary>
    [Description("Which issues and merge requests: opened, closed, all; for merge requests also merged or locked.")]
    public string StateFilter { get; init; } = "all";

    /// <summary>Merge requests.</summary>
    [Description("Read merge requests.")]
    public bool IncludeMrs { get; init; } = true;

    /// <summary>Issues.</summary>
    [Description("Read issues.")]
    public bool IncludeIssues { get; init; } = true;

    /// <summary>Wiki pages.</summary>
    [Description("Read wiki pages.")]
    public bool IncludeWikis { get; init; } = true;

    /// <summary>Files.</summary>
    [Description("Read the text files of the default branch. Off unless you switch it on.")]
    public bool IncludeCodeFiles { get; init; }

    /// <summary>Another address of the instance.</summary>
    [Description("Another address of the instance, for gateways. Empty takes gitlab_url.")]
    [Advanced]
    public string? ApiBaseUrl { get; init; }

    internal string State => StateFilter.Trim().ToLowerInvariant() is { Length: > 0 } state ? state : "all";

    internal string Path => $"{ProjectOwner.Trim().Trim('/')}/{ProjectName.Trim().Trim('/')}";

    internal bool IsWholeGroup => ProjectName.Trim() == All;

    /// <summary>What is read, as a mark that another selection does not have.</summary>
    internal string Selection => $"{Path}|{State}|{IncludeMrs}|{IncludeIssues}|{IncludeWikis}|{IncludeCodeFiles}";

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (string.IsNullOrWhiteSpace(ProjectOwner))
        {
            yield return SettingsProblem.Of("project_owner", "Should be a user, a group or the path of a sub-group");
        }

        if (string.IsNullOrWhiteSpace(ProjectName))
        {
            yield return SettingsProblem.Of("project_name", "Should be the last part of the project's address, or *");
        }

        if (!States.Contains(StateFilter.Trim().ToLowerInvariant()))
        {
            yield return SettingsProblem.Of(
                "state_filter",
                "Should be 'all', 'opened', 'closed', 'merged' or 'locked'"
            );
        }

        if (!IncludeMrs && !IncludeIssues && !IncludeWikis && !IncludeCodeFiles)
        {
            yield return SettingsProblem.Of("include_mrs", "Something should be read: switch one of the four on");
        }

        if (!string.IsNullOrWhiteSpace(ApiBaseUrl) && ApiAddress.Problem(ApiBaseUrl) is { } problem)
        {
            yield return SettingsProblem.Of("api_base_url", problem);
        }
    }
}

/// <summary>Which instance, and whose eyes read it.</summary>
public sealed record GitLabCredentials : IValidatable
{
    /// <summary>The instance.</summary>
    [Description("Address of the instance, with its folder where it has one.")]
    [Example("https://gitlab.example.com")]
    public string GitlabUrl { get; init; } = "https://gitlab.com";

    /// <summary>The token.</summary>
    [Description("Personal, project or group access token with the scope read_api.")]
    [Secret]
    public required string GitlabAccessToken { get; init; }

    /// <summary>The refresh token.</summary>
    [Description("Refresh token that came with an access token by OAuth.")]
    [Secret]
    [Advanced]
    public string? GitlabRefreshToken { get; init; }

    /// <summary>The end of the access token.</summary>
    [Description("When an access token by OAuth expires, in seconds since 1970.")]
    [Advanced]
    public long? GitlabTokenExpiresAt { get; init; }

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (!string.IsNullOrWhiteSpace(GitlabUrl) && ApiAddress.Problem(GitlabUrl) is { } problem)
        {
            yield return SettingsProblem.Of("gitlab_url", problem);
        }

        if (string.IsNullOrWhiteSpace(GitlabAccessToken))
        {
            yield return SettingsProblem.Of("gitlab_access_token", "Should be a token with the scope read_api");
        }
    }
}
