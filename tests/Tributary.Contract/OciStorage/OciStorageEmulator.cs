using Tributary.Contract.ObjectStorage;
using Tributary.Integrations.OciStorage;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.OciStorage;

/// <summary>A bucket of Oracle'\''s Object Storage.</summary>
public sealed class OciStorageEmulator : BucketEmulator
{
    public override object Config => new OciStorageConfig { BucketName = Bucket, EndpointUrl = Root.AbsoluteUri };

    public override object Credentials => CredentialsOf(KeyId);

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new("a wrong key", Config, CredentialsOf("WRONG"), FailureKind.Credentials),
            new("a wrong secret", Config, CredentialsOf(KeyId, "wrong"), FailureKind.Credentials),
            new("a key that may not read", Config, CredentialsOf(ListerId), FailureKind.Credentials),
            new(
                "an unknown bucket",
                new OciStorageConfig { BucketName = "missing", EndpointUrl = Root.AbsoluteUri },
                null,
                FailureKind.Configuration
            ),
        ];

    protected override string Region => "eu-frankfurt-1";

    private static OciStorageCredentials CredentialsOf(string keyId, string secret = Secret) =>
        new()
        {
            Namespace = "axaxnpcrorw5",
            Region = "eu-frankfurt-1",
            AccessKeyId = keyId,
            SecretAccessKey = secret,
        };
}
