using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Dropbox;

/// <summary>Files of a Dropbox account and of its team's space.</summary>
public sealed class DropboxIntegration : Integration<DropboxConfig, DropboxCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "dropbox",
            Name = "Dropbox",
            Description =
                "Files and Paper documents of a Dropbox account with its shared and team folders, or of one folder.",
            Category = IntegrationCategory.Storage,
            AuthKinds = ["oauth2", "api_key"],
            OAuth = new OAuthFacts
            {
                AuthorizeUrl = "https://www.dropbox.com/oauth2/authorize",
                TokenUrl = "https://api.dropboxapi.com/oauth2/token",
                Scopes = ["account_info.read", "files.metadata.read", "files.content.read", "sharing.read"],
                AuthorizeParameters = new Dictionary<string, string> { ["token_access_type"] = "offline" },
                AccessTokenMember = "dropbox_access_token",
                RefreshTokenMember = "dropbox_refresh_token",
            },
            Capabilities = new IntegrationCapabilities { Incremental = true, Permissions = true },
            Documentation = """
                Make an app at https://www.dropbox.com/developers/apps with the permissions *account_info.read*,
                *files.metadata.read*, *files.content.read* and *sharing.read*; nothing is ever written. Sign in, or give the
                app's key and secret with a refresh token. A generated access token alone works for four hours.

                The whole account is read, with the folders of the team that the account is a member of, or only
                `folder_path`. Paper documents are exported as Markdown. Files that Dropbox neither downloads nor exports are left
                out. An existing shared link is used; none is ever made.

                A refresh reads what Dropbox's feed of changes tells. Deleted files go with the next prune. Readers are the members
                of a file and of its shared folder; what is not shared is its owner's alone.
                """,
        };

    /// <inheritdoc />
    public override IReadOnlyList<IntegrationAction> Actions =>
        [
            SearchAction(
                "files",
                "Searches names and contents of files by Dropbox's own search, below the connector's folder."
            ),
            GetAction("file", "Reads one file's facts, by its id or path."),
        ];

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(DropboxConfig config, DropboxCredentials credentials)
    {
        var api = config.Api.AbsoluteUri;
        var authentication =
            string.IsNullOrWhiteSpace(credentials.DropboxRefreshToken)
            && credentials.DropboxAccessToken is { Length: > 0 } token
                ? Authentication.Bearer(api, token)
                : Authentication.Token(
                    api,
                    TokenGrant.OAuth(
                        Manifest.OAuth! with
                        {
                            TokenUrl = config.TokenUrl.AbsoluteUri,
                        },
                        credentials.DropboxAccessToken,
                        credentials.DropboxRefreshToken,
                        client: credentials.Client
                    )
                );
        return authentication.AlsoFor(config.Content.AbsoluteUri);
    }

    /// <inheritdoc />
    protected override IReader CreateReader(
        ReaderContext context,
        DropboxConfig config,
        DropboxCredentials credentials
    ) => new DropboxReader(context, config);
}

/// <summary>What of the account is read.</summary>
public sealed record DropboxConfig : IValidatable
{
    private const string Vendor = "https://api.dropboxapi.com/2";

    /// <summary>The folder.</summary>
    [Description("Only this folder and what is below it. Empty reads everything.")]
    [Example("/Handbook")]
    public string FolderPath { get; init; } = "";

    /// <summary>Paper documents, too.</summary>
    [Description("Read Paper documents, too.")]
    public bool IncludePaper { get; init; } = true;

    /// <summary>Of no effect.</summary>
    [Description("Accepted from other connectors' settings and without effect: documents are stored as they come.")]
    [Advanced]
    [Range(1, 10_000)]
    public int BatchSize { get; init; } = 16;

    /// <summary>The API.</summary>
    [Description("Address of the API, for gateways.")]
    [Advanced]
    public string ApiBaseUrl { get; init; } = Vendor;

    /// <summary>The API's host for content.</summary>
    [Description(
        "Address of the API's content host, for gateways. Empty takes Dropbox's own, or the gateway's address."
    )]
    [Advanced]
    public string? ContentBaseUrl { get; init; }

    internal Uri Api => Versioned(ApiBaseUrl);

    /// <summary>Beside the API's version.</summary>
    internal Uri TokenUrl => new(Api, "oauth2/token");

    internal Uri Content =>
        !string.IsNullOrWhiteSpace(ContentBaseUrl) ? Versioned(ContentBaseUrl)
        : Api.AbsoluteUri == Vendor ? new Uri("https://content.dropboxapi.com/2")
        : Api;

    /// <summary>As the API wants it: empty for all, else with a slash in front and none at the end.</summary>
    internal string Folder => FolderPath.Trim().Trim('/') is { Length: > 0 } path ? $"/{path}" : "";

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (ApiAddress.Problem(ApiBaseUrl) is { } problem)
        {
            yield return SettingsProblem.Of("api_base_url", problem);
        }

        if (!string.IsNullOrWhiteSpace(ContentBaseUrl) && ApiAddress.Problem(ContentBaseUrl) is { } other)
        {
            yield return SettingsProblem.Of("content_base_url", other);
        }
    }

    private static Uri Versioned(string typed)
    {
        var address = ApiAddress.Parse(typed).AbsoluteUri.TrimEnd('/');
        return new Uri(address.EndsWith("/2", StringComparison.Ordinal) ? address : $"{address}/2");
    }
}

/// <summary>Whose eyes read the account.</summary>
public sealed record DropboxCredentials : IValidatable
{
    /// <summary>The access token.</summary>
    [Description("Access token. It lasts four hours unless there is a refresh token, too.")]
    [Secret]
    public string? DropboxAccessToken { get; init; }

    /// <summary>The refresh token.</summary>
    [Description("Refresh token, which renews the access token.")]
    [Secret]
    public string? DropboxRefreshToken { get; init; }

    /// <summary>The app's key.</summary>
    [Description("Key of the app that the refresh token was given to. Empty takes the server's own app.")]
    [Secret]
    public string? DropboxAppKey { get; init; }

    /// <summary>The app's secret.</summary>
    [Description("Secret of that app.")]
    [Secret]
    public string? DropboxAppSecret { get; init; }

    internal OAuthClient? Client =>
        string.IsNullOrWhiteSpace(DropboxAppKey)
            ? null
            : new OAuthClient { ClientId = DropboxAppKey.Trim(), ClientSecret = DropboxAppSecret?.Trim() ?? "" };

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (string.IsNullOrWhiteSpace(DropboxAccessToken) && string.IsNullOrWhiteSpace(DropboxRefreshToken))
        {
            yield return SettingsProblem.Of("dropbox_access_token", "Should be given, or dropbox_refresh_token");
        }
    }
}
