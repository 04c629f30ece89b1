using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tributary.Sdk.Http;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.ObjectStorage;

/// <summary>Which bucket, and what of it: the same for every store that speaks the S3 API.</summary>
public abstract record BucketConfig : IValidatable
{
    /// <summary>The bucket.</summary>
    [Description("Name of the bucket.")]
    [Example("company-documents")]
    public required string BucketName { get; init; }

    /// <summary>What of it.</summary>
    [Description("Only objects whose key begins with this; a slash is added at its end. Empty reads the whole bucket.")]
    [Example("handbook/")]
    public string Prefix { get; init; } = "";

    /// <summary>The region.</summary>
    [Description(
        "AWS region of the bucket. Needed for GovCloud and China; elsewhere it is found out. Other stores ignore it."
    )]
    [Example("us-gov-west-1")]
    public string? RegionName { get; init; }

    /// <summary>R2's jurisdiction.</summary>
    [Description("The bucket is in R2's jurisdiction EU. Other stores ignore it.")]
    public bool EuropeanResidency { get; init; }

    /// <summary>No longer of any effect.</summary>
    [Description("Accepted from other connectors' settings and without effect: documents are stored as they come.")]
    [Advanced]
    [Range(1, 10_000)]
    public int BatchSize { get; init; } = 16;

    /// <summary>Another address of the API.</summary>
    [Description(
        "Address of the S3 API in place of the vendor's: a MinIO, Ceph or Wasabi server, a gateway, another jurisdiction."
    )]
    [Example("https://minio.example.com:9000")]
    [Alias("api_base_url")]
    [Advanced]
    public string? EndpointUrl { get; init; }

    /// <summary>Where the bucket stands in addresses.</summary>
    [Description(
        "The bucket stands in the path of addresses. Turn off for stores that want it in front of the host's name."
    )]
    [Advanced]
    public bool ForcePathStyle { get; init; } = true;

    /// <summary>What links begin with.</summary>
    [Description("What links of documents begin with; the object's key follows. Empty links to the vendor's console.")]
    [Example("https://files.example.com/company-documents")]
    [Advanced]
    public string? LinkBase { get; init; }

    internal string Bucket => BucketName.Trim();

    internal string KeyPrefix =>
        Prefix.Trim() is { Length: > 0 } prefix
            ? prefix.EndsWith('/')
                ? prefix
                : prefix + "/"
            : "";

    internal Uri? Endpoint => string.IsNullOrWhiteSpace(EndpointUrl) ? null : ApiAddress.Parse(EndpointUrl);

    /// <summary>The only right value of bucket_type.</summary>
    private protected abstract (string Given, string Right) Type { get; }

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (Type.Given != Type.Right)
        {
            yield return SettingsProblem.Of("bucket_type", $"Should be '{Type.Right}' for this kind of connector");
        }

        if (Bucket.Length == 0 || Bucket.Any(character => character is '/' or '?' or '#' or '\\' || character <= ' '))
        {
            yield return SettingsProblem.Of(
                "bucket_name",
                "Should be the bucket's name alone, without address or path"
            );
        }

        // Only Amazon's hosts are named by it.
        if (Type.Right == "s3" && RegionName?.Trim() is { Length: > 0 } region && !BucketRegion.IsName(region))
        {
            yield return SettingsProblem.Of("region_name", "Should be a region like 'eu-west-1'");
        }

        foreach (
            var (member, address) in new[] { ("endpoint_url", EndpointUrl), ("link_base", LinkBase) }.Where(pair =>
                !string.IsNullOrWhiteSpace(pair.Item2)
            )
        )
        {
            if (ApiAddress.Problem(address!) is { } problem)
            {
                yield return SettingsProblem.Of(member, problem);
            }
        }
    }
}
