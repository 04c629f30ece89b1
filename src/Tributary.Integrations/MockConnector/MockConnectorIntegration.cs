using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tributary.Sdk;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.MockConnector;

/// <summary>A source that replays a script of documents, failures and crashes, for tests of what is built on the platform.</summary>
public sealed class MockConnectorIntegration : Integration<MockConnectorConfig, NoCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "mock_connector",
            Name = "Mock connector",
            Description = "Replays a script of documents, failures and crashes from a server of your own, for tests.",
            Category = IntegrationCategory.Custom,
            IsHidden = true,
            AcceptsAnySettings = true,
            Documentation = """
                A script server answers `GET /get-documents` with a list of steps, each
                `{documents, failures, checkpoint: {has_more, last_document_id}, unhandled_exception?, live_ids?}`, and
                takes the checkpoint that each step is called with at `POST /add-checkpoint`. A run replays the steps
                from the first until one says `has_more: false`; asking for more steps than there are fails the run.

                Pruning keeps the documents of all steps, or exactly the `live_ids` when a step gives them.

                Script servers usually stand in a private network, which requests reach only when the operator has
                allowed it in `AllowedNetworks`. Without `mock_server_host` the connector is accepted and never runs.
                """,
        };

    /// <inheritdoc />
    protected override bool HasRuns(MockConnectorConfig config) => config.MockServerHost is not null;

    /// <inheritdoc />
    protected override IReader CreateReader(
        ReaderContext context,
        MockConnectorConfig config,
        NoCredentials credentials
    ) =>
        config is { MockServerHost: { } host, MockServerPort: { } port }
            ? new MockConnectorReader(context, new UriBuilder(Uri.UriSchemeHttp, host, port).Uri)
            : new NothingToRead(Manifest.Slug);
}

/// <summary>Where the script is.</summary>
public sealed record MockConnectorConfig : IValidatable
{
    /// <summary>The host.</summary>
    [Description("Host name or address of the script server. Without it the connector never runs.")]
    [Example("mock-connector-server")]
    public string? MockServerHost { get; init; }

    /// <summary>The port.</summary>
    [Description("Port of the script server; spoken to in plain HTTP.")]
    [Range(1, 65_535)]
    public int? MockServerPort { get; init; }

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (MockServerHost is null)
        {
            yield break;
        }

        if (Uri.CheckHostName(MockServerHost) == UriHostNameType.Unknown)
        {
            yield return SettingsProblem.Of(
                "mock_server_host",
                "Should be a host name or an address, without scheme, port and path"
            );
        }

        if (MockServerPort is null)
        {
            yield return SettingsProblem.Of("mock_server_port", "Has to be given together with mock_server_host");
        }
    }
}
