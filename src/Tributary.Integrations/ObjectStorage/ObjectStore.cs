using Tributary.Sdk.Authenticating;

namespace Tributary.Integrations.ObjectStorage;

/// <summary>What is peculiar to a vendor whose buckets are read by the S3 API.</summary>
internal sealed record ObjectStore
{
    /// <summary>The integration's slug, which document ids begin with.</summary>
    public required string Slug { get; init; }

    /// <summary>The bucket and what of it.</summary>
    public required BucketConfig Config { get; init; }

    /// <summary>Where the API is, given a region.</summary>
    public required Func<string, Uri> EndpointOf { get; init; }

    /// <summary>The region to begin with.</summary>
    public required string Region { get; init; }

    /// <summary>Other regions in which the bucket may turn out to be, each with a host of its own.</summary>
    public IReadOnlyList<string> OtherRegions { get; init; } = [];

    /// <summary>Where a person opens an object, given its escaped key and the bucket's region.</summary>
    public required Func<string, string, string> LinkOf { get; init; }

    /// <summary>The right that lists, and the one that reads, in the vendor's words.</summary>
    public required (string List, string Read) Rights { get; init; }

    /// <summary>Whoever reads pays: asked for by buckets that say so.</summary>
    public bool RequesterPays { get; init; }

    /// <summary>Where the bucket is, without a slash at the end.</summary>
    public Uri BucketAt(string region)
    {
        var endpoint = EndpointOf(region);
        var root = endpoint.AbsoluteUri.TrimEnd('/');
        return new Uri(
            Config.ForcePathStyle
                ? $"{root}/{Uri.EscapeDataString(Config.Bucket)}"
                : root.Replace("://", $"://{Config.Bucket}.", StringComparison.Ordinal)
        );
    }

    /// <summary>The address that a person opens.</summary>
    public string LinkTo(string key, string region) =>
        string.IsNullOrWhiteSpace(Config.LinkBase)
            ? LinkOf(Escape(key), region)
            : $"{Sdk.Http.ApiAddress.Parse(Config.LinkBase).AbsoluteUri.TrimEnd('/')}/{Escape(key)}";

    /// <summary>Signs by these keys at every address that the bucket may have.</summary>
    public Authentication SignedBy(AwsKeys keys) =>
        Authentication
            .AwsSignature(BucketAt(Region).AbsoluteUri, keys, Region)
            .AlsoFor([.. OtherRegions.Select(region => BucketAt(region).AbsoluteUri)]);

    /// <summary>A key in an address: slashes stay.</summary>
    public static string Escape(string key) => string.Join('/', key.Split('/').Select(Uri.EscapeDataString));
}
