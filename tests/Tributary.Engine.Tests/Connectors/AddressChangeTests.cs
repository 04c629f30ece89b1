using System.Text.Json;
using Tributary.Engine.Connectors;

namespace Tributary.Engine.Tests.Connectors;

public class AddressChangeTests
{
    [Theory]
    [InlineData("""{"base_url":"https://a.example"}""", """{"base_url":"https://b.example"}""", "base_url")]
    [InlineData("""{}""", """{"api_base_url":"https://b.example"}""", "api_base_url")]
    [InlineData("""{"api_base_url":"https://b.example"}""", """{}""", "api_base_url")]
    [InlineData("""{"serverHost":"a"}""", """{"serverHost":"b"}""", "serverHost")]
    [InlineData("""{"subdomain":"acme"}""", """{"subdomain":"evil"}""", "subdomain")]
    [InlineData("""{"place":"mail.a.example"}""", """{"place":"mail.b.example"}""", "place")]
    [InlineData("""{"sites":["a","b"]}""", """{"sites":["a","c"]}""", "sites.1")]
    [InlineData("""{"server":{"name":"a","port":1}}""", """{"server":{"name":"a","port":2}}""", "server.port")]
    public void Another_address_is_found_wherever_it_stands(string before, string after, string path) =>
        string.Join('.', Find(before, after)!).ShouldBe(path);

    [Theory]
    [InlineData("""{"base_url":"https://a.example","depth":1}""", """{"depth":2,"base_url":"https://a.example"}""")]
    [InlineData("""{"repo_owner":"a"}""", """{"repo_owner":"b"}""")]
    [InlineData("""{"report":"weekly"}""", """{"report":"daily","export":true}""")]
    [InlineData("""{"base_url":""}""", """{}""")]
    public void Other_changes_are_not_taken_for_one(string before, string after) => Find(before, after).ShouldBeNull();

    private static IReadOnlyList<object>? Find(string before, string after) =>
        AddressChange.Find(JsonElement.Parse(before), JsonElement.Parse(after));
}
