using System.Text;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;

namespace Tributary.Extraction.Tests.Mail;

public class MailTests
{
    private const string Header =
        "From: =?utf-8?B?SsO8cmdlbg==?= =?utf-8?Q?_M=C3=BCller?= <juergen@example.com>\r\n"
        + "To: \"Lee, Ann\" <ann@example.com>, bob@example.com\r\nCc: Team: cy@example.com (Cy);\r\n"
        + "Subject: =?iso-8859-1?Q?Gr=FC=DFe?= and\r\n more\r\nDate: Tue, 2 Jan 2024 09:30:00 +0100 (CET)\r\nMessage-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n";

    private static Task<ExtractedText> MailAsync(string text) =>
        Extraction.ExtractAsync("a.eml", Encoding.Latin1.GetBytes(text));

    [Fact]
    public async Task The_header_becomes_facts()
    {
        var text = await MailAsync(
            Header
                + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nHello W=C3=B6rld,=20\r\nsoft=\r\n break =3D\r\n"
        );

        text.Title.ShouldBe("Grüße and more");
        text.Authors.ShouldBe([new Owner("Jürgen Müller", "juergen@example.com")]);
        text.ModifiedAt.ShouldBe(new DateTimeOffset(2024, 1, 2, 8, 30, 0, TimeSpan.Zero));
        text.Metadata["sender"].ToString().ShouldBe("Jürgen Müller <juergen@example.com>");
        text.Metadata["recipients"].Values.ShouldBe(["Lee, Ann <ann@example.com>", "bob@example.com"]);
        text.Metadata["cc"].Values.ShouldBe(["cy@example.com"]);
        text.Metadata["message_id"].ToString().ShouldBe("1@example.com");
        text.Text().ShouldBe("Hello Wörld, \nsoft break =");
    }

    [Fact]
    public async Task Plain_text_is_preferred_unless_it_says_nothing()
    {
        const string both =
            Header
            + "Content-Type: multipart/alternative; boundary=\"b=1\"\r\n\r\npreamble\r\n--b=1\r\nContent-Type: text/plain\r\n\r\n{0}\r\n--b=1\r\n"
            + "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{1}\r\n--b=1--\r\nepilogue\r\n";
        var html = Convert.ToBase64String(
            Encoding.UTF8.GetBytes($"<style>x</style><p>Rich <b>text</b> {new string('y', 300)}</p>")
        );

        (await MailAsync(string.Format(null, both, "Plain text that is long enough to be the message.", html)))
            .Text()
            .ShouldBe("Plain text that is long enough to be the message.");
        (await MailAsync(string.Format(null, both, " ", html))).Text().ShouldStartWith("Rich text y");
    }

    [Fact]
    public async Task Attachments_are_named_in_the_text_and_handed_out_as_members()
    {
        var mail = Encoding.Latin1.GetBytes(
            Header
                + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee attached.\r\n"
                + "--b\r\nContent-Type: text/csv; name*0*=utf-8''%E2%82%AC; name*1=.csv\r\nContent-Disposition: attachment;\r\n filename*0*=utf-8''%E2%82%AC; filename*1*=.csv\r\nContent-Transfer-Encoding: base64\r\n\r\nYSxiCjEs\r\nMg==\r\n"
                + "--b\r\nContent-Type: application/pdf; name=\"=?utf-8?B?w6QucGRm?=\"\r\n\r\nraw\r\nbytes\r\n"
                + "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: x@y.z\r\nSubject: Inner\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nInner text\r\n--c\r\nContent-Disposition: attachment; filename=\"../in/ner.txt\"\r\n\r\ndeep\r\n--c--\r\n--b--\r\n"
        );

        var text = await Extraction.ExtractAsync("a.eml", mail);
        var members = await Extraction.MembersAsync("a.eml", mail);

        text.Text().ShouldContain("See attached.");
        text.Sections.Select(section => section.Heading).ShouldBe([null, "Inner — x@y.z"]);
        text.Sections[1].Text.ShouldStartWith("Inner text");
        members.Select(member => member.Path).ShouldBe(["€.csv", "ä.pdf", ".._in_ner.txt"]);
        (await Extraction.ReadTextAsync(members[0])).ShouldBe("a,b\n1,2");
        members[0].Content!.ContentType.ShouldBe("text/csv");
        (await Extraction.ReadTextAsync(members[1])).ShouldBe("raw\r\nbytes");
        (await Extraction.ReadTextAsync(members[2])).ShouldBe("deep");
        Extraction.Default.Containers.Identify("a.eml", new MemoryStream(mail)).ShouldBe(ContainerKind.Mail);
    }

    [Fact]
    public async Task Mail_boxes_have_a_section_for_each_message()
    {
        const string box =
            "From ann@example.com Tue Jan  2 09:30:00 2024\nFrom: ann@example.com\nSubject: One\nDate: 2 Jan 24 09:30 EST\n\nFirst.\n>From here\n\n"
            + "From bob@example.com Wed Jan  3 09:30:00 2024\nFrom: bob@example.com\nTo: x@y.z\nSubject: Two\n\nSecond.\n";

        var text = await Extraction.ExtractAsync("a.mbox", box);

        text.Sections.Select(section => section.Heading)
            .ShouldBe(["One — ann@example.com — 2024-01-02 14:30", "Two — bob@example.com"]);
        text.Sections[0].Text.ShouldStartWith("First.");
        text.Sections[1].Text.ShouldBe("Second.");
        text.Metadata["messages"].ToString().ShouldBe("2");
        Extraction
            .Default.Containers.Identify("a.mbox", new MemoryStream(Encoding.ASCII.GetBytes(box)))
            .ShouldBe(ContainerKind.Mail);
    }

    [Fact]
    public async Task Invitations_are_read()
    {
        var text = await MailAsync(
            Header
                + "Content-Type: text/calendar; charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Meet\r\nLOCATION:Room 1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );

        text.Text().ShouldBe("Meet\nLocation: Room 1");
    }

    [Theory]
    [InlineData("Mon, 01 Jan 2024 00:00:00 GMT", "2024-01-01T00:00:00Z")]
    [InlineData("1 Feb 99 1:02 PST", "1999-02-01T09:02:00Z")]
    [InlineData("Thu, 29 Feb 2024 23:59:60 -0530", "2024-03-01T05:29:59Z")]
    [InlineData("31 Feb 2024 00:00:00 +0000", null)]
    [InlineData("nonsense", null)]
    public void Dates_are_understood(string date, string? expected) =>
        Tributary
            .Extraction.Mail.MailDate.Parse(date)
            .ShouldBe(expected is null ? null : DateTimeOffset.Parse(expected, null));

    [Fact]
    public async Task A_mail_that_only_has_a_subject_is_its_subject() =>
        (await MailAsync(Header + "\r\n")).Text().ShouldBe("Grüße and more");

    [Fact]
    public async Task Broken_structures_are_read_as_far_as_they_go()
    {
        (await MailAsync(Header + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nNo end"))
            .Text()
            .ShouldBe("No end");
        (
            await MailAsync(
                Header
                    + "Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\nContent-Type: multipart/mixed; boundary=inner\r\n\r\n--inner\r\n\r\nOne\r\n--outer\r\n\r\nTwo\r\n--outer--"
            )
        )
            .Text()
            .ShouldBe("One\n\nTwo");
        (await MailAsync(Header + "Content-Transfer-Encoding: base64\r\n\r\nSGVsbG8*g d29ybGQ"))
            .Text()
            .ShouldBe("Hello world");
    }

    [Fact]
    public async Task Endless_nesting_ends_with_a_failure()
    {
        var mail = new StringBuilder(Header);
        for (var i = 0; i < 5000; i++)
        {
            mail.Append(null, $"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n");
        }

        (await Extraction.FailAsync("a.eml", Encoding.ASCII.GetBytes(mail.ToString()))).Problem.ShouldBe(
            ContentProblem.TooLarge
        );
    }
}
