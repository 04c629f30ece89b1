using System.Security.Cryptography;

namespace Tributary.Sdk.Tests;

/// <summary>A private key. To make one takes longer than most tests: all share it.</summary>
internal static class TestKey
{
    private static readonly string Pem = MakePem();

    public static RSA Open()
    {
        var key = RSA.Create();
        key.ImportFromPem(Pem);
        return key;
    }

    private static string MakePem()
    {
        using var key = RSA.Create(2048);
        return key.ExportPkcs8PrivateKeyPem();
    }
}
