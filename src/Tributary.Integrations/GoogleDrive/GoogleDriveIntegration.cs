using Tributary.Integrations.Google;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.GoogleDrive;

/// <summary>Documents and files of Google Drive: My Drives, shared drives and folders.</summary>
public sealed class GoogleDriveIntegration : Integration<GoogleDriveConfig, GoogleCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "google_drive",
            Name = "Google Drive",
            Description =
                "Google Docs, Sheets, Slides and uploaded files of My Drives, shared drives and folders, with their readers.",
            Category = IntegrationCategory.Storage,
            AuthKinds = ["oauth2"],
            OAuth = GoogleServices.SignIn([
                "https://www.googleapis.com/auth/drive.readonly",
                "https://www.googleapis.com/auth/drive.metadata.readonly",
                "https://www.googleapis.com/auth/admin.directory.group.readonly",
                "https://www.googleapis.com/auth/admin.directory.user.readonly",
            ]),
            VendorLimits = [new RateLimit(RateUnit.Minute, 12_000)],
            Capabilities = new IntegrationCapabilities
            {
                Incremental = true,
                Permissions = true,
                DeepLinks = true,
            },
            Documentation = """
                Choose what to read by the three switches, or name drives, folders and people; names take precedence over
                the switches.

                **As a person**: sign in with Google. **As a service account**: in the Google Cloud console enable the
                *Google Drive API*, *Google Docs API* and *Admin SDK API*, make a service account and a key of type JSON.
                To read a whole domain, grant it domain-wide delegation in the Admin console (Security, API controls) with
                exactly these scopes, and give an administrator's address as `google_primary_admin`:
                `https://www.googleapis.com/auth/drive.readonly`,
                `https://www.googleapis.com/auth/drive.metadata.readonly`,
                `https://www.googleapis.com/auth/admin.directory.group.readonly`,
                `https://www.googleapis.com/auth/admin.directory.user.readonly`.
                Without delegation leave the administrator out, share drives or folders with the service account's address,
                and give their links; the Admin SDK is not asked then.

                Drives and folders that are named by a link are walked folder by folder at every refresh, so that moves and
                new grants are seen; My Drives and drives chosen by the switches are refreshed by Google's log of changes.
                Only what has changed is fetched again. Forms, Maps, Sites, Jamboards and drawings have no text and are
                left out. Shortcuts to files are followed. Files of people outside the domain whose readers Google does
                not tell are shown to those in whose Drive they were found.
                """,
        };

    /// <inheritdoc />
    public override IReadOnlyList<IntegrationAction> Actions =>
        [
            SearchAction("files", "Searches names and contents of files by Google Drive's own search."),
            GetAction("file", "Reads one file's facts, and the text of a Google Doc or presentation, by its id."),
        ];

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(GoogleDriveConfig config, GoogleCredentials credentials) =>
        config.Services.AuthenticateWith(credentials, Manifest.OAuth!);

    /// <inheritdoc />
    protected override IReader CreateReader(
        ReaderContext context,
        GoogleDriveConfig config,
        GoogleCredentials credentials
    ) => new GoogleDriveReader(context, config, credentials);
}
