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
        new("euc-jp", Kana, Alphabet.EastAsian),
        new("shift_jis", Kana, Alphabet.EastAsian),
        new("euc-kr", HangulCommon, Alphabet.EastAsian),
        new("big5", TraditionalChinese, Alphabet.EastAsian),
        new("gb18030", SimplifiedChinese, Alphabet.EastAsian),
        new("windows-1251", Russian, Alphabet.NonLatin),
        new("koi8-r", Russian, Alphabet.NonLatin),
        new("windows-1253", Greek, Alphabet.NonLatin),
        new("windows-1252", WesternLetters, Alphabet.Western),
        new("windows-1250", CentralLetters, Alphabet.Central),
    ];

    /// <summary>The likeliest charset of text that is not Unicode; windows-1252 when nothing speaks for any.</summary>
    public static Encoding Guess(ReadOnlySpan<byte> bytes)
    {
        var start = Math.Max(0, bytes.IndexOfAnyInRange((byte)0x80, (byte)0xFF) - 1024);
        var sample = bytes[start..Math.Min(bytes.Length, start + SampleBytes)];
        var high = sample.Length - CountAscii(sample);
        var best = "windows-1252";
        var bestScore = 0.0;
        foreach (var candidate in high == 0 ? [] : Candidates)
        {
            var score = candidate.Score(sample, high);
            if (score > bestScore)
            {
                bestScore = score;
                best = candidate.Name;
            }
        }

        return Encoding.GetEncoding(best);
    }

    private static int CountAscii(ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        foreach (var value in bytes)
        {
            count += value < 0x80 ? 1 : 0;
        }

        return count;
    }

    private enum Alphabet
    {
        EastAsian,
        Western,
        Central,
        NonLatin,
    }

    private sealed class Candidate(string name, string common, Alphabet alphabet)
    {
        private const int WrongWeighs = 4;
        private readonly SearchValues<char> _common = SearchValues.Create(common);

        public string Name => name;

        /// <summary>The share of the sample's high bytes that make common letters; impossible ones count against it.</summary>
        public double Score(ReadOnlySpan<byte> sample, int high)
        {
            var text = Encoding.GetEncoding(name).GetString(sample);
            var common = 0;
            var wrong = 0;
            var (before, previous) = (' ', ' ');
            foreach (var letter in text)
            {
                common += letter >= 0x80 && IsCommon(letter) ? 1 : 0;
                wrong += IsImpossible(letter) || IsUnlikely(before, previous, letter) ? 1 : 0;
                (before, previous) = (previous, letter);
            }

            // The sample's ends may cut one letter each, and a letter of East Asia stands for two bytes.
            return alphabet == Alphabet.EastAsian
                ? (common - WrongWeighs * Math.Max(0, wrong - 2)) * 2.0 / high
                : (common - WrongWeighs * wrong) / (double)high;
        }

        private bool IsCommon(char letter) =>
            _common.Contains(letter) || _common.Contains(char.ToLowerInvariant(letter));

        private static bool IsImpossible(char letter) =>
            letter is '\uFFFD' or >= '\uE000' and <= '\uF8FF' or >= '\u0080' and < '\u00A0';

        // Capitals inside words betray a wrong table (KOI8 read as 1251 swaps the cases). Words of Greek and Russian have
        // no Latin letters in them, and western words no three letters in a row that ASCII lacks.
        private bool IsUnlikely(char before, char previous, char letter) =>
            alphabet switch
            {
                Alphabet.NonLatin => char.IsUpper(letter) && char.IsLower(previous)
                    || letter >= 0x80 && char.IsLetter(letter) && char.IsAsciiLetter(previous)
                    || char.IsAsciiLetter(letter) && previous >= 0x80 && char.IsLetter(previous),
                Alphabet.Western => char.IsUpper(letter) && char.IsLower(previous)
                    || before >= 0x80
                        && previous >= 0x80
                        && letter >= 0x80
                        && char.IsLetter(letter)
                        && char.IsLetter(previous),
                _ => false,
            };
    }
}
