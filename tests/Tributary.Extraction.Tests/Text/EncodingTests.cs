using System.Text;
using Tributary.Extraction.Text;

namespace Tributary.Extraction.Tests.Text;

public class EncodingTests
{
    private const string Japanese =
        "これは日本語のテキストです。会議は月曜日の午後に行われます。資料を確認してください。";
    private const string Chinese =
        "这是一个中文文本文件，我们在这里测试编码的检测。会议时间是星期一下午，请大家准时参加。";
    private const string Traditional =
        "這是一個中文文字檔案，我們在這裡測試編碼的偵測。會議時間是星期一下午，請大家準時參加。";
    private const string Korean =
        "이것은 한국어 텍스트입니다. 회의는 월요일 오후에 있습니다. 자료를 확인하시기 바랍니다.";
    private const string Russian =
        "Это русский текст для проверки кодировки. Совещание состоится в понедельник после обеда.";
    private const string German =
        "Das Gespräch über die Größe des Geländes fand am Dienstag statt – „schön“, sagte Jürgen für alle.";
    private const string French =
        "Voilà l’été déjà passé, et nous n’avons pas encore reçu les données demandées à l’équipe.";
    private const string Polish = "Zażółć gęślą jaźń. Proszę sprawdzić dokumentację i odpowiedzieć na pytania w środę.";
    private const string Greek = "Αυτό είναι ένα ελληνικό κείμενο για τη δοκιμή της κωδικοποίησης των χαρακτήρων.";

    static EncodingTests() => _ = Extraction.Default;

    [Theory]
    [InlineData("utf-8", Japanese)]
    [InlineData("shift_jis", Japanese)]
    [InlineData("euc-jp", Japanese)]
    [InlineData("iso-2022-jp", Japanese)]
    [InlineData("gb18030", Chinese)]
    [InlineData("big5", Traditional)]
    [InlineData("euc-kr", Korean)]
    [InlineData("windows-1251", Russian)]
    [InlineData("koi8-r", Russian)]
    [InlineData("windows-1252", German)]
    [InlineData("windows-1252", French)]
    [InlineData("windows-1250", Polish)]
    [InlineData("windows-1253", Greek)]
    [InlineData("utf-16le", German)]
    [InlineData("utf-16be", French)]
    public void Charsets_are_told_by_their_bytes(string charset, string text) =>
        TextDecoder.Decode(Encoding.GetEncoding(charset).GetBytes(text)).ShouldBe(text);

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    public void A_byte_order_mark_decides_and_is_no_text(string charset)
    {
        var encoding = Encoding.GetEncoding(charset);

        TextDecoder.Decode([.. encoding.GetPreamble(), .. encoding.GetBytes("Grüße")], "shift_jis").ShouldBe("Grüße");
    }

    [Fact]
    public void A_wrong_declaration_loses_against_valid_bytes()
    {
        TextDecoder.Decode("Grüße"u8, "iso-8859-1").ShouldBe("Grüße");
        TextDecoder
            .Decode(Encoding.Latin1.GetBytes("Grüße für alle Mädchen"), "utf-8")
            .ShouldBe("Grüße für alle Mädchen");
        TextDecoder
            .Decode("plain ascii text, longer than sixty-four bytes, that claims to be UTF-16"u8, "utf-16")
            .ShouldStartWith("plain");
        TextDecoder.Decode("a"u8, "no-such-charset").ShouldBe("a");
        TextDecoder.Decode("+ADw-script+AD4-"u8, "utf-7").ShouldBe("+ADw-script+AD4-");
    }

    [Fact]
    public async Task A_declared_charset_is_used_where_bytes_leave_it_open()
    {
        var text = await Extraction.ExtractAsync(
            "a.txt",
            [0xE0, 0xE1, 0xE2],
            contentType: "text/plain; charset=\"windows-1255\""
        );

        text.Text().ShouldBe("אבג");
    }

    [Fact]
    public async Task Nuls_and_stray_bytes_never_throw()
    {
        var text = await Extraction.ExtractAsync(
            "a.log",
            [.. "one line of a log\0\0\0 and more of it\r\n"u8, 0xFF, .. " é"u8]
        );

        text.Text().ShouldStartWith("one line of a log and more of it\n");
    }

    [Fact]
    public async Task Text_cut_within_a_letter_is_still_utf8()
    {
        var text = await Extraction.ExtractAsync("a.txt", "Überall Grüße und 世界"u8.ToArray()[..^1]);

        text.Text().ShouldStartWith("Überall Grüße und 世");
    }
}
