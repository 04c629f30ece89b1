using Tributary.Sdk;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.NotApplicable;

/// <summary>The name for "no source": accepted, shown, never read and never pruned.</summary>
public sealed class NotApplicableIntegration : Integration<NoConfig, NoCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "not_applicable",
            Name = "Other",
            Description = "A placeholder for documents and credentials without a source of their own.",
            Category = IntegrationCategory.Custom,
            Kind = IntegrationKind.Inert,
            IsHidden = true,
            AcceptsAnySettings = true,
            Capabilities = new IntegrationCapabilities { Deletion = DeletionDetection.None },
            Documentation = """
                Nothing is configured, fetched or deleted here: a connector of this type has no documents, and a run
                that is started by hand ends at once. Any config and credentials are accepted and ignored.
                """,
        };

    /// <inheritdoc />
    protected override IReader CreateReader(ReaderContext context, NoConfig config, NoCredentials credentials) =>
        new NothingToRead(Manifest.Slug);
}
