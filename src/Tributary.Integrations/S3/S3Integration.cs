using System.ComponentModel;
using Tributary.Integrations.ObjectStorage;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.S3;

/// <summary>Files of a bucket of Amazon S3, or of a store that speaks its API.</summary>
public sealed class S3Integration : Integration<S3Config, S3Credentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "s3",
            Name = "Amazon S3",
            Description =
                "Files of an S3 bucket or of a part of it; also of MinIO, Ceph, Wasabi and other stores with the S3 API.",
            Category = IntegrationCategory.Storage,
            AuthKinds = ["api_key"],
            VendorLimits = [new RateLimit(RateUnit.Second, 3_500)],
            Documentation = """
                Make an IAM user with an access key and a policy that allows *s3:ListBucket* on the bucket and *s3:GetObject* on
                its objects (*kms:Decrypt*, too, where they are encrypted by a key of your own). Or name a role: the server's
                own AWS keys assume it and need *sts:AssumeRole*; the method `assume_role` takes the server's own keys as they are. These
                come from its environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_WEB_IDENTITY_TOKEN_FILE and
                AWS_ROLE_ARN.

                The region is found out; GovCloud and China need it. For a store of your own give its address as `endpoint_url`,
                and what links should begin with as `link_base`.

                Folder markers, empty objects and archived ones (GLACIER, DEEP_ARCHIVE) are left out. A refresh lists all keys
                and fetches what has a new ETag. A first line `#ONYX_METADATA={"link": "…", "file_display_name": "…"}`, or
                `<!-- ONYX_METADATA={…} -->` in HTML, gives title, link, owners, date and tags of a text of up to 256 KiB; metadata
                of the object (x-amz-meta-…) become tags. The API does not say who may read an object.
                """,
        };

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(S3Config config, S3Credentials credentials)
    {
        var store = S3Store.Of(config);
        return store.SignedBy(
            credentials.Method switch
            {
                S3Authentication.AccessKey => AwsKeys.Fixed(
                    credentials.AwsAccessKeyId ?? "",
                    credentials.AwsSecretAccessKey ?? "",
                    credentials.AwsSessionToken
                ),
                S3Authentication.IamRole => AwsKeys.AssumeRole(
                    AwsKeys.OfServer(),
                    credentials.AwsRoleArn ?? "",
                    store.Region,
                    S3Store.TokenServiceOf(config, store.Region)
                ),
                _ => AwsKeys.OfServer(),
            }
        );
    }

    /// <inheritdoc />
    protected override IReader CreateReader(ReaderContext context, S3Config config, S3Credentials credentials) =>
        new BucketReader(context, S3Store.Of(config));
}

/// <summary>Which bucket, and what of it.</summary>
public sealed record S3Config : BucketConfig
{
    /// <summary>Always s3.</summary>
    [Description("Always 's3' for this kind of connector.")]
    public string BucketType { get; init; } = "s3";

    /// <summary>Whoever reads pays.</summary>
    [Description("The bucket lets those pay who read it, and the account of these credentials agrees to.")]
    [Advanced]
    public bool RequesterPays { get; init; }

    private protected override (string Given, string Right) Type => (BucketType, "s3");
}

/// <summary>How requests are signed.</summary>
public enum S3Authentication
{
    /// <summary>By an access key.</summary>
    AccessKey,

    /// <summary>By a role that the server's own keys assume.</summary>
    IamRole,

    /// <summary>By the server's own keys.</summary>
    AssumeRole,
}

/// <summary>Whose keys sign the requests.</summary>
public sealed record S3Credentials : IValidatable
{
    /// <summary>How.</summary>
    [Description(
        "'access_key', 'iam_role' (a role that the server's AWS keys assume) or 'assume_role' (the server's own keys)."
    )]
    public S3Authentication AuthenticationMethod { get; init; }

    /// <summary>The key's id.</summary>
    [Description("Id of the access key, for 'access_key'.")]
    [Example("AKIAIOSFODNN7EXAMPLE")]
    public string? AwsAccessKeyId { get; init; }

    /// <summary>The key's secret.</summary>
    [Description("Secret of the access key, for 'access_key'.")]
    [Secret]
    public string? AwsSecretAccessKey { get; init; }

    /// <summary>For temporary keys.</summary>
    [Description("Session token, for temporary access keys only; they stop working when they expire.")]
    [Secret]
    [Advanced]
    public string? AwsSessionToken { get; init; }

    /// <summary>The role.</summary>
    [Description("ARN of the role, for 'iam_role'.")]
    [Example("arn:aws:iam::123456789012:role/reader")]
    public string? AwsRoleArn { get; init; }

    /// <summary>Keys may be left out where a role is named.</summary>
    internal S3Authentication Method =>
        AuthenticationMethod == S3Authentication.AccessKey
        && string.IsNullOrWhiteSpace(AwsAccessKeyId)
        && !string.IsNullOrWhiteSpace(AwsRoleArn)
            ? S3Authentication.IamRole
            : AuthenticationMethod;

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (Method == S3Authentication.AccessKey && string.IsNullOrWhiteSpace(AwsAccessKeyId))
        {
            yield return SettingsProblem.Of("aws_access_key_id", "Should be given, or a role as aws_role_arn");
        }

        if (Method == S3Authentication.AccessKey && string.IsNullOrWhiteSpace(AwsSecretAccessKey))
        {
            yield return SettingsProblem.Of("aws_secret_access_key", "Should be given together with aws_access_key_id");
        }

        if (Method == S3Authentication.IamRole && string.IsNullOrWhiteSpace(AwsRoleArn))
        {
            yield return SettingsProblem.Of("aws_role_arn", "Should be given for 'iam_role'");
        }
    }
}
