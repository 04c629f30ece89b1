using System.Text;
using System.Xml.Linq;
using Tributary.Engine.Catalog;
using Tributary.Engine.Connectors;
using Tributary.Integrations.MediaWiki;

namespace Tributary.Contract;

public class IconTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private static readonly HashSet<string> Drawing = ["svg", "path", "rect", "text"];

    private static readonly HashSet<string> Attributes =
    [
        "xmlns",
        "viewBox",
        "fill",
        "d",
        "width",
        "height",
        "rx",
        "x",
        "y",
        "font-family",
        "font-size",
        "text-anchor",
    ];

    private static readonly IntegrationCatalog Catalog = new(typeof(MediaWikiIntegration).Assembly);

    [Fact]
    public void Every_icon_is_a_small_drawing_and_nothing_else()
    {
        foreach (var integration in new BuiltInDescriptions(Catalog).Visible)
        {
            var icon = XElement.Parse(integration.Icon!);

            icon.Name.ShouldBe(Svg + "svg", integration.Slug);
            Encoding.UTF8.GetByteCount(integration.Icon!).ShouldBeLessThan(4_096, integration.Slug);
            icon.DescendantsAndSelf().Select(part => part.Name.LocalName).ShouldBeSubsetOf(Drawing, integration.Slug);
            icon.DescendantsAndSelf()
                .SelectMany(part => part.Attributes())
                .Select(attribute => attribute.Name.LocalName)
                .ShouldBeSubsetOf(Attributes, integration.Slug);
        }
    }

    [Theory]
    [InlineData("asana", "#f06a6a")]
    [InlineData("confluence", "#172b4d")]
    [InlineData("discourse", "#000000")]
    [InlineData("dropbox", "#0061ff")]
    [InlineData("github", "#181717")]
    [InlineData("gitlab", "#fc6d26")]
    [InlineData("gmail", "#ea4335")]
    [InlineData("google_cloud_storage", "#aecbfa")]
    [InlineData("google_drive", "#4285f4")]
    [InlineData("hubspot", "#ff7a59")]
    [InlineData("jira", "#0052cc")]
    [InlineData("linear", "#5e6ad2")]
    [InlineData("notion", "#000000")]
    [InlineData("oci_storage", "#f80000")]
    [InlineData("outlook", "#0078d4")]
    [InlineData("r2", "#f38020")]
    [InlineData("s3", "#569a31")]
    [InlineData("slack", "#4a154b")]
    [InlineData("wikipedia", "#000000")]
    [InlineData("zendesk", "#03363d")]
    public void A_known_brand_is_shown_by_its_mark(string slug, string color)
    {
        var icon = XElement.Parse(new BuiltInDescriptions(Catalog).Find(slug)!.Icon!);

        icon.Attribute("fill")!.Value.ShouldBe(color);
        icon.Elements().ShouldHaveSingleItem().Name.LocalName.ShouldBe("path");
    }

    [Fact]
    public void What_has_no_mark_is_shown_by_its_letter() =>
        XElement.Parse(new BuiltInDescriptions(Catalog).Find("web")!.Icon!).Value.ShouldBe("W");
}
