namespace Tributary.Sdk.Authenticating;

/// <summary>Keys to sign requests by.</summary>
public abstract class AwsKeys
{
    private protected AwsKeys() { }

    /// <summary>Keys that do not change: of an AWS user, of R2, Google's HMAC keys, Oracle's customer secret keys.</summary>
    /// <param name="accessKeyId">The id.</param>
    /// <param name="secretAccessKey">The secret.</param>
    /// <param name="sessionToken">The session token of temporary keys; null for lasting ones.</param>
    public static AwsKeys Fixed(string accessKeyId, string secretAccessKey, string? sessionToken = null) =>
        new FixedAwsKeys(new AwsKeySet(accessKeyId.Trim(), secretAccessKey.Trim(), sessionToken?.Trim()));

    /// <summary>
    /// The server's own, which its operator has put into the environment (<c>AWS_ACCESS_KEY_ID</c>,
    /// <c>AWS_SECRET_ACCESS_KEY</c>, <c>AWS_SESSION_TOKEN</c>).
    /// </summary>
    /// <exception cref="SourceException">There are none.</exception>
    public static AwsKeys OfServer() =>
        Environment.GetEnvironmentVariable("AWS_ACCESS_KEY_ID") is { Length: > 0 } id
        && Environment.GetEnvironmentVariable("AWS_SECRET_ACCESS_KEY") is { Length: > 0 } secret
            ? Fixed(id, secret, Environment.GetEnvironmentVariable("AWS_SESSION_TOKEN") is { Length: > 0 } t ? t : null)
            : throw new SourceException(
                FailureKind.Configuration,
                "The server has no AWS keys of its own. Its operator can give it some by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; or use access keys for this connector."
            );

    /// <summary>Keys of a role, from STS AssumeRole; kept and renewed like tokens.</summary>
    /// <param name="source">The keys that may assume it.</param>
    /// <param name="roleArn">The role, e.g. <c>arn:aws:iam::123456789012:role/reader</c>.</param>
    /// <param name="region">The region whose STS is asked.</param>
    /// <param name="stsUrl">Another address of STS; null for <c>https://sts.{region}.amazonaws.com</c>.</param>
    /// <param name="externalId">The external id that the role's trust asks for; null for none.</param>
    public static AwsKeys AssumeRole(
        AwsKeys source,
        string roleArn,
        string region,
        string? stsUrl = null,
        string? externalId = null
    ) =>
        source is FixedAwsKeys keys
            ? new RoleAwsKeys(new AssumeRoleGrant(keys.Keys, roleArn.Trim(), region, stsUrl, externalId))
            : throw new ArgumentException("A role is assumed by fixed keys or the server's own.", nameof(source));
}

/// <summary>One set of keys. Not a record: it is never printed.</summary>
internal sealed class AwsKeySet(string accessKeyId, string secretAccessKey, string? sessionToken)
{
    public string AccessKeyId { get; } = accessKeyId;

    public string SecretAccessKey { get; } = secretAccessKey;

    public string? SessionToken { get; } = sessionToken;
}

internal sealed class FixedAwsKeys(AwsKeySet keys) : AwsKeys
{
    public AwsKeySet Keys { get; } = keys;
}

internal sealed class RoleAwsKeys(AssumeRoleGrant grant) : AwsKeys
{
    public AssumeRoleGrant Grant { get; } = grant;
}
