using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tributary.Integrations.ObjectStorage;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.R2;

/// <summary>Files of a bucket of Cloudflare R2.</summary>
public sealed class R2Integration : Integration<R2Config, R2Credentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "r2",
            Name = "Cloudflare R2",
            Description = "Files of an R2 bucket or of a part of it.",
            Category = IntegrationCategory.Storage,
            AuthKinds = ["api_key"],
            Documentation = """
                In Cloudflare's dashboard under R2, *Manage API tokens*, make a token with the permission **Object Read only**,
                for this bucket alone if you like, and copy the access key id and the secret access key, which are shown once.
                A token that is limited to addresses has to allow this server's.

                A bucket in the jurisdiction EU looks missing unless `european_residency` is on; for other jurisdictions give the
                address, e.g. `https://<account>.fedramp.r2.cloudflarestorage.com`, as `endpoint_url`. Links open Cloudflare's
                dashboard; `link_base` leads them to a public domain of the bucket.

                Folder markers and empty objects are left out. A refresh lists all keys and fetches what has a new ETag. The API
                does not say who may read an object.
                """,
        };

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(R2Config config, R2Credentials credentials) =>
        StoreOf(config, credentials).SignedBy(AwsKeys.Fixed(credentials.R2AccessKeyId, credentials.R2SecretAccessKey));

    /// <inheritdoc />
    protected override IReader CreateReader(ReaderContext context, R2Config config, R2Credentials credentials) =>
        new BucketReader(context, StoreOf(config, credentials));

    internal static ObjectStore StoreOf(R2Config config, R2Credentials credentials)
    {
        var account = credentials.AccountId.Trim();
        var jurisdiction = config.EuropeanResidency ? "eu" : "default";
        var host = config.EuropeanResidency ? $"{account}.eu" : account;
        return new ObjectStore
        {
            Slug = "r2",
            Config = config,
            Region = "auto",
            EndpointOf = _ => config.Endpoint ?? new Uri($"https://{host}.r2.cloudflarestorage.com"),
            LinkOf = (key, _) =>
                $"https://dash.cloudflare.com/{account}/r2/{jurisdiction}/buckets/{config.Bucket}/objects/{Uri.EscapeDataString(Uri.UnescapeDataString(key))}/details",
            Rights = ("the permission Object Read only", "the permission Object Read only"),
        };
    }
}

/// <summary>Which bucket, and what of it.</summary>
public sealed record R2Config : BucketConfig
{
    /// <summary>Always r2.</summary>
    [Description("Always 'r2' for this kind of connector.")]
    public string BucketType { get; init; } = "r2";

    private protected override (string Given, string Right) Type => (BucketType, "r2");
}

/// <summary>An API token's pair of keys.</summary>
public sealed record R2Credentials
{
    /// <summary>The account.</summary>
    [Description("Id of the Cloudflare account: 32 hexadecimal digits, shown beside the bucket.")]
    [Example("0123456789abcdef0123456789abcdef")]
    [RegularExpression(@"\s*[0-9A-Za-z][0-9A-Za-z_-]{0,62}\s*")]
    public required string AccountId { get; init; }

    /// <summary>The token's id.</summary>
    [Description("Access key id of the R2 API token.")]
    public required string R2AccessKeyId { get; init; }

    /// <summary>The token's secret.</summary>
    [Description("Secret access key of the R2 API token.")]
    [Secret]
    public required string R2SecretAccessKey { get; init; }
}
