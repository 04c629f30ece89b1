using Tributary.Contract.ObjectStorage;
using Tributary.Integrations.R2;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.R2;

/// <summary>An R2 bucket.</summary>
public sealed class R2Emulator : BucketEmulator
{
    public override object Config => new R2Config { BucketName = Bucket, EndpointUrl = Root.AbsoluteUri };

    public override object Credentials => CredentialsOf(KeyId);

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new("a wrong key", Config, CredentialsOf("WRONG"), FailureKind.Credentials),
            new("a wrong secret", Config, CredentialsOf(KeyId, "wrong"), FailureKind.Credentials),
            new("a key that may not read", Config, CredentialsOf(ListerId), FailureKind.Credentials),
            new(
                "an unknown bucket",
                new R2Config { BucketName = "missing", EndpointUrl = Root.AbsoluteUri },
                null,
                FailureKind.Configuration
            ),
        ];

    protected override string Region => "auto";

    private static R2Credentials CredentialsOf(string keyId, string secret = Secret) =>
        new()
        {
            AccountId = "0123456789abcdef0123456789abcdef",
            R2AccessKeyId = keyId,
            R2SecretAccessKey = secret,
        };
}
