using Tributary.Sdk.Markup;

namespace Tributary.Sdk.Tests;

public class WikitextTests
{
    private static readonly WikitextOptions Wiki = new()
    {
        AddressOf = title => $"https://wiki.example/{title.Replace(' ', '_')}",
        FilesAndCategories = ["Datei", "Kategorie"],
    };

    [Theory]
    [InlineData(
        "== Lauf ==\nDer Fluss.\n=== Quelle===\nOben.\n= ''Titel'' =",
        "## Lauf\n\nDer Fluss.\n\n### Quelle\n\nOben.\n\n# *Titel*"
    )]
    [InlineData("===\nno heading", "===\nno heading")]
    [InlineData("one\ntwo\n\n\nthree\n----\nfour", "one\ntwo\n\nthree\n\n---\n\nfour")]
    [InlineData("Text.\n code ''here''\n   more\nText.", "Text.\n\n```\ncode *here*\n  more\n```\n\nText.")]
    [InlineData("a<br>b<br />c\n* d<br>e", "a\nb\nc\n\n- d e")]
    public void Blocks(string wikitext, string markdown) => Wikitext.ToMarkdown(wikitext).ShouldBe(markdown);

    [Theory]
    [InlineData("''italic'', '''bold''' and '''''both'''''", "*italic*, **bold** and ***both***")]
    [InlineData("'''''both'' bold'''", "***both* bold**")]
    [InlineData("''a '''b'' c'''", "*a **b*** **c**")]
    [InlineData("a'' b ''c''' d'''", "a *b* c **d**")]
    [InlineData("it's ''open\nand on", "it's *open*\nand on")]
    [InlineData("''''quoted''''", "'**quoted'**")]
    [InlineData(
        "<b>bold</b>, <i>italic</i>, <s>gone</s>, <code>x</code>, H<sub>2</sub>O",
        "**bold**, *italic*, ~~gone~~, `x`, H2O"
    )]
    [InlineData("a &lt; b &amp; c&nbsp;&#8211; &auml; List<String> 1 < 2", "a < b & c – ä List<String> 1 < 2")]
    [InlineData("<nowiki>''no'' [[link]] &amp;</nowiki> ''yes''", "''no'' [[link]] & *yes*")]
    [InlineData("a<!-- ''x'' [[y]] -->b\n<!-- a line -->\nc <!-- open", "ab\nc")]
    [InlineData("__NOTOC____INHALTSVERZEICHNIS__ text __init__", "text __init__")]
    [InlineData("&#xFDD0;1&#xFDD1; \uFDD01\uFDD1 stays", "\uFDD01\uFDD1 1 stays")]
    public void Emphasis_tags_and_entities(string wikitext, string markdown) =>
        Wikitext.ToMarkdown(wikitext).ShouldBe(markdown);

    [Theory]
    [InlineData("[[Main page]]", "[Main page](https://wiki.example/Main_page)")]
    [InlineData(
        "[[help:first_steps#To do|the ''first'' steps]]",
        "[the *first* steps](https://wiki.example/help:first_steps#To_do)"
    )]
    [InlineData(
        "two [[key]]s and [[Schlüssel|Schlüs]]seln",
        "two [keys](https://wiki.example/key) and [Schlüsseln](https://wiki.example/Schlüssel)"
    )]
    [InlineData(
        "[[Foo (bar)]] [[#Here]] [[:Category:All]]",
        "[Foo (bar)](https://wiki.example/Foo_%28bar%29) Here [Category:All](https://wiki.example/Category:All)"
    )]
    [InlineData(
        "a [[File:x.png|thumb|with [[a link]] and [https://b.example b]]] b[[Category:Rivers|x]][[datei:y.jpg]]",
        "a  b"
    )]
    [InlineData(
        "[[Kategorie:Flüsse]]\n[[de:Fluss]]\n[[hr:Team]] stays",
        "[hr:Team](https://wiki.example/hr:Team) stays"
    )]
    [InlineData(
        "[https://a.example/x(1) the ''page''] [https://a.example] [//b.example c] https://d.example",
        "[the *page*](https://a.example/x%281%29) https://a.example [c](https://b.example) https://d.example"
    )]
    [InlineData(
        "a[1] and [ftp no link] and [[not\na link]] and [[]] and [[a",
        "a[1] and [ftp no link] and [[not\na link]] and [[]] and [[a"
    )]
    public void Links(string wikitext, string markdown) => Wikitext.ToMarkdown(wikitext, Wiki).ShouldBe(markdown);

    [Fact]
    public void Links_without_an_address_keep_their_text() =>
        Wikitext.ToMarkdown("see [[Main page]] and [[Other|the other]]").ShouldBe("see Main page and the other");

    [Theory]
    [InlineData("* a\n** b\n*** c\n* d\n\n* e", "- a\n  - b\n    - c\n- d\n\n- e")]
    [InlineData("# a\n#* b\n# c\n## d\n# e\nText\n# f", "1. a\n   - b\n2. c\n   1. d\n3. e\n\nText\n\n1. f")]
    [InlineData("; Term : its meaning\n; Other\n: one\n: two", "**Term**\n: its meaning\n**Other**\n: one\n: two")]
    [InlineData("talk\n: answer\n:: again\n* a\n*: goes on", "talk\n\nanswer\n\nagain\n\n- a\n  goes on")]
    [InlineData("<ul><li>a</li><li>b</li></ul>", "- a\n- b")]
    public void Lists(string wikitext, string markdown) => Wikitext.ToMarkdown(wikitext).ShouldBe(markdown);

    [Fact]
    public void Tables() =>
        Wikitext
            .ToMarkdown(
                """
                Before
                {| class="wikitable"
                |+ style="x" | The ''rivers''
                ! scope="col" | Name !! Length
                |-
                | [[Rhine|Rhine{{!}}Rhein]] || 1,233 km
                |-
                | colspan="2" | both
                more
                * item
                |-
                |
                {| class="inner"
                | a || b
                |-
                | c
                |}
                | d
                |}
                After
                """
            )
            .ShouldBe(
                """
                Before

                **The *rivers***

                | Name | Length |
                | --- | --- |
                | Rhine\|Rhein | 1,233 km |
                | both more  item |  |
                | a b c | d |

                After
                """
            );

    [Fact]
    public void Code_keeps_every_character() =>
        Wikitext
            .ToMarkdown(
                "So:<syntaxhighlight lang=\"c#\" line>\nvar x = \"''{{[[a]]}}''\"; // <b>\n</syntaxhighlight>\n"
                    + "<pre>\n&lt;a&gt; ''b''\n</pre>and <syntaxhighlight lang=sh inline>ls '''</syntaxhighlight>."
            )
            .ShouldBe("So:\n\n```c#\nvar x = \"''{{[[a]]}}''\"; // <b>\n```\n\n```\n<a> ''b''\n```\n\nand `ls '''`.");

    [Theory]
    [InlineData("a{{cite|x=[[b]]|{{c|{{{1|d}}}}}}}e{{{2|f}}}g", "aeg")]
    [InlineData("{{unclosed [[link]] and }} more }", "more }")]
    [InlineData("a }} b {{ c", "a }} b {{ c")]
    [InlineData(
        "{{Infobox river\n| name = Rhine\n| image = Rhine.jpg\n| source = [[Tomasee|Lake Toma]]{{ref|1}}\n| length_km = 1233\n| size = 250px\n| empty =\n}}\nThe '''Rhine'''.",
        "- name: Rhine\n- source: Lake Toma\n- length km: 1233\n\nThe **Rhine**."
    )]
    public void Templates(string wikitext, string markdown) => Wikitext.ToMarkdown(wikitext).ShouldBe(markdown);

    [Theory]
    [InlineData(
        "One.<ref>See ''this''.</ref> Two.<ref name=\"a\" /> Three.<ref>{{cite}}</ref>",
        "One. Two. Three.\n\n1. See *this*."
    )]
    [InlineData(
        "One.<ref>First</ref><ref>Second</ref>\n== Notes ==\n{{Reflist}}\n== More ==\nText",
        "One.\n\n## Notes\n\n1. First\n2. Second\n\n## More\n\nText"
    )]
    [InlineData("One.<ref>open\n\n== Heading ==\n<references/>", "One.open\n\n## Heading")]
    public void Notes(string wikitext, string markdown) => Wikitext.ToMarkdown(wikitext).ShouldBe(markdown);

    [Theory]
    [InlineData("#REDIRECT [[Main page]]\n[[Category:x]]", "→ [Main page](https://wiki.example/Main_page)")]
    [InlineData(" #weiterleitung: [[Ziel#Teil]]", "→ [Ziel#Teil](https://wiki.example/Ziel#Teil)")]
    [InlineData("#See [[Main page]]", "1. See [Main page](https://wiki.example/Main_page)")]
    public void Redirects(string wikitext, string markdown) => Wikitext.ToMarkdown(wikitext, Wiki).ShouldBe(markdown);

    public static TheoryData<string> Hostile { get; } =
    [
        .. "[[|{{|{{{|[[a|{{infobox|{|\n|{{{a|[[File:|<ref>|<nowiki>|<b|<|<!--|''|'''a|[http://a |[http://a]|&lt|~~".Split(
            '|'
        ),
        "{{a|",
        "[[a|b",
        "{|\n|-\n|",
        "|colspan=99|x\n|-\n",
        "****",
        "=",
        "__A",
        "\n*",
        "[[a]]",
        "<ref>a</ref>",
        "{{infobox|a=b}}",
        "<pre>",
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    [Trait("Category", "Slow")]
    public void A_megabyte_of_anything_ends_soon(string piece)
    {
        var open = string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length));
        var closed = open + string.Concat(Enumerable.Repeat("}}]]</ref>'''|}", 30_000));
        var nested = open + new string(']', 400_000) + new string('}', 400_000);

        // What grows with the square of the length does not come to its end here.
        foreach (var text in new[] { open, closed, nested, "{|\n| " + open })
        {
            Wikitext.ToMarkdown(text, Wiki).Length.ShouldBeLessThan(40 * text.Length);
        }
    }

    [Fact]
    public void Any_cut_of_a_page_is_converted()
    {
        const string Page =
            "{{Infobox|a=[[b|c]]}}\n'''A''' [[File:x|[[y]]]] [https://z w]<ref name=a>n</ref>\n* i\n#: j\n{|\n! h !! k\n|-\n| l || {| m |}\n|}\n<pre>p</pre>&amp;<nowiki>q</nowiki> 🗺️ עברית";
        for (var from = 0; from < Page.Length; from++)
        {
            for (var length = 0; length <= Page.Length - from; length += 3)
            {
                Wikitext.ToMarkdown(Page.Substring(from, length), Wiki).ShouldNotContain("\uFDD0");
            }
        }
    }
}
