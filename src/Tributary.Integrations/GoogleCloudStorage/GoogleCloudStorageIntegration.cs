using System.ComponentModel;
using Tributary.Integrations.ObjectStorage;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.GoogleCloudStorage;

/// <summary>Files of a bucket of Google Cloud Storage, by its S3-compatible API.</summary>
public sealed class GoogleCloudStorageIntegration : Integration<GoogleCloudStorageConfig, GoogleCloudStorageCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "google_cloud_storage",
            Name = "Google Cloud Storage",
            Description = "Files of a Cloud Storage bucket or of a part of it.",
            Category = IntegrationCategory.Storage,
            AuthKinds = ["api_key"],
            VendorLimits = [new RateLimit(RateUnit.Second, 4_000)],
            Documentation = """
                In the console under Cloud Storage, *Settings*, *Interoperability*, make an HMAC key for a service account that
                has the role **Storage Object Viewer** on the bucket (*storage.objects.list* and *storage.objects.get*). A new key
                works after up to a minute. A key of a person ends with that person's account.

                Links open the console for who is signed in there. Folder markers and empty objects are left out. A refresh lists
                all keys and fetches what has a new ETag. The API does not say who may read an object. Buckets whose readers pay
                cannot be read with these keys.
                """,
        };

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(
        GoogleCloudStorageConfig config,
        GoogleCloudStorageCredentials credentials
    ) => StoreOf(config).SignedBy(AwsKeys.Fixed(credentials.AccessKeyId, credentials.SecretAccessKey));

    /// <inheritdoc />
    protected override IReader CreateReader(
        ReaderContext context,
        GoogleCloudStorageConfig config,
        GoogleCloudStorageCredentials credentials
    ) => new BucketReader(context, StoreOf(config));

    internal static ObjectStore StoreOf(GoogleCloudStorageConfig config) =>
        new()
        {
            Slug = "google_cloud_storage",
            Config = config,
            Region = "auto",
            EndpointOf = _ => config.Endpoint ?? new Uri("https://storage.googleapis.com"),
            LinkOf = (key, _) => $"https://console.cloud.google.com/storage/browser/_details/{config.Bucket}/{key}",
            Rights = (
                "storage.objects.list (role Storage Object Viewer)",
                "storage.objects.get (role Storage Object Viewer)"
            ),
        };
}

/// <summary>Which bucket, and what of it.</summary>
public sealed record GoogleCloudStorageConfig : BucketConfig
{
    /// <summary>Always google_cloud_storage.</summary>
    [Description("Always 'google_cloud_storage' for this kind of connector.")]
    public string BucketType { get; init; } = "google_cloud_storage";

    private protected override (string Given, string Right) Type => (BucketType, "google_cloud_storage");
}

/// <summary>An HMAC key.</summary>
public sealed record GoogleCloudStorageCredentials
{
    /// <summary>The key's id.</summary>
    [Description("Access id of the HMAC key; it starts with GOOG.")]
    [Example("GOOG1EXAMPLE")]
    public required string AccessKeyId { get; init; }

    /// <summary>The key's secret.</summary>
    [Description("Secret of the HMAC key.")]
    [Secret]
    public required string SecretAccessKey { get; init; }
}
