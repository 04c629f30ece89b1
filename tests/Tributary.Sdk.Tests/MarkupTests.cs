using System.Text.Json;
using Tributary.Sdk.Markup;

namespace Tributary.Sdk.Tests;

public class MarkupTests
{
    [Theory]
    [InlineData(
        "Hi <@U1>, see <#C1|general> &amp; <https://a.example/?b&amp;c|the page>",
        "Hi @Zoë, see #general & [the page](https://a.example/?b&c)"
    )]
    [InlineData("*bold* and ~gone~, 2*3*4 and a_b", "**bold** and ~~gone~~, 2*3*4 and a_b")]
    [InlineData("`*code* <https://a.example>` <!here> <!subteam^S1|@team>", "`*code* https://a.example` @here @team")]
    [InlineData("<mailto:a@example.com|a@example.com> <!date^1^{date}|Monday> <@U9>", "a@example.com Monday @U9")]
    public void Slack_messages_become_markdown(string text, string markdown) =>
        SlackMarkup.ToMarkdown(text, id => id == "U1" ? "Zoë" : null).ShouldBe(markdown);

    [Fact]
    public void Atlassian_documents_become_markdown()
    {
        const string Adf = """
            {"type":"doc","content":[
              {"type":"heading","attrs":{"level":2},"content":[{"type":"text","text":"Plan"}]},
              {"type":"paragraph","content":[{"type":"text","text":"See ","marks":[]},{"type":"text","text":"this","marks":[{"type":"strong"},{"type":"link","attrs":{"href":"https://a.example"}}]},{"type":"hardBreak"},{"type":"mention","attrs":{"text":"@Zoë"}}]},
              {"type":"bulletList","content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"one"}]},{"type":"bulletList","content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"inner"}]}]}]}]}]},
              {"type":"table","content":[{"type":"tableRow","content":[{"type":"tableHeader","content":[{"type":"paragraph","content":[{"type":"text","text":"a|b"}]}]}]}]},
              {"type":"unknown","content":[{"type":"paragraph","content":[{"type":"text","text":"kept"}]}]}]}
            """;

        AtlassianDocument
            .ToMarkdown(JsonDocument.Parse(Adf).RootElement)
            .ShouldBe(
                "## Plan\n\nSee [**this**](https://a.example)\n@Zoë\n\n- one\n  - inner\n\n| a\\|b |\n| --- |\n\nkept"
            );
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("""{"type":7,"content":"x"}""")]
    [InlineData(
        """{"type":"heading","attrs":{"level":1e99},"content":[null,{"type":"text"},{"type":"date","attrs":{"timestamp":"9999999999999999"}}]}"""
    )]
    public void Atlassian_nonsense_gives_no_exception(string json) =>
        Should.NotThrow(() => AtlassianDocument.ToMarkdown(JsonDocument.Parse(json).RootElement));

    [Theory]
    [InlineData("Yes.\n\nOn Mon, 1 Jan 2025 at 10:00, Zoë <z@example.com>\nwrote:\n> Shall we?\n> Z", "Yes.")]
    [InlineData("Ja.\n-- \nJürgen", "Ja.")]
    [InlineData("Fine.\n\nFrom: Zoë\nSent: Monday\nTo: Ada\nSubject: Plan\n\nOld text", "Fine.")]
    [InlineData("> Shall we?\nYes, we shall.", "> Shall we?\nYes, we shall.")]
    [InlineData("> only quoted", "> only quoted")]
    [InlineData("Am 1. Januar 2025 schrieb Zoë:\n> Alt", "Am 1. Januar 2025 schrieb Zoë:\n> Alt")]
    public void Mails_lose_what_they_quote(string mail, string own) => QuotedMail.Trim(mail).ShouldBe(own);

    [Theory]
    [InlineData(
        """<p>Run</p><ac:structured-macro ac:name="code"><ac:parameter ac:name="language">sh</ac:parameter><ac:plain-text-body><![CDATA[a < b && c]]></ac:plain-text-body></ac:structured-macro>""",
        "<p>Run</p><pre><code>a &lt; b &amp;&amp; c</code></pre>"
    )]
    [InlineData(
        """<p>See <ac:link><ri:page ri:content-title="The &amp; plan" /></ac:link> and <ac:link><ri:page ri:content-title="B" /><ac:plain-text-link-body><![CDATA[this]]></ac:plain-text-link-body></ac:link></p>""",
        "<p>See The &amp; plan and this</p>"
    )]
    [InlineData(
        "<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>complete</ac:task-status><ac:task-body>Paint</ac:task-body></ac:task></ac:task-list>",
        "<li>[x] Paint</li>"
    )]
    [InlineData("<p>a</p><ac:image><ri:attachment ri:filename=\"x.png\" /></ac:image>", "<p>a</p>")]
    [InlineData("<ac:broken", "<ac:broken")]
    public void Confluence_pages_become_html(string storage, string html) =>
        ConfluenceStorage.ToHtml(storage).ShouldBe(html);

    [Fact]
    public void People_in_confluence_pages_have_names_where_they_are_known()
    {
        const string Storage =
            "Ask <ac:link><ri:user ri:account-id=\"a:1\" /></ac:link> or <ac:link><ri:user ri:account-id=\"b\"/></ac:link>"
            + "<ac:emoticon ac:name=\"tick\" ac:emoji-fallback=\"✅\" />";

        ConfluenceStorage.PeopleIn(Storage).ShouldBe(["a:1", "b"]);
        ConfluenceStorage
            .ToHtml(Storage, new Dictionary<string, string> { ["a:1"] = "Zoe <Brien>" })
            .ShouldBe("Ask @Zoe &lt;Brien&gt; or ✅");
    }

    [Theory]
    [InlineData("""{"type":"heading_2","heading_2":{"rich_text":[{"plain_text":"Plan"}]}}""", "## Plan")]
    [InlineData(
        """{"type":"to_do","to_do":{"checked":true,"rich_text":[{"plain_text":"Paint","href":"https://a.example","annotations":{"bold":true}}]}}""",
        "- [x] [**Paint**](https://a.example)"
    )]
    [InlineData(
        """{"type":"table_row","table_row":{"cells":[[{"plain_text":"a|b"}],[{"plain_text":"c"}]]}}""",
        "| a\\|b | c |"
    )]
    [InlineData(
        """{"type":"bookmark","bookmark":{"url":"https://a.example","caption":[{"plain_text":"The plan"}]}}""",
        "The plan https://a.example"
    )]
    [InlineData("""{"type":"unknown","unknown":{"rich_text":[{"plain_text":"kept"}]}}""", "kept")]
    [InlineData("""{"type":"paragraph","paragraph":7}""", "")]
    [InlineData("[]", "")]
    public void Notion_blocks_become_markdown(string json, string markdown) =>
        NotionBlocks.ToMarkdown(JsonDocument.Parse(json).RootElement).ShouldBe(markdown);
}
