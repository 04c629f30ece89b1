using System.Text;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Tests.Html;

public class HtmlConverterTests
{
    private static readonly Uri Page = new("https://example.com/docs/page");

    private static HtmlPage Convert(string html, HtmlOptions? options = null) =>
        Extraction.Default.Html.Convert(Encoding.UTF8.GetBytes(html), options ?? new HtmlOptions { BaseUri = Page });

    private static string TextOf(string html, HtmlOptions? options = null) =>
        string.Join(
            "\n\n",
            Convert(html, options)
                .Sections.Select(section =>
                    section.Heading is null ? section.Text : $"## {section.Heading}\n{section.Text}"
                )
        );

    [Fact]
    public void Text_is_collapsed_as_browsers_do_it() =>
        TextOf("<p>One   two\n three<b>bold</b> &amp; <i>more</i>\u00a0!</p><p>next<br>line</p>")
            .ShouldBe("One two threebold & more !\n\nnext\nline");

    [Fact]
    public void Lists_nest_and_number() =>
        TextOf("<p>x</p><ul><li>a<ul><li>b<li><p>c</p></ul><li>d</ul><ol start=3><li>e<p>f</p></li><li>g</ol>")
            .ShouldBe("x\n\n- a\n  - b\n  - c\n- d\n\n3. e\n\n   f\n4. g");

    [Fact]
    public void Tables_become_tables() =>
        TextOf(
                "<table><caption>Prices</caption><thead><tr><th>Name<th>A | B</thead><tr><td>x<br>y<td><a href=/z>z</a><tr><td colspan=2>wide</table>"
            )
            .ShouldBe("Prices\n\n| Name | A \\| B |\n| --- | --- |\n| x y | [z](https://example.com/z) |\n| wide |  |");

    [Fact]
    public void Tables_that_only_arrange_are_read_as_blocks() =>
        TextOf(
                "<table role=presentation><tr><td>left<td>right</table><table><tr><td><h4>T</h4><table><tr><td>a<td>b</table></table>"
            )
            .ShouldBe("left right\n\n#### T\n\n| a | b |\n| --- | --- |");

    [Theory]
    [InlineData("<pre><code class='language-js'>let a = 1;\n  b();\n</code></pre>", "js")]
    [InlineData(
        "<div class='highlight-python notranslate'><div class=highlight><pre><span></span>let a = 1;\n  b();\n</pre></div></div>",
        "python"
    )]
    [InlineData("<div class='highlight highlight-source-shell'><pre>let a = 1;\n  b();</pre></div>", "shell")]
    [InlineData(
        "<table class=highlighttable><tr><td class=linenos><pre>1\n2</pre><td class=code><pre>let a = 1;\n  b();</pre></table>",
        ""
    )]
    public void Code_blocks_keep_lines_and_language(string html, string language) =>
        TextOf(html).ShouldBe($"```{language}\nlet a = 1;\n  b();\n```");

    [Fact]
    public void Quotes_code_images_and_definitions_are_kept() =>
        TextOf(
                "<blockquote><p>a<p>b</blockquote><p>Use <code>x `y`</code> and <img src=i.png alt='A picture'><img src=t.gif alt=''></p><dl><dt>T<dd>D<dd>E</dl>"
            )
            .ShouldBe("> a\n>\n> b\n\nUse `` x `y` `` and ![A picture](https://example.com/docs/i.png)\n\nT\n: D\n: E");

    [Fact]
    public void Links_become_absolute_and_blocks_in_links_stay_blocks() =>
        TextOf(
                "<p>See <a href='../a b?x=1#y'>this</a>, <a href='#top'>top</a>, <a href='mailto:x@y.z'>mail</a>, <a href='https://q.org/'>https://q.org/</a>.</p><a href=/card><h4>Card</h4><p>text</p></a>"
            )
            .ShouldBe("See [this](https://example.com/a%20b?x=1#y), top, mail, https://q.org/.\n\n#### Card\n\ntext");

    [Fact]
    public void Headings_with_anchors_make_sections()
    {
        var page = Convert(
            """
            <main><h1>Guide</h1><p>Intro</p>
            <h2 id="setup"><code>Set</code> up<a class="headerlink" href="#setup">¶</a></h2><p>Do it</p><h3>No anchor</h3><p>inside</p>
            <section id="use it"><h2>Use</h2><p>Use it</p></section>
            <h2><span class="mw-headline" id="Über">Über</span></h2><p>u</p>
            <h2><a name="old"></a>Old</h2><h3 id="leaf">Leaf</h3><p>l</p></main>
            """
        );

        page.Sections.Select(section => (section.Heading, section.Link, section.Text))
            .ShouldBe([
                ("Guide", null, "Intro"),
                ("Set up", "https://example.com/docs/page#setup", "Do it\n\n### No anchor\n\ninside"),
                ("Use", "https://example.com/docs/page#use%20it", "Use it"),
                ("Über", "https://example.com/docs/page#%C3%9Cber", "u"),
                ("Old", "https://example.com/docs/page#old", "Old"),
                ("Leaf", "https://example.com/docs/page#leaf", "l"),
            ]);
    }

    [Fact]
    public void Without_sections_there_is_one_text()
    {
        var options = new HtmlOptions { BaseUri = Page, SectionPerHeading = false };

        var section = Convert("<h1 id=a>A</h1><p>x</p><h2 id=b>B</h2><p>y</p>", options)
            .Sections.ShouldHaveSingleItem();

        section.Text.ShouldBe("# A\n\nx\n\n## B\n\ny");
    }

    [Theory]
    [InlineData("<nav>NO</nav><header>NO</header><aside>NO</aside><footer>NO</footer>")]
    [InlineData("<script>NO</script><style>NO</style><template>NO</template><noscript>NO</noscript>")]
    [InlineData("<div id=onetrust-consent-sdk>NO</div><div class='my cookie-banner'>NO</div>")]
    [InlineData(
        "<p hidden>NO</p><p style='color:red; display : none'>NO</p><p aria-hidden=true>NO</p><p class=sr-only>NO</p>"
    )]
    [InlineData(
        "<div role=navigation>NO</div><div class='sidebar'>NO</div><button>NO</button><select><option>NO</select>"
    )]
    public void What_is_not_content_is_left_out(string furniture) =>
        TextOf($"<body>{furniture}<div><p>Yes, this is the text of the page.</p></div>")
            .ShouldBe("Yes, this is the text of the page.");

    [Fact]
    public void Main_content_is_what_the_page_marks()
    {
        TextOf("<div>menu menu menu</div><main><header><h1>T</h1></header><p>the text of it</p></main><div>more</div>")
            .ShouldBe("## T\nthe text of it");
        TextOf("<div>menu</div><article><p>the text of it all</p></article>").ShouldBe("the text of it all");
        TextOf("<div>menu</div><div role=main><p>the text of it all</p></div>").ShouldBe("the text of it all");
    }

    [Fact]
    public void Without_marks_the_densest_part_wins()
    {
        var text = string.Join(" ", Enumerable.Repeat("A sentence of the article.", 20));

        TextOf(
                $"<div class=x><div><a href=/a>Home</a> <a href=/b>About us</a></div><div class=y><div>{text}</div></div><div>(c) 2024</div></div>"
            )
            .ShouldBe(text);
    }

    [Fact]
    public void Everything_is_kept_when_asked_for()
    {
        var options = new HtmlOptions
        {
            BaseUri = Page,
            MainContentOnly = false,
            DocumentationCleanup = false,
        };

        TextOf(
                "<nav>menu</nav><main><p>text</p><p><a href=/e>Edit this page</a></p></main><footer>foot</footer>",
                options
            )
            .ShouldBe("menu\n\ntext\n\n[Edit this page](https://example.com/e)\n\nfoot");
    }

    [Fact]
    public void Furniture_of_documentation_themes_is_removed()
    {
        const string html = """
            <main><ul class="breadcrumbs"><li>Docs</ul><div class="toc">On this page</div><h1>T</h1><p>text</p>
            <div class="admonition note"><p>Note</p></div><aside class="callout">Mind this</aside><aside>Ad</aside>
            <a href="/edit/x.md">Edit this page</a><button class="copybtn">Copy</button><p>Was this page helpful?</p>
            <div class="pagination-nav">Next</div></main>
            """;

        TextOf(html).ShouldBe("## T\ntext\n\nNote\n\nMind this");
        TextOf(html, new HtmlOptions { BaseUri = Page, DocumentationCleanup = false }).ShouldContain("On this page");
    }

    [Fact]
    public void A_page_whose_content_is_all_marked_as_furniture_is_read_nevertheless() =>
        TextOf("<body><main></main><div><p>Only text here.</p></div>").ShouldBe("Only text here.");

    [Fact]
    public void Charset_comes_from_header_mark_meta_or_bytes()
    {
        var html = Encoding.GetEncoding("shift_jis").GetBytes("<meta charset=shift_jis><p>日本語の文章</p>");
        var bare = Encoding.GetEncoding("windows-1251").GetBytes("<p>Привет, мир. Это страница на русском языке.</p>");

        Extraction.Default.Html.Convert(html, new HtmlOptions()).Sections[0].Text.ShouldBe("日本語の文章");
        Extraction
            .Default.Html.Convert(bare, new HtmlOptions { Charset = "windows-1251" })
            .Sections[0]
            .Text.ShouldStartWith("Привет, мир");
        Extraction.Default.Html.Convert(bare, new HtmlOptions()).Sections[0].Text.ShouldStartWith("Привет, мир");
    }

    [Fact]
    public void Long_pages_are_cut()
    {
        var page = Convert(
            $"<p>{new string('x', 500)}</p><h2 id=a>A</h2><p>{new string('y', 800)}</p>",
            new HtmlOptions { BaseUri = Page, MaxCharacters = 1000 }
        );

        page.IsTruncated.ShouldBeTrue();
        page.Sections.Sum(section => section.Text.Length).ShouldBe(1000);
    }

    [Fact]
    public void Noscript_is_the_text_of_pages_that_have_no_other()
    {
        var page = Convert(
            "<div id=root></div><noscript>You need to enable JavaScript to run this app.</noscript><script src=a.js></script>"
        );

        page.NeedsJavaScript.ShouldBeTrue();
        page.Sections[0].Text.ShouldBe("You need to enable JavaScript to run this app.");
        Convert("<p>Short but whole.</p><script>1</script>").NeedsJavaScript.ShouldBeFalse();
        Convert("<div id=app></div>").NeedsJavaScript.ShouldBeFalse();
    }

    [Fact]
    public async Task Files_are_pages_too()
    {
        var text = await Extraction.ExtractAsync(
            "a.htm",
            "<!-- ONYX_METADATA={\"link\":\"https://x\"} -->\n<html lang=de><title>Titel</title><meta name=description content='Kurz'><body><p>Text</p>"
        );

        text.Title.ShouldBe("Titel");
        text.Metadata["language"].ToString().ShouldBe("de");
        text.Metadata["description"].ToString().ShouldBe("Kurz");
        text.Text().ShouldBe("<!-- ONYX_METADATA={\"link\":\"https://x\"} -->\n\nText");
    }
}
