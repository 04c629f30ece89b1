using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Outlook;

/// <summary>Mail threads and meetings of Exchange Online.</summary>
public sealed class OutlookIntegration : Integration<OutlookConfig, OutlookCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "outlook",
            Aliases = ["OUTLOOK"],
            Name = "Outlook",
            Description =
                "Mail threads of chosen mailboxes, of groups' members or of everyone, with attachments and meetings if wanted.",
            Category = IntegrationCategory.Communication,
            AuthKinds = ["oauth2"],
            VendorLimits = [new RateLimit(RateUnit.Second, 15)],
            Capabilities = new IntegrationCapabilities
            {
                Incremental = true,
                Permissions = true,
                DeepLinks = true,
            },
            Documentation = """
                Register an application in the Entra admin center (App registrations) and give it a client secret or a
                certificate. It needs the *application* permissions `Mail.Read` and `User.Read.All`, `GroupMember.Read.All`
                when groups are named, and `Calendars.Read` for meetings, each with admin consent. `Mail.Read` opens every
                mailbox: restrict it in Exchange Online with RBAC for Applications. Mailboxes outside that scope, and users
                without a mailbox, are passed over when the whole tenant or a group is read. Shared mailboxes cannot sign in,
                so that they are found only by their address or by a group.

                A thread is one document, written from the mailbox of the one who began it, for those who are named on each
                of its messages. Who was left out of a part has a document with the messages that name him. Drafts, deleted
                items, junk, hidden and search folders, in-place archives and mailboxes on premises are not read. A mail that
                was deleted for good out of a thread that goes on is gone when the thread is next changed, or when
                everything is read again.
                """,
        };

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(OutlookConfig config, OutlookCredentials credentials) =>
        credentials.Application.AuthenticateFor(config.AuthorityHost, config.GraphApiHost);

    /// <inheritdoc />
    protected override IReader CreateReader(
        ReaderContext context,
        OutlookConfig config,
        OutlookCredentials credentials
    ) => new OutlookReader(context, config);
}

/// <summary>Whose mail, and how much of it.</summary>
public sealed record OutlookConfig : IValidatable
{
    /// <summary>Mailboxes.</summary>
    [Description(
        "Addresses or user ids of mailboxes, shared ones too. With mailbox_groups empty, none reads them all."
    )]
    [Example("support@example.com")]
    public IReadOnlyList<string>? Mailboxes { get; init; }

    /// <summary>Groups.</summary>
    [Description("Names or object ids of Entra groups whose members' mailboxes are read.")]
    [Example("Sales")]
    public IReadOnlyList<string>? MailboxGroups { get; init; }

    /// <summary>Age.</summary>
    [Description("Mail older than this many days is not read. Empty reads all.")]
    [Range(1, 36_500)]
    public int? MailHistoryDays { get; init; }

    /// <summary>Folders.</summary>
    [Description("Folders to leave out with those below them: display names, or well-known names such as archive.")]
    [Example("Newsletters")]
    public IReadOnlyList<string>? ExcludedFolders { get; init; }

    /// <summary>Attachments.</summary>
    [Description("Read the files attached to mails.")]
    public bool IncludeAttachments { get; init; }

    /// <summary>Meetings.</summary>
    [Description("Read the meetings of the mailboxes' calendars.")]
    public bool IncludeCalendar { get; init; }

    /// <summary>Past meetings.</summary>
    [Description("How many days back meetings are read.")]
    [Range(0, 36_500)]
    public int CalendarPastDays { get; init; } = 365;

    /// <summary>Coming meetings.</summary>
    [Description("How many days ahead meetings are read.")]
    [Range(0, 36_500)]
    public int CalendarFutureDays { get; init; } = 180;

    /// <summary>Sign-in.</summary>
    [Description("Sign-in host of the cloud, for national clouds and gateways.")]
    [Advanced]
    public string AuthorityHost { get; init; } = GraphCloud.GlobalAuthority;

    /// <summary>Graph.</summary>
    [Description("Microsoft Graph host of the cloud, for national clouds and gateways.")]
    [Advanced]
    public string GraphApiHost { get; init; } = GraphCloud.GlobalGraph;

    /// <summary>Batches.</summary>
    [Description("How many threads are read between two checkpoints.")]
    [Range(1, 1_000)]
    [Advanced]
    public int BatchSize { get; init; } = 16;

    internal Uri Root => GraphCloud.ApiOf(GraphApiHost);

    internal bool IsWholeTenant => Mailboxes is not { Count: > 0 } && MailboxGroups is not { Count: > 0 };

    /// <summary>Mailboxes are named one by one, so that each has to open.</summary>
    internal bool IsStrict => Mailboxes is { Count: > 0 } && MailboxGroups is not { Count: > 0 };

    /// <summary>What is read, as a mark that another selection does not have.</summary>
    internal string Selection =>
        GraphMarks.MarkOf(
            string.Join('\n', Mailboxes ?? []),
            string.Join('\n', MailboxGroups ?? []),
            string.Join('\n', ExcludedFolders ?? []),
            $"{MailHistoryDays} {IncludeAttachments} {IncludeCalendar} {GraphApiHost}"
        );

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate() => GraphCloud.Validate(AuthorityHost, GraphApiHost);
}

/// <summary>The application that reads.</summary>
public sealed record OutlookCredentials : IValidatable
{
    /// <summary>How it signs in.</summary>
    [Description("Whether the application signs in with a client secret or with a certificate.")]
    public GraphAuthenticationMethod? AuthenticationMethod { get; init; }

    /// <summary>The application.</summary>
    [Description("Application (client) id.")]
    public required string OutlookClientId { get; init; }

    /// <summary>The tenant.</summary>
    [Description("Directory (tenant) id.")]
    public required string OutlookDirectoryId { get; init; }

    /// <summary>The secret.</summary>
    [Description("Client secret: its value, not its id.")]
    [Secret]
    public string? OutlookClientSecret { get; init; }

    /// <summary>The certificate.</summary>
    [Description("Certificate with its private key: a PFX file in base64.")]
    [Secret]
    public string? OutlookPrivateKey { get; init; }

    /// <summary>The certificate's password.</summary>
    [Description("Password of the PFX file.")]
    [Secret]
    public string? OutlookCertificatePassword { get; init; }

    internal GraphApplication Application =>
        new()
        {
            Directory = OutlookDirectoryId,
            ClientId = OutlookClientId,
            Chosen = AuthenticationMethod,
            Secret = OutlookClientSecret,
            Certificate = OutlookPrivateKey,
            Password = OutlookCertificatePassword,
        };

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate() =>
        Application.Validate("outlook_client_secret", "outlook_private_key");
}
