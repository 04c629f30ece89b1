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
    /// The server's own, which its operator has put into the environment: keys (<c>AWS_ACCESS_KEY_ID</c>,
    /// <c>AWS_SECRET_ACCESS_KEY</c>, <c>AWS_SESSION_TOKEN</c>), or a role that a token in a file may assume, as in
    /// Kubernetes (<c>AWS_WEB_IDENTITY_TOKEN_FILE</c>, <c>AWS_ROLE_ARN</c>; <c>AWS_REGION</c> and
    /// <c>AWS_ENDPOINT_URL_STS</c> say which STS is asked).
    /// </summary>
    /// <exception cref="SourceException">There are none.</exception>
    public static AwsKeys OfServer() => OfServer(Environment.GetEnvironmentVariable);

    internal static AwsKeys OfServer(Func<string, string?> environment)
    {
        if (Of("AWS_ACCESS_KEY_ID") is { } id && Of("AWS_SECRET_ACCESS_KEY") is { } secret)
        {
            return Fixed(id, secret, Of("AWS_SESSION_TOKEN"));
        }

        return Of("AWS_WEB_IDENTITY_TOKEN_FILE") is { } file && Of("AWS_ROLE_ARN") is { } role
            ? new RoleAwsKeys(
                new AssumeRoleGrant(
                    null,
                    file,
                    role,
                    Of("AWS_REGION") ?? Of("AWS_DEFAULT_REGION") ?? "us-east-1",
                    Of("AWS_ENDPOINT_URL_STS"),
                    null
                )
            )
            : throw new SourceException(
                FailureKind.Configuration,
                "The server has no AWS keys of its own. Its operator can give it some by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or by AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN; or use access keys for this connector."
            );

        string? Of(string name) => environment(name) is { Length: > 0 } text ? text : null;
    }

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
    ) => new RoleAwsKeys(new AssumeRoleGrant(source, null, roleArn.Trim(), region, stsUrl, externalId));
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
