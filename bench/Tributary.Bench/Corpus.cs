using System.Text;

namespace Tributary.Bench;

/// <summary>A document of the corpus.</summary>
internal readonly record struct Text(string Id, string Title, string Body);

/// <summary>Documents of 1 KB from a Zipf vocabulary, the same in every run: document n depends on n alone.</summary>
internal static class Corpus
{
    /// <summary>About the length of a document's text.</summary>
    public const int Length = 1_000;

    private const int Words = 30_000;
    private static readonly string[] _vocabulary = Vocabulary();
    private static readonly ushort[] _draws = Draws();

    /// <summary>The word of a rank; 0 is the commonest.</summary>
    public static string Word(int rank) => _vocabulary[rank];

    /// <summary>A word that only document <paramref name="number"/> has.</summary>
    public static string Mark(long number) => $"mark{number}";

    public static string Id(long number) => $"doc-{number}";

    public static Text Document(long number)
    {
        var random = (ulong)number;
        var title = $"{Draw(ref random)} {Draw(ref random)} {Draw(ref random)} {Mark(number)}";
        return new Text(Id(number), title, Prose(ref random, Length));
    }

    /// <summary>Prose of about a length; the seed is moved on.</summary>
    public static string Prose(ref ulong random, int length)
    {
        var text = new StringBuilder(length + 16);
        while (text.Length < length)
        {
            text.Append(Draw(ref random)).Append(' ');
        }

        return text.ToString();
    }

    private static string Draw(ref ulong random) => _vocabulary[_draws[Next(ref random) & 0xFFFFF]];

    // SplitMix64: the same numbers on every machine and runtime.
    private static ulong Next(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static string[] Vocabulary()
    {
        const string Consonants = "bcdfghjklmnprstvwz";
        const string Vowels = "aeiou";
        var words = new HashSet<string>();
        var random = 42UL;
        while (words.Count < Words)
        {
            var word = new StringBuilder();
            for (
                var syllables = 1 + (int)(Next(ref random) % 3) + (words.Count > 200 ? 1 : 0);
                syllables > 0;
                syllables--
            )
            {
                word.Append(Consonants[(int)(Next(ref random) % 18)]).Append(Vowels[(int)(Next(ref random) % 5)]);
            }

            words.Add(word.Append(Consonants[(int)(Next(ref random) % 18)]).ToString());
        }

        return [.. words];
    }

    /// <summary>A million draws, in which the word of rank r has a share of 1/(r + 1).</summary>
    private static ushort[] Draws()
    {
        var total = Enumerable.Range(1, Words).Sum(rank => 1.0 / rank);
        var draws = new ushort[0x100000];
        var (rank, reached) = (0, 1 / total);
        for (var i = 0; i < draws.Length; i++)
        {
            while (reached < (i + 0.5) / draws.Length && rank < Words - 1)
            {
                reached += 1.0 / (++rank + 1) / total;
            }

            draws[i] = (ushort)rank;
        }

        return draws;
    }
}
