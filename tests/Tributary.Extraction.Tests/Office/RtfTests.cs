using System.Text;

namespace Tributary.Extraction.Tests.Office;

public class RtfTests
{
    private static async Task<string> TextOf(string rtf) =>
        (await Extraction.ExtractAsync("a.rtf", Encoding.Latin1.GetBytes(rtf))).Text();

    [Fact]
    public async Task Paragraphs_letters_and_facts_are_read()
    {
        var text = await Extraction.ExtractAsync(
            "a.rtf",
            Encoding.Latin1.GetBytes(
                @"{\rtf1\ansi\ansicpg1252\uc1{\fonttbl{\f0 Arial;}{\f1\fcharset204 Cyr;}}{\info{\title The Title}{\author Ann}}"
                    + @"{\*\generator NO;}\pard Gr\'fc\'dfe {\b bold} \u8364?\emdash x\par{\f1 \'cf\'f0\'e8\'e2\'e5\'f2} {\deleted NO}{\v NO}{\pict 0102}\line {\field{\*\fldinst NO}{\fldrslt link}}\~a\{b\}\par}"
            )
        );

        text.Title.ShouldBe("The Title");
        text.Authors[0].Name.ShouldBe("Ann");
        text.Text().ShouldBe("Grüße bold €—x\n\nПривет\nlink a{b}");
    }

    [Fact]
    public async Task Rows_stay_on_their_line() =>
        (await TextOf(@"{\rtf1 \trowd a\cell b\cell\row\trowd c\cell d\cell\row after}")).ShouldBe(
            "a | b\nc | d\nafter"
        );

    [Fact]
    public async Task Binary_data_and_broken_ends_are_survived()
    {
        (await TextOf("{\\rtf1 a\\bin5 {{{{{b\\par")).ShouldBe("ab");
        (await TextOf("{\\rtf1 a}}}}} b \\")).ShouldBe("a b");
    }
}
