using Tributary.Engine.Proxy;

namespace Tributary.Engine.Tests.Custom;

/// <summary>Where requests through a connector go.</summary>
public class ProxyAddressTests
{
    private static readonly Uri _api = new("https://api.example.com:8443/v1/?version=2");

    [Theory]
    [InlineData("users", "", "https://api.example.com:8443/v1/users?version=2")]
    [InlineData("users", "?a=1", "https://api.example.com:8443/v1/users?version=2&a=1")]
    [InlineData("", "", "https://api.example.com:8443/v1/?version=2")]
    [InlineData("a%2Fb", "", "https://api.example.com:8443/v1/a%2Fb?version=2")]
    [InlineData("@evil.com", "", "https://api.example.com:8443/v1/@evil.com?version=2")]
    [InlineData("a//b", "", "https://api.example.com:8443/v1/a//b?version=2")]
    [InlineData("a..b/...", "", "https://api.example.com:8443/v1/a..b/...?version=2")]
    public void Paths_are_added_to_the_letter(string path, string query, string expected) =>
        ProxyAddress.Of(_api, path, query).AbsoluteUri.ShouldBe(expected);

    [Theory]
    [InlineData("/evil.com")]
    [InlineData("..")]
    [InlineData("a/..")]
    [InlineData("a/%2e%2e/%2e%2e/b")]
    [InlineData("a/.%2e/b")]
    [InlineData("a%2f..%2fb")]
    [InlineData("a%252f%252e%252e")]
    [InlineData("a/..;x=1/b")]
    [InlineData("\\evil.com")]
    [InlineData("a#b")]
    [InlineData("a b")]
    [InlineData("a%00b")]
    [InlineData("a\r\nHost: evil")]
    public void Whatever_leads_elsewhere_is_refused(string path) =>
        Should.Throw<EngineException>(() => ProxyAddress.Of(_api, path, "")).Reason.ShouldBe("invalidPath");
}
