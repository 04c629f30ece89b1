using System.ComponentModel;
using System.Text.RegularExpressions;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.RequestTracker;

/// <summary>Tickets of a Request Tracker (RT 5, or 4.4 with its REST2 extension).</summary>
public sealed partial class RequestTrackerIntegration : Integration<RequestTrackerConfig, RequestTrackerCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "requesttracker",
            Name = "Request Tracker",
            Description = "Tickets with their correspondence and comments: of all queues, or of some.",
            Category = IntegrationCategory.Support,
            AuthKinds = ["basic", "api_key"],
            Capabilities = new IntegrationCapabilities { Incremental = true, DeepLinks = true },
            Documentation = """
                Give an account of RT with its password, or a token (in RT: Logged in as, Settings, Auth Tokens) in the
                password's place. The account needs the rights `SeeQueue`, `ShowTicket`, `SeeCustomField` and, for comments,
                `ShowTicketComments` on the queues; global rights are best for an account that only reads. RT 4.4 needs the
                extension RT::Extension::REST2.

                Each ticket is a document with a section for what opened it, each answer and each comment; comments, which only
                staff sees in RT, are marked. Quoted mails and signatures are cut off. Deleted tickets, merged ones, reminders
                and approvals are not read. Attached files are read where `include_attachments` is set; a prune then asks for
                the files of each single ticket.

                RT tells the rights on queues to nobody, so that tickets are shown to whomever the connector is shown to.
                """,
        };

    /// <inheritdoc />
    public override IReadOnlyList<IntegrationAction> Actions =>
        [
            SearchAction(
                "tickets",
                "Searches subjects of tickets, and their texts where RT has an index of them, last changed first."
            ),
            GetAction("ticket", "Reads one ticket with its answers, by its number."),
        ];

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(
        RequestTrackerConfig config,
        RequestTrackerCredentials credentials
    )
    {
        var api = RootOf(config, credentials).AbsoluteUri;
        return Token().IsMatch(credentials.RequesttrackerPassword.Trim())
            ? Authentication.Header(api, "Authorization", $"token {credentials.RequesttrackerPassword.Trim()}")
            : Authentication.Basic(api, credentials.RequesttrackerUsername ?? "", credentials.RequesttrackerPassword);
    }

    /// <inheritdoc />
    protected override IReader CreateReader(
        ReaderContext context,
        RequestTrackerConfig config,
        RequestTrackerCredentials credentials
    ) => new RequestTrackerReader(context, config, RootOf(config, credentials));

    private static Uri RootOf(RequestTrackerConfig config, RequestTrackerCredentials credentials)
    {
        var typed = new[] { config.BaseUrl, credentials.RequesttrackerBaseUrl }.FirstOrDefault(text =>
            !string.IsNullOrWhiteSpace(text)
        );
        return typed is not null
            ? ApiAddress.Parse(Rest().Replace(typed.Trim(), ""))
            : throw new SourceException(
                FailureKind.Configuration,
                "The address of RT is missing. Give requesttracker_base_url with the credentials, e.g. https://rt.example.com."
            )
            {
                Member = "credentials.requesttracker_base_url",
            };
    }

    [GeneratedRegex(@"^\d+-\d+-")]
    private static partial Regex Token();

    // People copy the API's address where RT's own is asked for.
    [GeneratedRegex(@"/REST/[12]\.0/?$", RegexOptions.IgnoreCase)]
    private static partial Regex Rest();
}

/// <summary>What of the tracker.</summary>
public sealed record RequestTrackerConfig : IValidatable
{
    /// <summary>Queues to read.</summary>
    [Description("Names of the queues to read. None reads all that the account sees.")]
    [Example("Support")]
    public IReadOnlyList<string> Queues { get; init; } = [];

    /// <summary>Queues to leave out.</summary>
    [Description("Names of queues to leave out.")]
    [Example("Spam")]
    public IReadOnlyList<string> ExcludeQueues { get; init; } = [];

    /// <summary>A query.</summary>
    [Description("TicketSQL that tickets have to fit, beside the queues.")]
    [Example("Status = 'resolved'")]
    [Alias("query")]
    public string? TicketQuery { get; init; }

    /// <summary>Comments.</summary>
    [Description("Also read comments, which only staff sees in RT; they are marked.")]
    public bool IncludeComments { get; init; } = true;

    /// <summary>Files.</summary>
    [Description("Read attached files as documents of their own. A prune then takes a request for each ticket.")]
    public bool IncludeAttachments { get; init; }

    /// <summary>The tracker.</summary>
    [Description("Address of RT, in place of the credentials' one.")]
    [Example("https://rt.example.com")]
    [Advanced]
    public string? BaseUrl { get; init; }

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (!string.IsNullOrWhiteSpace(BaseUrl) && ApiAddress.Problem(BaseUrl) is { } problem)
        {
            yield return SettingsProblem.Of("base_url", problem);
        }
    }
}

/// <summary>Where the tracker is, and whose eyes read it.</summary>
public sealed record RequestTrackerCredentials : IValidatable
{
    /// <summary>The user.</summary>
    [Description("Name of the RT account; not needed with a token.")]
    [Example("tributary")]
    public string? RequesttrackerUsername { get; init; }

    /// <summary>The password.</summary>
    [Description("Its password in RT, or an authentication token like 1-14-….")]
    [Secret]
    public required string RequesttrackerPassword { get; init; }

    /// <summary>The tracker.</summary>
    [Description("Address of RT, with its folder where it has one.")]
    [Example("https://rt.example.com/rt")]
    public string? RequesttrackerBaseUrl { get; init; }

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (
            !string.IsNullOrWhiteSpace(RequesttrackerBaseUrl)
            && ApiAddress.Problem(RequesttrackerBaseUrl) is { } problem
        )
        {
            yield return SettingsProblem.Of("requesttracker_base_url", problem);
        }
    }
}
