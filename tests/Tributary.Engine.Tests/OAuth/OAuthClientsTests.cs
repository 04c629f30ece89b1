using Tributary.Engine.OAuth;
using Tributary.Testing;

namespace Tributary.Engine.Tests.OAuth;

public class OAuthClientsTests
{
    private const string Json = """
        {"gitlab": {"client_id": "id", "client_secret": "s3cret", "redirect_uri": "https://t.example.com/cb",
            "authorize_url": "https://git.example.com/oauth/authorize", "token_url": "https://git.example.com/oauth/token"}}
        """;

    [Fact]
    public void Clients_are_read_from_JSON_and_from_a_file()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["clients.json"], Json);
        foreach (var setting in (string[])[Json, folder["clients.json"]])
        {
            var client = OAuthClients.Parse(setting).Find("gitlab")!;

            client.ClientId.ShouldBe("id");
            client.ClientSecret.ShouldBe("s3cret");
            client.RedirectUri.ShouldBe("https://t.example.com/cb");
            client.AuthorizeUrl.ShouldBe("https://git.example.com/oauth/authorize");
            client.TokenUrl.ShouldBe("https://git.example.com/oauth/token");
        }

        OAuthClients.Parse(Json).Find("github").ShouldBeNull();
        OAuthClients.Parse(" ").Find("gitlab").ShouldBeNull();
    }

    [Theory]
    [InlineData("/no/such/file.json", "no file of this name")]
    [InlineData("""{"a": {"client_id": "id", "client_secret": "s3cret" """, "not a JSON object")]
    [InlineData("""{"a": "s3cret"}""", "not a JSON object")]
    [InlineData("""{"a": {"client_secret": "s3cret"}}""", "a lacks its client_id")]
    [InlineData("""{"a": {"client_id": "", "client_secret": "s3cret"}}""", "a lacks its client_id")]
    [InlineData("""{"a": {"client_id": 5, "client_secret": "s3cret"}}""", "not a JSON object")]
    [InlineData("""{"a": {"client_id": "id", "secret": "s3cret"}}""", "\"secret\"; known are client_id")]
    [InlineData("""{"a": {"client_id": "id", "redirect_uri": "here"}}""", "a.redirect_uri is not a whole address")]
    [InlineData("""{"a": {"client_id": "id", "token_url": "here"}}""", "a.token_url is not a whole address")]
    public void Mistakes_are_named_without_what_is_secret(string setting, string words)
    {
        var mistake = Should.Throw<FormatException>(() => OAuthClients.Parse(setting));

        mistake.Message.ShouldContain(words);
        mistake.ToString().ShouldNotContain("s3cret");
    }
}
