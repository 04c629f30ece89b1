using Tributary.Integrations.Web;

namespace Tributary.Integrations.Tests.Web;

public class UrlNormalizerTests
{
    [Theory]
    [InlineData("HTTP://Example.COM:80/a/../b/./c", "http://example.com/b/c")]
    [InlineData("https://example.com:443", "https://example.com/")]
    [InlineData("https://example.com:8443/", "https://example.com:8443/")]
    [InlineData("https://example.com./a", "https://example.com/a")]
    [InlineData("https://example.com/a#part", "https://example.com/a")]
    [InlineData("https://example.com/a#!/view", "https://example.com/a#!/view")]
    [InlineData("https://example.com/%7euser/%41%2f", "https://example.com/~user/A%2F")]
    [InlineData(@"https://example.com/a\b\..\c", "https://example.com/a/c")]
    [InlineData("https://example.com/a b/ü", "https://example.com/a%20b/%C3%BC")]
    [InlineData("https://example.com/a?", "https://example.com/a")]
    [InlineData("https://example.com/a?b=2&a=1", "https://example.com/a?b=2&a=1")]
    [InlineData("https://example.com/a?utm_source=x&id=7&GCLID=y&fbclid=z", "https://example.com/a?id=7")]
    [InlineData("https://example.com/a?utm_source=x", "https://example.com/a")]
    [InlineData("https://example.com/a;jsessionid=1F/b?x=1", "https://example.com/a/b?x=1")]
    [InlineData("https://bücher.example/a", "https://xn--bcher-kva.example/a")]
    [InlineData("http://[::1]:8080/a", "http://[::1]:8080/a")]
    public void One_form_for_each_page(string address, string expected)
    {
        var key = UrlNormalizer.Normalize(new Uri(address));
        key.ShouldBe(expected);
        UrlNormalizer.Normalize(new Uri(key!)).ShouldBe(key, "normalising twice changes nothing");
    }

    [Theory]
    [InlineData("mailto:somebody@example.com")]
    [InlineData("ftp://example.com/")]
    [InlineData("https://user:secret@example.com/")]
    [InlineData("data:text/html,hello")]
    public void No_form_for_what_is_not_to_be_fetched(string address) =>
        UrlNormalizer.Normalize(new Uri(address)).ShouldBeNull();

    [Theory]
    [InlineData("docs.example.com/guide", "https://docs.example.com/guide")]
    [InlineData("  example.com ", "https://example.com/")]
    [InlineData("http://example.com", "http://example.com/")]
    [InlineData("localhost:8080/a", "https://localhost:8080/a")]
    public void A_typed_address_gets_a_scheme(string typed, string expected) =>
        UrlNormalizer.ParseBase(typed)!.AbsoluteUri.ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData("https://")]
    [InlineData("not an address")]
    [InlineData("ftp://example.com")]
    [InlineData("https://user@example.com")]
    public void A_typed_text_that_is_no_address_is_refused(string typed) =>
        UrlNormalizer.ParseBase(typed).ShouldBeNull();
}
