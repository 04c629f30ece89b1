using Tributary.Contract.ObjectStorage;
using Tributary.Integrations.S3;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.S3;

/// <summary>An S3 bucket in another region than the one that is tried first.</summary>
public sealed class S3Emulator : BucketEmulator
{
    public override object Config => new S3Config { BucketName = Bucket, EndpointUrl = Root.AbsoluteUri };

    public override object Credentials => CredentialsOf(KeyId);

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new("a wrong key", Config, CredentialsOf("WRONG"), FailureKind.Credentials),
            new("a wrong secret", Config, CredentialsOf(KeyId, "wrong"), FailureKind.Credentials),
            new("a key that may not read", Config, CredentialsOf(ListerId), FailureKind.Credentials),
            new(
                "an unknown bucket",
                new S3Config { BucketName = "missing", EndpointUrl = Root.AbsoluteUri },
                null,
                FailureKind.Configuration
            ),
        ];

    protected override string Region => "eu-central-1";

    private static S3Credentials CredentialsOf(string keyId, string secret = Secret) =>
        new() { AwsAccessKeyId = keyId, AwsSecretAccessKey = secret };
}
