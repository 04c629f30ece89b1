using Tributary.Contract.ObjectStorage;
using Tributary.Integrations.GoogleCloudStorage;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.GoogleCloudStorage;

/// <summary>A Cloud Storage bucket.</summary>
public sealed class GoogleCloudStorageEmulator : BucketEmulator
{
    public override object Config =>
        new GoogleCloudStorageConfig { BucketName = Bucket, EndpointUrl = Root.AbsoluteUri };

    public override object Credentials => CredentialsOf(KeyId);

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new("a wrong key", Config, CredentialsOf("WRONG"), FailureKind.Credentials),
            new("a wrong secret", Config, CredentialsOf(KeyId, "wrong"), FailureKind.Credentials),
            new("a key that may not read", Config, CredentialsOf(ListerId), FailureKind.Credentials),
            new(
                "an unknown bucket",
                new GoogleCloudStorageConfig { BucketName = "missing", EndpointUrl = Root.AbsoluteUri },
                null,
                FailureKind.Configuration
            ),
        ];

    protected override string Region => "auto";

    private static GoogleCloudStorageCredentials CredentialsOf(string keyId, string secret = Secret) =>
        new() { AccessKeyId = keyId, SecretAccessKey = secret };
}
