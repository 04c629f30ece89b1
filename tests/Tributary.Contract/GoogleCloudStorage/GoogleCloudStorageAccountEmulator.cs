using System.Security.Cryptography;
using System.Text.Json;
using Tributary.Contract.Emulators;
using Tributary.Contract.ObjectStorage;
using Tributary.Integrations.GoogleCloudStorage;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.GoogleCloudStorage;

/// <summary>A Cloud Storage bucket that is read with the key file of a service account.</summary>
public sealed class GoogleCloudStorageAccountEmulator : BucketEmulator
{
    private static readonly string PrivateKey = NewKey();
    private int _token = 1;

    /// <summary>What was asked for, as the account has signed it.</summary>
    public JsonElement Claims { get; private set; }

    public override object Config =>
        new GoogleCloudStorageConfig { BucketName = Bucket, EndpointUrl = Root.AbsoluteUri };

    public override object Credentials => CredentialsOf("robot@project.iam.gserviceaccount.com");

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new("a deleted account", Config, CredentialsOf("nobody@example.com"), FailureKind.Credentials),
            new(
                "a file that is no key",
                Config,
                new GoogleCloudStorageCredentials { GoogleServiceAccountKey = "{}" },
                FailureKind.Credentials
            ),
        ];

    protected override string Region => "auto";

    protected override IReadOnlyList<string> Vendors => ["google_oauth", "s3"];

    public override bool ExpireToken() => ++_token > 0;

    protected override EmulatorAnswer? Refuse(EmulatorCall call) =>
        call.Request.Path == "/token" || call.Header("Authorization") == $"Bearer t{_token}"
            ? null
            : Error(401, "AuthenticationRequired");

    protected override void Map(EmulatorRoutes routes)
    {
        routes.Post("/token", TokenFor);
        base.Map(routes);
    }

    private EmulatorAnswer TokenFor(EmulatorCall call)
    {
        var claims = call.Form["assertion"].Split('.')[1].Replace('-', '+').Replace('_', '/');
        Claims = JsonDocument
            .Parse(Convert.FromBase64String(claims.PadRight((claims.Length + 3) / 4 * 4, '=')))
            .RootElement;
        return Claims.GetProperty("iss").GetString()!.StartsWith("robot", StringComparison.Ordinal)
            ? EmulatorAnswer.Json(
                new
                {
                    access_token = $"t{_token}",
                    token_type = "Bearer",
                    expires_in = 3600,
                }
            )
            : EmulatorAnswer.Json(new { error = "invalid_grant", error_description = "Invalid grant" }, 400);
    }

    private GoogleCloudStorageCredentials CredentialsOf(string email) =>
        new()
        {
            GoogleServiceAccountKey = JsonSerializer.Serialize(
                new
                {
                    type = "service_account",
                    client_email = email,
                    private_key_id = "k1",
                    private_key = PrivateKey,
                    token_uri = $"{Root.AbsoluteUri.TrimEnd('/')}/token",
                }
            ),
        };

    private static string NewKey()
    {
        using var rsa = RSA.Create(2048);
        return rsa.ExportPkcs8PrivateKeyPem();
    }
}
