using System.Security.Cryptography;
using System.Text.Json;
using Tributary.Sdk.Authenticating;
using Tributary.Testing;

namespace Tributary.Sdk.Tests;

/// <summary>An authorization server with an API behind it, and what asks it for tokens.</summary>
public abstract class TokenScene : IAsyncLifetime
{
    protected static readonly OAuthClient Operator = new()
    {
        ClientId = AuthorizationServer.ClientId,
        ClientSecret = AuthorizationServer.ClientSecret,
    };

    protected ManualTime Time { get; } = new();

    protected RSA Key { get; } = TestKey.Open();

    protected AuthorizationServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await AuthorizationServer.StartAsync(Time);
        Server.PublicKey = Key;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Key.Dispose();
        GC.SuppressFinalize(this);
    }

    protected OAuthFacts Facts =>
        new()
        {
            AuthorizeUrl = Server.AuthorizeUrl,
            TokenUrl = Server.TokenUrl,
            AccessTokenMember = "access_token",
        };

    protected TokenGrant Refreshing(string refreshToken) => TokenGrant.OAuth(Facts, null, refreshToken);

    protected TokenGrant Clients(string secret) =>
        TokenGrant.ClientCredentials(
            Server.TokenUrl,
            AuthorizationServer.ClientId,
            secret,
            "https://graph.example.com/.default"
        );

    protected string KeyFile() =>
        JsonSerializer.Serialize(
            new Dictionary<string, string>
            {
                ["client_email"] = "robot@project.iam.example.com",
                ["private_key"] = Key.ExportPkcs8PrivateKeyPem(),
                ["private_key_id"] = "kid-1",
                ["token_uri"] = Server.TokenUrl,
            }
        );

    protected HttpClient Client(TokenGrant grant) =>
        EchoServer.Client(Authentication.Token(Server.Address, grant), Time, Operator);

    protected async Task GetAsync(HttpClient http) => (await http.GetStringAsync(Server.Address)).ShouldBe("hello");
}
