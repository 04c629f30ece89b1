using System.ComponentModel;
using Tributary.Integrations.Google;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Gmail;

/// <summary>Mail threads of one mailbox, or of all of a Workspace domain.</summary>
public sealed class GmailIntegration : Integration<GmailConfig, GoogleCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "gmail",
            Name = "Gmail",
            Description =
                "Mail threads of one person or of everyone in a Workspace domain, each for its mailbox's owner.",
            Category = IntegrationCategory.Communication,
            AuthKinds = ["oauth2"],
            OAuth = GoogleServices.SignIn([
                "https://www.googleapis.com/auth/gmail.readonly",
                "https://www.googleapis.com/auth/admin.directory.user.readonly",
                "https://www.googleapis.com/auth/admin.directory.group.readonly",
            ]),
            // A thread costs 10 units of 6,000 that a user has in a minute.
            VendorLimits = [new RateLimit(RateUnit.Minute, 600)],
            Capabilities = new IntegrationCapabilities
            {
                Incremental = true,
                Permissions = true,
                DeepLinks = true,
            },
            Documentation = """
                **One mailbox**: sign in with Google. **All mailboxes of a domain**: in the Google Cloud console enable the
                *Gmail API* and the *Admin SDK API*, make a service account and a key of type JSON, grant it domain-wide
                delegation in the Admin console (Security, API controls) with exactly these scopes, and give an
                administrator's address as `google_primary_admin`: `https://www.googleapis.com/auth/gmail.readonly`,
                `https://www.googleapis.com/auth/admin.directory.user.readonly`,
                `https://www.googleapis.com/auth/admin.directory.group.readonly`. The scope *gmail.metadata* is not enough.
                Where the directory may not be read, the administrator's own mailbox is read alone.

                A thread is a document, and each of its messages a section without the history that it quotes. Spam, Trash,
                Promotions, drafts and chats are left out. Attachments are documents of their own; inline images are left
                out. A refresh asks for Gmail's history of each mailbox; where `query` or `label_ids` are given it lists what
                they find. Only the owner of a mailbox may read what is in it.
                """,
        };

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(GmailConfig config, GoogleCredentials credentials) =>
        config.Services.AuthenticateWith(credentials, Manifest.OAuth!);

    /// <inheritdoc />
    protected override IReader CreateReader(ReaderContext context, GmailConfig config, GoogleCredentials credentials) =>
        new GmailReader(context, config, credentials);
}

/// <summary>What of the mailboxes is read.</summary>
public sealed record GmailConfig : IValidatable
{
    /// <summary>Whether attachments are read.</summary>
    [Description("Read attached files, as documents of their own.")]
    public bool IncludeAttachments { get; init; } = true;

    /// <summary>A search.</summary>
    [Description("Read only the threads that this search finds, written as in Gmail's own search box.")]
    [Example("newer_than:2y -from:noreply@example.com")]
    public string? Query { get; init; }

    /// <summary>Labels.</summary>
    [Description("Read only threads with all of these labels: ids such as INBOX or Label_12.")]
    [Example("INBOX")]
    public IReadOnlyList<string>? LabelIds { get; init; }

    /// <summary>Another root of the APIs.</summary>
    [Description(
        "Address of a gateway that serves Google's APIs, and its token endpoint as /token, in place of Google's own hosts."
    )]
    [Advanced]
    public string? ApiBaseUrl { get; init; }

    /// <summary>For older settings.</summary>
    [Description("Accepted for older settings, without effect: the server chooses the size of its batches.")]
    [Advanced]
    public int? BatchSize { get; init; }

    /// <summary>What a mailbox's history cannot tell: whether a thread is among those that are wanted.</summary>
    internal bool IsFiltered => !string.IsNullOrWhiteSpace(Query) || LabelIds is { Count: > 0 };

    internal GoogleServices Services => GoogleServices.At(ApiBaseUrl);

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (!string.IsNullOrWhiteSpace(ApiBaseUrl) && ApiAddress.Problem(ApiBaseUrl) is { } problem)
        {
            yield return SettingsProblem.Of("api_base_url", problem);
        }
    }
}
