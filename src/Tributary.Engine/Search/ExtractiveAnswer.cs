using System.Text.RegularExpressions;

namespace Tributary.Engine.Search;

/// <summary>
/// An answer without a language model: the sentences of the best passages that hold most of the query's words, each
/// marked with the number of the hit that it stands in.
/// </summary>
public static partial class ExtractiveAnswer
{
    private const int Passages = 5;
    private const int Sentences = 3;
    private const int MaxSentenceLength = 400;

    /// <summary>Makes it.</summary>
    /// <param name="query">The words that were searched for.</param>
    /// <param name="hits">The hits in rank order; <c>[1]</c> in the answer means the first.</param>
    /// <returns>The answer; a sentence that says so when there are no hits.</returns>
    public static string Of(string query, IReadOnlyList<SearchHit> hits)
    {
        if (hits.Count == 0)
        {
            return "Nothing was found.";
        }

        var words = Words(query);
        var best = new List<Candidate>();
        foreach (var (hit, rank) in hits.Take(Passages).Select((hit, rank) => (hit, rank)))
        {
            best.AddRange(
                Split(hit.Text).Select((text, place) => new Candidate(text, rank, place, Score(text, words)))
            );
        }

        // Most words first; among equals the better hit and the earlier sentence. Read in the order of the passages.
        var chosen = best.Where(candidate => candidate.Score > 0)
            .OrderByDescending(candidate => candidate.Score)
            .ThenBy(candidate => candidate.Rank)
            .ThenBy(candidate => candidate.Place)
            .DistinctBy(candidate => candidate.Text, StringComparer.OrdinalIgnoreCase)
            .Take(Sentences)
            .OrderBy(candidate => candidate.Rank)
            .ThenBy(candidate => candidate.Place)
            .ToList();
        return chosen.Count > 0
            ? string.Join(' ', chosen.Select(candidate => $"{candidate.Text} [{candidate.Rank + 1}]"))
            : $"{Cut(hits[0].Blurb)} [1]";
    }

    private static HashSet<string> Words(string text) => [.. Word().Matches(text).Select(match => Stem(match.Value))];

    private static int Score(string sentence, HashSet<string> words)
    {
        // Most sentences hold none of the words, which is seen without taking them apart.
        if (!words.Any(word => sentence.Contains(word, StringComparison.OrdinalIgnoreCase)))
        {
            return 0;
        }

        var found = Words(sentence);
        return words.Count(found.Contains);
    }

    // Enough to let "deploys" find "deploy"; the index itself has the real stemmer.
    private static string Stem(string word)
    {
        var lower = word.ToLowerInvariant();
        return lower.Length > 3 && lower.EndsWith('s') ? lower[..^1] : lower;
    }

    private static IEnumerable<string> Split(string text) =>
        SentenceEnd()
            .Split(text)
            .Select(sentence => Spaces().Replace(sentence, " ").Trim())
            .Where(sentence => sentence.Length > 0)
            .Select(Cut);

    private static string Cut(string sentence)
    {
        if (sentence.Length <= MaxSentenceLength)
        {
            return sentence;
        }

        var end = sentence.LastIndexOf(' ', MaxSentenceLength);
        end = end > 0 ? end : MaxSentenceLength;

        // Not through the middle of a character of two halves.
        end -= char.IsHighSurrogate(sentence[end - 1]) ? 1 : 0;
        return sentence[..end] + " …";
    }

    private sealed record Candidate(string Text, int Rank, int Place, int Score);

    [GeneratedRegex(@"[\p{L}\p{N}]+")]
    private static partial Regex Word();

    // The end of a sentence in writings with and without spaces, or of a line.
    [GeneratedRegex(@"(?<=[.!?])\s+|(?<=[。！？])|[\r\n]+")]
    private static partial Regex SentenceEnd();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
