using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tributary.Integrations.ObjectStorage;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.OciStorage;

/// <summary>Files of a bucket of Oracle Cloud's Object Storage, by its S3-compatible API.</summary>
public sealed class OciStorageIntegration : Integration<OciStorageConfig, OciStorageCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "oci_storage",
            Name = "Oracle Cloud Storage",
            Description = "Files of a bucket of Oracle Cloud's Object Storage or of a part of it.",
            Category = IntegrationCategory.Storage,
            AuthKinds = ["api_key"],
            Documentation = """
                In Oracle's console under *My profile*, *Customer secret keys*, make a key for a user whose group has the policies
                *read buckets* and *read objects* in the bucket's compartment. The secret is shown once; a new key may take some
                minutes to work in other regions. The namespace stands under *Tenancy details* (it is not the tenancy's name).

                Government and sovereign realms have other domains: give the whole address, e.g.
                `https://<namespace>.compat.objectstorage.<region>.oraclegovcloud.com`, as `endpoint_url`.

                Folder markers, empty objects and archived ones are left out. A refresh lists all keys and fetches what has a new
                ETag. Links open for public buckets only. The API does not say who may read an object.
                """,
        };

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(OciStorageConfig config, OciStorageCredentials credentials) =>
        StoreOf(config, credentials).SignedBy(AwsKeys.Fixed(credentials.AccessKeyId, credentials.SecretAccessKey));

    /// <inheritdoc />
    protected override IReader CreateReader(
        ReaderContext context,
        OciStorageConfig config,
        OciStorageCredentials credentials
    ) => new BucketReader(context, StoreOf(config, credentials));

    internal static ObjectStore StoreOf(OciStorageConfig config, OciStorageCredentials credentials)
    {
        var (space, home) = (credentials.Namespace.Trim(), credentials.Region.Trim());
        return new ObjectStore
        {
            Slug = "oci_storage",
            Config = config,
            Region = home,
            EndpointOf = _ =>
                config.Endpoint ?? new Uri($"https://{space}.compat.objectstorage.{home}.oraclecloud.com"),
            LinkOf = (key, _) =>
                $"https://objectstorage.{home}.oraclecloud.com/n/{space}/b/{config.Bucket}/o/{Uri.EscapeDataString(Uri.UnescapeDataString(key))}",
            Rights = ("the policy 'read buckets'", "the policy 'read objects'"),
        };
    }
}

/// <summary>Which bucket, and what of it.</summary>
public sealed record OciStorageConfig : BucketConfig
{
    /// <summary>Always oci_storage.</summary>
    [Description("Always 'oci_storage' for this kind of connector.")]
    public string BucketType { get; init; } = "oci_storage";

    private protected override (string Given, string Right) Type => (BucketType, "oci_storage");
}

/// <summary>A customer secret key, and where it belongs.</summary>
public sealed record OciStorageCredentials
{
    /// <summary>The tenancy's namespace.</summary>
    [Description("Object Storage namespace of the tenancy.")]
    [Example("axaxnpcrorw5")]
    [RegularExpression(@"\s*[0-9A-Za-z][0-9A-Za-z_-]{0,62}\s*")]
    public required string Namespace { get; init; }

    /// <summary>The region.</summary>
    [Description("Identifier of the region.")]
    [Example("eu-frankfurt-1")]
    [RegularExpression(@"\s*[0-9a-z][0-9a-z-]{0,40}\s*")]
    public required string Region { get; init; }

    /// <summary>The key's id.</summary>
    [Description("Access key of the customer secret key.")]
    public required string AccessKeyId { get; init; }

    /// <summary>The key's secret.</summary>
    [Description("Secret of the customer secret key.")]
    [Secret]
    public required string SecretAccessKey { get; init; }
}
