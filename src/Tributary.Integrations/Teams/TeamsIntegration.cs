using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Teams;

/// <summary>Channel conversations of Microsoft Teams.</summary>
public sealed class TeamsIntegration : Integration<TeamsConfig, TeamsCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "teams",
            Name = "Microsoft Teams",
            Description =
                "Conversations in the channels of all teams or chosen ones: posts with their replies, and if wanted files, pictures and meetings.",
            Category = IntegrationCategory.Communication,
            AuthKinds = ["oauth2"],
            VendorLimits = [new RateLimit(RateUnit.Second, 20)],
            Capabilities = new IntegrationCapabilities
            {
                Incremental = true,
                Permissions = true,
                DeepLinks = true,
            },
            Documentation = """
                Register an application in the Entra admin center (App registrations) and give it a client secret. It needs
                the *application* permissions `Team.ReadBasic.All`, `Channel.ReadBasic.All`, `ChannelMessage.Read.All`,
                `TeamMember.Read.All` and `ChannelMember.Read.All`, and `Files.Read.All` for channel files, with admin
                consent. `User.Read.All` gives the addresses of authors who are no members. Reading messages is a protected
                API: in older tenants Microsoft has to approve it by a form.

                A post with its replies is one document, readable by the channel's members; channels with many members name
                their team as a group. System messages and deleted messages are left out. Shared channels of other tenants
                cannot be read. Edits are seen for eight months back; what is older is compared by a full reading.

                Meetings are those that the named users have organized. Their transcripts need `OnlineMeetings.Read.All`
                and `OnlineMeetingTranscript.Read.All`, and an application access policy that a Teams administrator grants
                (`New-CsApplicationAccessPolicy`, `Grant-CsApplicationAccessPolicy`); their chats need `Chat.Read.All`, and
                the users `User.Read.All`. A transcript is readable by those who were invited, a chat by its members.
                """,
        };

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(TeamsConfig config, TeamsCredentials credentials) =>
        new GraphApplication
        {
            Directory = credentials.TeamsDirectoryId,
            ClientId = credentials.TeamsClientId,
            Secret = credentials.TeamsClientSecret,
        }.AuthenticateFor(config.AuthorityHost, config.GraphApiHost);

    /// <inheritdoc />
    protected override IReader CreateReader(ReaderContext context, TeamsConfig config, TeamsCredentials credentials) =>
        new TeamsReader(context, config, credentials.TeamsDirectoryId);
}

/// <summary>Which teams, and what of them.</summary>
public sealed record TeamsConfig : IValidatable
{
    /// <summary>Teams.</summary>
    [Description("Display names or ids of teams; all teams of a name. None reads all teams.")]
    [Example("Engineering")]
    public IReadOnlyList<string>? Teams { get; init; }

    /// <summary>Channels at once.</summary>
    [Description("How many channels are read side by side.")]
    [Range(1, int.MaxValue)]
    [Advanced]
    public int MaxWorkers { get; init; } = 10;

    /// <summary>Files.</summary>
    [Description("Read the files of the channels.")]
    public bool IncludeAttachments { get; init; }

    /// <summary>Pictures.</summary>
    [Description("Read the text in pictures that were pasted into messages.")]
    public bool IncludeInlineImages { get; init; }

    /// <summary>Transcripts.</summary>
    [Description("Read the transcripts of online meetings of meeting_organizers.")]
    public bool IncludeMeetingTranscripts { get; init; }

    /// <summary>Organizers.</summary>
    [Description("Principal names or ids of users whose meetings are read.")]
    [Example("ada@example.com")]
    [Alias("transcript_organizers")]
    public IReadOnlyList<string>? MeetingOrganizers { get; init; }

    /// <summary>Chats.</summary>
    [Description("Read the chats of online meetings of meeting_organizers.")]
    public bool IncludeMeetingChats { get; init; }

    /// <summary>Sign-in.</summary>
    [Description("Sign-in host of the cloud, for national clouds and gateways.")]
    [Advanced]
    public string AuthorityHost { get; init; } = GraphCloud.GlobalAuthority;

    /// <summary>Graph.</summary>
    [Description("Microsoft Graph host of the cloud, for national clouds and gateways.")]
    [Advanced]
    public string GraphApiHost { get; init; } = GraphCloud.GlobalGraph;

    /// <summary>Channels at once, as many as make sense.</summary>
    internal int Workers => Math.Min(MaxWorkers, 100);

    internal Uri Root => GraphCloud.ApiOf(GraphApiHost);

    /// <summary>What is read, as a mark that another selection does not have.</summary>
    internal string Selection =>
        GraphMarks.MarkOf(
            string.Join('\n', Teams ?? []),
            string.Join('\n', MeetingOrganizers ?? []),
            $"{IncludeAttachments} {IncludeInlineImages} {IncludeMeetingTranscripts} {IncludeMeetingChats} {GraphApiHost}"
        );

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        foreach (var problem in GraphCloud.Validate(AuthorityHost, GraphApiHost))
        {
            yield return problem;
        }

        if (
            (IncludeMeetingTranscripts || IncludeMeetingChats)
            && !(MeetingOrganizers ?? []).Any(name => !string.IsNullOrWhiteSpace(name))
        )
        {
            yield return SettingsProblem.Of(
                "meeting_organizers",
                "Should name the users whose meetings are read, by principal name or id"
            );
        }
    }
}

/// <summary>The application that reads.</summary>
public sealed record TeamsCredentials
{
    /// <summary>The application.</summary>
    [Description("Application (client) id.")]
    public required string TeamsClientId { get; init; }

    /// <summary>The secret.</summary>
    [Description("Client secret: its value, not its id.")]
    [Secret]
    public required string TeamsClientSecret { get; init; }

    /// <summary>The tenant.</summary>
    [Description("Directory (tenant) id.")]
    public required string TeamsDirectoryId { get; init; }
}
