using System.Buffers.Binary;
using System.Text;
using Tributary.Extraction.Tests.Office;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;

namespace Tributary.Extraction.Tests.Mail;

public class OutlookTests
{
    private static (string, byte[]) Text(string storage, int id, string text) =>
        ($"{storage}__substg1.0_{id:X4}001F", Encoding.Unicode.GetBytes(text));

    private static byte[] Message(params (string, byte[])[] more)
    {
        var properties = new byte[32 + 16];
        BinaryPrimitives.WriteUInt32LittleEndian(properties.AsSpan(32), 0x00390040);
        BinaryPrimitives.WriteInt64LittleEndian(
            properties.AsSpan(40),
            new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Utc).ToFileTimeUtc()
        );
        return CompoundWriter.Write([
            ("__properties_version1.0", properties),
            Text("", 0x0037, "Subject line"),
            Text("", 0x0C1A, "Ann Lee"),
            Text("", 0x5D01, "ann@example.com"),
            Text("__recip_version1.0_#00000000/", 0x3001, "Bob"),
            Text("__recip_version1.0_#00000000/", 0x39FE, "bob@example.com"),
            .. more,
        ]);
    }

    [Fact]
    public async Task Body_facts_and_attachments_are_read()
    {
        const string attachment = "__attach_version1.0_#00000000/";
        const string embedded = "__attach_version1.0_#00000001/__substg1.0_3701000D/";
        var large = Encoding.ASCII.GetBytes(new string('x', 6000));
        var file = Message(
            Text("", 0x1000, "Hello\r\nthere, " + new string('b', 3000)),
            Text(attachment, 0x3707, "big file.txt"),
            (attachment + "__substg1.0_37010102", large),
            Text("__attach_version1.0_#00000001/", 0x3001, "Forwarded"),
            Text(embedded, 0x0037, "Inner subject"),
            Text(embedded, 0x1000, "Inner body")
        );

        var text = await Extraction.ExtractAsync("a.msg", file);
        var members = await Extraction.MembersAsync("a.msg", file);

        text.Title.ShouldBe("Subject line");
        text.ModifiedAt.ShouldBe(new DateTimeOffset(2024, 1, 2, 3, 4, 5, TimeSpan.Zero));
        text.Authors.ShouldBe([new Owner("Ann Lee", "ann@example.com")]);
        text.Metadata["recipients"].Values.ShouldBe(["Bob <bob@example.com>"]);
        text.Sections[0].Text.ShouldStartWith("Hello\nthere, bbb");
        text.Sections[1].ShouldBe(new Section("Inner body", null, "Inner subject"));
        var member = members.ShouldHaveSingleItem();
        member.Path.ShouldBe("big file.txt");
        (await Extraction.ReadAsync(member)).ShouldBe(large);
        Extraction.Default.Containers.Identify("a.msg", new MemoryStream(file)).ShouldBe(ContainerKind.Mail);
    }

    [Fact]
    public async Task Html_and_compressed_rich_text_stand_in_for_a_missing_body()
    {
        var html = Message(("__substg1.0_10130102", "<p>From <b>HTML</b></p>"u8.ToArray()));

        // The example of [MS-OXRTFCP] 4.1: {\rtf1\ansi\ansicpg1252\pard hello world}
        var rtf = Message(
            (
                "__substg1.0_10090102",
                Convert.FromHexString(
                    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
                )
            )
        );

        (await Extraction.ExtractAsync("a.msg", html)).Text().ShouldBe("From HTML");
        (await Extraction.ExtractAsync("a.msg", rtf)).Text().ShouldBe("hello world");
    }

    [Fact]
    public async Task Chains_that_run_in_circles_are_broken_files()
    {
        var file = Message(Text("", 0x1000, new string('b', 9000)));
        var circular = (byte[])file.Clone();
        for (var at = 0; at + 4 <= circular.Length; at += 4)
        {
            // Every end of a chain leads back to its first sector.
            if (BinaryPrimitives.ReadUInt32LittleEndian(circular.AsSpan(at)) == 0xFFFFFFFE && at > 512)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(circular.AsSpan(at), 0);
            }
        }

        (await Extraction.FailAsync("a.msg", circular)).Problem.ShouldBe(ContentProblem.Broken);
        (await Extraction.FailAsync("a.msg", file[..700])).Problem.ShouldBe(ContentProblem.Broken);
    }
}
