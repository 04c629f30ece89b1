using System.Text;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Tests.Text;

public class TextFormatsTests
{
    [Theory]
    [InlineData("notes.txt")]
    [InlineData("README.md")]
    [InlineData("page.mdx")]
    [InlineData("nginx.conf")]
    [InlineData("app.log")]
    [InlineData("data.json")]
    [InlineData("data.jsonl")]
    [InlineData("data.xml")]
    [InlineData("a.yml")]
    [InlineData("a.yaml")]
    [InlineData("a.sql")]
    [InlineData("a.rst")]
    [InlineData("a.adoc")]
    [InlineData("a.org")]
    [InlineData("a.tex")]
    [InlineData("Program.cs")]
    [InlineData("main.py")]
    [InlineData("Makefile")]
    public async Task Plain_text_stays_as_it_is_first_line_included(string name)
    {
        var text = await Extraction.ExtractAsync(
            name,
            "#ONYX_METADATA={\"link\": \"https://x\"}\r\nGrüße, 世界\r\rend\n"
        );

        text.Text().ShouldBe("#ONYX_METADATA={\"link\": \"https://x\"}\nGrüße, 世界\n\nend");
    }

    [Fact]
    public async Task Markdown_names_its_title_in_its_first_heading_or_front_matter()
    {
        (await Extraction.ExtractAsync("a.md", "intro\n# The Title\ntext")).Title.ShouldBe("The Title");
        (await Extraction.ExtractAsync("a.md", "---\ntitle: \"Given\"\n---\n# Other")).Title.ShouldBe("Given");
    }

    [Theory]
    [InlineData("a.csv", "name;note\nAnn;\"a; b\"\nBob;\"two\nlines \"\"quoted\"\"\"\n")]
    [InlineData("a.csv", "name,note\r\nAnn,a; b\r\nBob,\"two\r\nlines \"\"quoted\"\"\"\r\n")]
    [InlineData("a.tsv", "name\tnote\nAnn\ta; b\nBob\t\"two\nlines \"\"quoted\"\"\"")]
    public async Task Separated_values_become_a_table(string name, string content)
    {
        var text = await Extraction.ExtractAsync(name, content);

        text.Text().ShouldBe("| name | note |\n| --- | --- |\n| Ann | a; b |\n| Bob | two lines \"quoted\" |");
    }

    [Fact]
    public async Task A_metadata_line_before_a_table_is_kept()
    {
        var text = await Extraction.ExtractAsync("a.csv", "#DANSWER_METADATA={\"link\":\"x\"}\na,b\n1,2\n");

        text.Text().ShouldStartWith("#DANSWER_METADATA={\"link\":\"x\"}\n| a | b |");
    }

    [Fact]
    public async Task Subtitles_lose_their_times_and_are_merged_by_speaker()
    {
        var vtt = await Extraction.ExtractAsync(
            "call.vtt",
            "WEBVTT\n\nNOTE nothing\n\n1\n00:01.000 --> 00:02.000\n<v Ann Lee>Hello\n\n00:02.000 --> 00:03.000\n<v Ann Lee>there &amp; all\n\n00:04.000 --> 00:05.000\n<v Bob>Hi</v>\n"
        );
        var srt = await Extraction.ExtractAsync(
            "film.srt",
            "1\n00:00:01,000 --> 00:00:02,000\n<i>One</i>\n\n2\n00:00:02,000 --> 00:00:03,000\ntwo\nthree\n"
        );

        vtt.Text().ShouldBe("Ann Lee: Hello there & all\n\nBob: Hi");
        srt.Text().ShouldBe("One two three");
    }

    [Fact]
    public async Task Calendars_have_a_section_for_each_event()
    {
        var text = await Extraction.ExtractAsync(
            "a.ics",
            "BEGIN:VCALENDAR\r\nX-WR-CALNAME:Team\r\nBEGIN:VEVENT\r\nSUMMARY:Stand-\r\n up\r\nDTSTART;TZID=Europe/Berlin:20240102T090000\r\n"
                + "ATTENDEE;CN=\"Ann: Lee\":mailto:ann@example.com\r\nDESCRIPTION:One\\, two\\nthree\r\nBEGIN:VALARM\r\nDESCRIPTION:no\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );

        text.Title.ShouldBe("Team");
        var section = text.Sections.ShouldHaveSingleItem();
        section.Heading.ShouldBe("Stand-up");
        section.Text.ShouldBe(
            "Start: 2024-01-02 09:00 Europe/Berlin\nAttendee: Ann: Lee <ann@example.com>\n\nOne, two\nthree"
        );
    }

    [Fact]
    public async Task Contact_cards_have_a_section_for_each_person()
    {
        var text = await Extraction.ExtractAsync(
            "a.vcf",
            "BEGIN:VCARD\nVERSION:3.0\nFN:Ann Lee\nORG:Acme;Research\nitem1.EMAIL;TYPE=work:ann@example.com\nEND:VCARD\nBEGIN:VCARD\nFN:Bob\nTEL:+1 2\nEND:VCARD\n"
        );

        text.Text()
            .ShouldBe("## Ann Lee\nOrganization: Acme, Research\nE-mail: ann@example.com\n\n## Bob\nTelephone: +1 2");
    }

    [Fact]
    public async Task Notebooks_show_text_code_and_output()
    {
        var text = await Extraction.ExtractAsync(
            "a.ipynb",
            """
            {"metadata":{"language_info":{"name":"python"}},"nbformat":4,"cells":[
             {"cell_type":"markdown","source":["# Study\n","of things"]},
             {"cell_type":"code","source":"print(1)","outputs":[{"output_type":"stream","text":["1\n"]},
               {"output_type":"display_data","data":{"image/png":"AAAA","text/plain":"<Figure>"}}]}]}
            """
        );

        text.Text().ShouldBe("# Study\nof things\n\n```python\nprint(1)\n```\n\n```\n1\n```\n\n```\n<Figure>\n```");
    }

    [Fact]
    public async Task Bytes_beat_the_extension()
    {
        (await Extraction.ExtractAsync("lie.pdf", "just text")).Text().ShouldBe("just text");
        (await Extraction.ExtractAsync("lie.txt", "<!DOCTYPE html><title>T</title><p>hello")).Title.ShouldBe("T");
        (await Extraction.ExtractAsync("lie.docx", "{\\rtf1 rich}")).Text().ShouldBe("rich");
        (
            await Extraction.FailAsync(
                "lie.txt",
                [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0]
            )
        ).Problem.ShouldBe(ContentProblem.Unsupported);
    }

    [Fact]
    public async Task Unknown_binary_is_unsupported_and_nothing_is_empty()
    {
        var noise = new byte[5000];
        new Random(1).NextBytes(noise);

        (await Extraction.FailAsync("film.bin", noise)).Problem.ShouldBe(ContentProblem.Unsupported);
        (await Extraction.FailAsync("a.svg", Encoding.UTF8.GetBytes("<svg/>"))).Problem.ShouldBe(
            ContentProblem.Unsupported
        );
        (await Extraction.FailAsync("a.txt", [])).Problem.ShouldBe(ContentProblem.Empty);
        (await Extraction.FailAsync("a.txt", "  \n\n"u8.ToArray())).Problem.ShouldBe(ContentProblem.Empty);
    }

    [Fact]
    public async Task A_broken_notebook_is_broken_not_a_crash()
    {
        var failure = await Extraction.FailAsync("a.ipynb", "{\"cells\": [1, "u8.ToArray());

        failure.Problem.ShouldBe(ContentProblem.Broken);
        failure.Message.ShouldContain("Jupyter notebook");
    }

    [Fact]
    public async Task Long_text_is_cut_and_says_so()
    {
        var limits = new ExtractionLimits { MaxCharacters = 1000 };

        var text = await Extraction.ExtractAsync(
            "a.log",
            Encoding.UTF8.GetBytes(new string('x', 1001)),
            limits: limits
        );
        var whole = await Extraction.ExtractAsync(
            "a.log",
            Encoding.UTF8.GetBytes(new string('x', 1000)),
            limits: limits
        );

        text.Text().Length.ShouldBe(1000);
        text.Metadata["truncated"].ToString().ShouldBe("true");
        whole.Metadata.Keys.ShouldNotContain("truncated");
    }
}
