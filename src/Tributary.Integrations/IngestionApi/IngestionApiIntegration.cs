using Tributary.Sdk;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.IngestionApi;

/// <summary>Documents that callers push. There is nothing to read, and a prune must never touch them.</summary>
public sealed class IngestionApiIntegration : Integration<NoConfig, NoCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "ingestion_api",
            Name = "Ingestion API",
            Description = "Documents that your own programs push and delete.",
            Category = IntegrationCategory.Custom,
            Kind = IntegrationKind.Push,
            AcceptsAnySettings = true,
            Capabilities = new IntegrationCapabilities { Deletion = DeletionDetection.None },
            Documentation = """
                Push documents with `POST /onyx-api/ingestion`, list them with `GET` and remove one with
                `DELETE /onyx-api/ingestion/{id}`. A document with an id that is there already replaces it.

                There is nothing to configure: any config and credentials are accepted and ignored, nothing is ever
                fetched, and no schedule deletes what was pushed. Deleting the connector deletes its documents.
                """,
        };

    /// <inheritdoc />
    protected override IReader CreateReader(ReaderContext context, NoConfig config, NoCredentials credentials) =>
        new NothingToRead(Manifest.Slug);
}
