using System.Buffers;
using System.Text;

namespace Tributary.Extraction.Text;

/// <summary>
/// Tells legacy charsets apart. Each candidate decodes a sample; the winner is the one whose result has most of the
/// letters that its languages use all the time, and no impossible bytes.
/// </summary>
internal static class LegacyCharsets
{
    private const int SampleBytes = 16_384;

    private const string Kana =
        "あいうえおかがきくけこさしすせそたちっつてでとどなにのはまもやよらりるれろわをんアイウエオカキクコサシスタッテトドナニノハフプマムメラリルレロン、。ー「」日本人年月";

    private const string SimplifiedChinese =
        "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运，。、";

    private const string TraditionalChinese =
        "的一是不我有大在人了中到資要可以這個你會好為上來學就交也用能如時文說沒他看那問提生過下請天們所多麼小之還電出工對都機自後子而訊站去心只家知國台很信成章何同道地發法無然但嗎當於本現年前真最和新因果定意情點題其事方清科樣些吧三此位理行作經者什謝名日正華話開實再城愛與二動比高面又車力或種像應女教分手打已次長太明己，。、";

    private const string HangulCommon =
        "이다는의에고을가하기지를사로은한도서어나자리인시아니라들정보수있그대일해게부전주스상과구제만원여장성우위것으와했동면신오마미안않었회공적모비조관화방국경연물요용문학생중세소유년";

    private const string Russian = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё";

    private const string Greek = "αοιετσνηυρπκμλςγδωχθφβζξψάέήίόύώ";

    // The letters of western and central Europe, and the typographic marks of Windows.
    private const string WesternLetters = "äöüßéèêëàâáãåæøñçíìîïóòôõœúùûýÿÄÖÜÉÈÀÁÅÆØÑÇÍÓÚ’‘“”„–—…•€°§«»©®·´½¿¡ ";

    private const string CentralLetters = "ąćęłńśźżáčďéěíňóřšťúůýžőűăâîșțĄĆĘŁŃŚŹŻČŘŠŽ’‘“”„–—…";

    // The order decides between equals: the more demanding charset first.
    private static readonly Candidate[] Candidates =
    [
        new("iso-2022-jp", Kana, 0, IsEscaped: true),
        new("euc-jp", Kana, 2),
        new("shift_jis", Kana, 2),
        new("euc-kr", HangulCommon, 2),
        new("big5", TraditionalChinese, 2),
        new("gb18030", SimplifiedChinese, 2),
        new("windows-1251", Russian, 1),
        new("koi8-r", Russian, 1),
        new("windows-1253", Greek, 1),
        new("windows-1252", WesternLetters, 1),
        new("windows-1250", CentralLetters, 1),
    ];

    /// <summary>The likeliest charset of text that is not Unicode; windows-1252 when nothing speaks for any.</summary>
    public static Encoding Guess(ReadOnlySpan<byte> bytes)
    {
        var start = Math.Max(0, bytes.IndexOfAnyInRange((byte)0x80, (byte)0xFF) - 1024);
        var sample = bytes[start..Math.Min(bytes.Length, start + SampleBytes)];
        var best = Encoding.GetEncoding("windows-1252");
        var bestScore = 0.0;
        foreach (var candidate in Candidates)
        {
            var score = candidate.Score(sample);
            if (score > bestScore)
            {
                bestScore = score;
                best = Encoding.GetEncoding(candidate.Name);
            }
        }

        return best;
    }

    private sealed class Candidate(string name, string common, int width, bool IsEscaped = false)
    {
        private readonly SearchValues<char> _common = SearchValues.Create(common);

        public string Name => name;

        /// <summary>The share of the sample's high bytes that make common letters; wrong bytes count against it.</summary>
        public double Score(ReadOnlySpan<byte> sample)
        {
            if (IsEscaped)
            {
                return sample.IndexOf("\x1b$B"u8) >= 0 || sample.IndexOf("\x1b$@"u8) >= 0 ? 1 : 0;
            }

            var high = 0;
            foreach (var value in sample)
            {
                high += value >= 0x80 ? 1 : 0;
            }

            if (high == 0)
            {
                return 0;
            }

            var text = Encoding.GetEncoding(name).GetString(sample);
            var common = 0;
            var wrong = 0;
            var previous = ' ';
            foreach (var letter in text)
            {
                if (letter == '\uFFFD' || letter is >= '\uE000' and <= '\uF8FF' || letter is >= '\u0080' and < '\u00A0')
                {
                    wrong++;
                }
                else if (
                    letter >= 0x80
                    && (_common.Contains(letter) || _common.Contains(char.ToLowerInvariant(letter)))
                )
                {
                    common++;
                }

                // aÄb: capitals inside words betray a wrong table (KOI8 read as 1251 swaps the cases).
                if (letter >= 0x80 && char.IsUpper(letter) && char.IsLower(previous))
                {
                    wrong++;
                }

                previous = letter;
            }

            // The sample's ends may cut one letter each.
            return (common - 4 * Math.Max(0, wrong - (width == 2 ? 2 : 0))) * (double)width / high;
        }
    }
}
