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
            AuthKinds = ["api_key", "service_account"],
            VendorLimits = [new RateLimit(RateUnit.Second, 4_000)],
            Documentation = """
                In the console under Cloud Storage, *Settings*, *Interoperability*, make an HMAC key for a service account that
                has the role **Storage Object Viewer** on the bucket (*storage.objects.list* and *storage.objects.get*). A new key
                works after up to a minute. A key of a person ends with that person's account. Where the organisation forbids
                HMAC keys, the JSON key of a service account with the same role does as well.

                Links open the console for who is signed in there. Folder markers and empty objects are left out. A refresh lists
                all keys and fetches what has a new ETag. The API does not say who may read an object. Buckets whose readers pay
                cannot be read with these keys.
                """,
        };

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(
        GoogleCloudStorageConfig config,
        GoogleCloudStorageCredentials credentials
    ) =>
        credentials.GoogleServiceAccountKey is { } key && !string.IsNullOrWhiteSpace(key)
            ? Authentication.Token(
                StoreOf(config).BucketAt("auto").AbsoluteUri,
                TokenGrant.GoogleServiceAccount(key, ["https://www.googleapis.com/auth/devstorage.read_only"])
            )
            : StoreOf(config).SignedBy(AwsKeys.Fixed(credentials.AccessKeyId ?? "", credentials.SecretAccessKey ?? ""));

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

/// <summary>An HMAC key, or a service account's key file.</summary>
public sealed record GoogleCloudStorageCredentials : IValidatable
{
    /// <summary>The key's id.</summary>
    [Description("Access id of the HMAC key; it starts with GOOG.")]
    [Example("GOOG1EXAMPLE")]
    public string? AccessKeyId { get; init; }

    /// <summary>The key's secret.</summary>
    [Description("Secret of the HMAC key.")]
    [Secret]
    public string? SecretAccessKey { get; init; }

    /// <summary>In place of both.</summary>
    [Description("Key file of a service account, JSON, in place of an HMAC key.")]
    [Secret]
    public string? GoogleServiceAccountKey { get; init; }

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (!string.IsNullOrWhiteSpace(GoogleServiceAccountKey))
        {
            yield break;
        }

        if (string.IsNullOrWhiteSpace(AccessKeyId))
        {
            yield return SettingsProblem.Of(
                "access_key_id",
                "Should be the id of an HMAC key, or google_service_account_key should be given"
            );
        }

        if (string.IsNullOrWhiteSpace(SecretAccessKey))
        {
            yield return SettingsProblem.Of(
                "secret_access_key",
                "Should be the secret of the HMAC key, or google_service_account_key should be given"
            );
        }
    }
}
