using Tributary.Integrations.ObjectStorage;

namespace Tributary.Integrations.S3;

/// <summary>Amazon's hosts. See https://docs.aws.amazon.com/general/latest/gr/s3.html.</summary>
internal static class S3Store
{
    private const string UsualRegion = "us-east-1";

    // Credentials go to named hosts only; a bucket in a region that is not here needs region_name.
    private static readonly string[] Regions =
    [
        .. "us-east-1 us-east-2 us-west-1 us-west-2 af-south-1 ap-east-1 ap-east-2 ap-south-1 ap-south-2".Split(' '),
        .. "ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-southeast-1 ap-southeast-2 ap-southeast-3".Split(' '),
        .. "ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 mx-central-1".Split(' '),
        .. "eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3".Split(' '),
        .. "il-central-1 me-central-1 me-south-1 sa-east-1".Split(' '),
        .. "us-gov-east-1 us-gov-west-1 cn-north-1 cn-northwest-1".Split(' '),
    ];

    public static ObjectStore Of(S3Config config) =>
        new()
        {
            Slug = "s3",
            Config = config,
            Region = config.RegionName?.Trim() is { Length: > 0 } region ? region : UsualRegion,
            EndpointOf = place => config.Endpoint ?? new Uri($"https://s3.{place}.{DomainOf(place)}"),
            OtherRegions = config.Endpoint is null ? Regions : [],
            // What listens on this machine alone is a gateway to Amazon, or needs a link_base: nobody else can open its address.
            LinkOf = (key, place) =>
                IsAmazon(config) || config.Endpoint!.IsLoopback
                    ? $"https://{ConsoleOf(place)}/s3/object/{config.Bucket}?region={place}&prefix={key}"
                    : $"{config.Endpoint!.AbsoluteUri.TrimEnd('/')}/{Uri.EscapeDataString(config.Bucket)}/{key}",
            Rights = ("s3:ListBucket", "s3:GetObject"),
            RequesterPays = config.RequesterPays,
        };

    /// <summary>Where roles are assumed: Amazon's STS, or the store itself as MinIO and Ceph have it.</summary>
    public static string TokenServiceOf(S3Config config, string region) =>
        IsAmazon(config) ? $"https://sts.{region}.{DomainOf(region)}/" : config.Endpoint!.AbsoluteUri;

    private static bool IsAmazon(S3Config config) =>
        config.Endpoint is not { Host: var host }
        || host.EndsWith(".amazonaws.com", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".amazonaws.com.cn", StringComparison.OrdinalIgnoreCase);

    private static string DomainOf(string region) =>
        region.StartsWith("cn-", StringComparison.Ordinal) ? "amazonaws.com.cn" : "amazonaws.com";

    private static string ConsoleOf(string region) =>
        region.StartsWith("cn-", StringComparison.Ordinal) ? "console.amazonaws.cn"
        : region.StartsWith("us-gov-", StringComparison.Ordinal) ? "console.amazonaws-us-gov.com"
        : "s3.console.aws.amazon.com";
}
