using System.ComponentModel;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.GitHub;

/// <summary>Issues, pull requests and files of repositories on GitHub.</summary>
public sealed class GitHubIntegration : Integration<GitHubConfig, GitHubCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "github",
            Name = "GitHub",
            Description =
                "Pull requests, issues and text files of one, several or all repositories of an owner, with their discussions.",
            Category = IntegrationCategory.Development,
            AuthKinds = ["api_key", "oauth2"],
            OAuth = new OAuthFacts
            {
                AuthorizeUrl = "https://github.com/login/oauth/authorize",
                TokenUrl = "https://github.com/login/oauth/access_token",
                Scopes = ["repo", "read:org"],
                AccessTokenMember = "github_access_token",
                RefreshTokenMember = "github_refresh_token",
                ExpiresAtMember = "github_token_expires_at",
            },
            Capabilities = new IntegrationCapabilities
            {
                Incremental = true,
                Permissions = true,
                DeepLinks = true,
            },
            Documentation = """
                **Pull requests are read unless you switch them off; issues and files are read only when you switch them on.**

                Make a token at *Settings, Developer settings, Personal access tokens*:

                - *Classic*: no scope for public repositories, `repo` for private ones, and `read:org` so that the teams of
                  an organisation are seen.
                - *Fine-grained*: choose the owner and the repositories, with the repository permissions *Metadata*, *Issues*,
                  *Pull requests* and *Contents* (for files), read-only each. An organisation may have to approve it first.
                - *GitHub App*: give its client id, private key and the installation's id in place of a token. The
                  same four permissions are needed.

                Comments, reviews and review comments are part of their issue or pull request. Files are the text files of one
                branch; binary and generated files, submodules, links, files of Git LFS and those over 1 MB are left out.
                Discussions and wikis are not read.

                A refresh asks for what was updated since the last one, and for edited comments; files are looked at only when the
                branch has moved. GitHub's hourly quota is obeyed as GitHub reports it.
                """,
        };

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(GitHubConfig config, GitHubCredentials credentials)
    {
        var api = GitHubAddress.ApiOf(config, credentials).AbsoluteUri;
        return credentials switch
        {
            { GithubAppId: { Length: > 0 } app, GithubAppPrivateKey: { Length: > 0 } key } => Authentication.Token(
                api,
                TokenGrant.GitHubInstallation(api, app, key, credentials.GithubAppInstallationId ?? 0)
            ),
            { GithubRefreshToken.Length: > 0 } => Authentication.Token(
                api,
                TokenGrant.OAuth(
                    Manifest.OAuth! with
                    {
                        TokenUrl = GitHubAddress.SiteOf(credentials).At($"login/oauth/access_token").AbsoluteUri,
                    },
                    credentials.GithubAccessToken,
                    credentials.GithubRefreshToken,
                    credentials.GithubTokenExpiresAt is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null
                )
            ),
            _ => Authentication.Bearer(api, credentials.GithubAccessToken ?? ""),
        };
    }

    /// <inheritdoc />
    protected override IReader CreateReader(
        ReaderContext context,
        GitHubConfig config,
        GitHubCredentials credentials
    ) => new GitHubReader(context, config, GitHubAddress.ApiOf(config, credentials));
}

/// <summary>Which repositories, and what of them.</summary>
public sealed record GitHubConfig : IValidatable
{
    private static readonly string[] States = ["all", "open", "closed", ""];

    /// <summary>The owner.</summary>
    [Description("Login of the user or organisation that the repositories belong to.")]
    [Example("octo-org")]
    public required string RepoOwner { get; init; }

    /// <summary>The repositories.</summary>
    [Description("Names of repositories, separated by commas. None reads all that the credentials can see.")]
    [Example("handbook, website")]
    public string? Repositories { get; init; }

    /// <summary>Open, closed, or both.</summary>
    [Description("Which issues and pull requests: open, closed or all.")]
    public string StateFilter { get; init; } = "all";

    /// <summary>Pull requests.</summary>
    [Description("Read pull requests.")]
    public bool IncludePrs { get; init; } = true;

    /// <summary>Issues.</summary>
    [Description("Read issues.")]
    public bool IncludeIssues { get; init; }

    /// <summary>Files.</summary>
    [Description("Read the text files of the repositories. Off unless you switch it on.")]
    public bool IncludeFiles { get; init; }

    /// <summary>The branch.</summary>
    [Description("Branch to read files from. Empty reads each repository's default branch.")]
    [Example("main")]
    public string? Branch { get; init; }

    /// <summary>Another address of the API.</summary>
    [Description("Another address of the API, for gateways. Empty takes that of github_base_url.")]
    [Advanced]
    public string? ApiBaseUrl { get; init; }

    internal string State => StateFilter.Trim().ToLowerInvariant() is { Length: > 0 } state ? state : "all";

    internal string? BranchName => string.IsNullOrWhiteSpace(Branch) ? null : Branch.Trim();

    /// <summary>The names, without owners that were written before them.</summary>
    internal IReadOnlyList<string> Names =>
        [
            .. (Repositories ?? "")
                .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(name => name.Trim('/').Split('/')[^1])
                .Distinct(StringComparer.OrdinalIgnoreCase),
        ];

    /// <summary>What is read, as a mark that another selection does not have.</summary>
    internal string Selection =>
        $"{RepoOwner.Trim()}|{Repositories?.Trim()}|{State}|{IncludePrs}|{IncludeIssues}|{IncludeFiles}|{BranchName}";

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (string.IsNullOrWhiteSpace(RepoOwner))
        {
            yield return SettingsProblem.Of("repo_owner", "Should be the login of a user or organisation");
        }

        if (!States.Contains(StateFilter.Trim().ToLowerInvariant()))
        {
            yield return SettingsProblem.Of("state_filter", "Should be 'open', 'closed' or 'all'");
        }

        if (!IncludePrs && !IncludeIssues && !IncludeFiles)
        {
            yield return SettingsProblem.Of(
                "include_prs",
                "At least one of include_prs, include_issues and include_files should be true"
            );
        }

        if (!string.IsNullOrWhiteSpace(ApiBaseUrl) && ApiAddress.Problem(ApiBaseUrl) is { } problem)
        {
            yield return SettingsProblem.Of("api_base_url", problem);
        }
    }
}

/// <summary>Whose eyes read the repositories: those of a token, or of an installed app.</summary>
public sealed record GitHubCredentials : IValidatable
{
    /// <summary>The token.</summary>
    [Description("Personal access token, classic or fine-grained, or another access token.")]
    [Secret]
    public string? GithubAccessToken { get; init; }

    /// <summary>The account's home.</summary>
    [Description("Where the account lives: a GitHub Enterprise server, or a company's own part of ghe.com.")]
    [Example("https://github.example.com")]
    public string GithubBaseUrl { get; init; } = GitHubAddress.Public;

    /// <summary>The refresh token.</summary>
    [Description("Refresh token that came with an access token that expires.")]
    [Secret]
    [Advanced]
    public string? GithubRefreshToken { get; init; }

    /// <summary>The end of the access token.</summary>
    [Description("When the access token expires, in seconds since 1970.")]
    [Advanced]
    public long? GithubTokenExpiresAt { get; init; }

    /// <summary>The app.</summary>
    [Description("Client id of a GitHub App, in place of a token.")]
    [Advanced]
    public string? GithubAppId { get; init; }

    /// <summary>The app's key.</summary>
    [Description("Private key of the GitHub App, PEM.")]
    [Secret]
    [Advanced]
    public string? GithubAppPrivateKey { get; init; }

    /// <summary>The installation.</summary>
    [Description("Id of the installation of the GitHub App: the number at the end of its settings' address.")]
    [Advanced]
    public long? GithubAppInstallationId { get; init; }

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        var appMembers = new[] { GithubAppId, GithubAppPrivateKey, GithubAppInstallationId?.ToString() };
        var given = appMembers.Count(member => !string.IsNullOrWhiteSpace(member));
        if (given is 1 or 2)
        {
            yield return SettingsProblem.Of(
                "github_app_id",
                "Should be given together with github_app_private_key and github_app_installation_id"
            );
        }

        if (given == 0 && string.IsNullOrWhiteSpace(GithubAccessToken) && string.IsNullOrWhiteSpace(GithubRefreshToken))
        {
            yield return SettingsProblem.Of(
                "github_access_token",
                "Should be a token from Settings, Developer settings, Personal access tokens"
            );
        }

        if (!string.IsNullOrWhiteSpace(GithubBaseUrl) && ApiAddress.Problem(GithubBaseUrl) is { } problem)
        {
            yield return SettingsProblem.Of("github_base_url", problem);
        }
    }
}
