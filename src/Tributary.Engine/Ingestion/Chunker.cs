using System.Text;
using Tributary.Sdk.Documents;

namespace Tributary.Engine.Ingestion;

/// <summary>
/// Cuts a document's sections into passages of at most <see cref="MaxLength"/> characters: at paragraphs, else at
/// sentences, else at words, else anywhere but inside a character. Small sections that follow one another share one.
/// </summary>
internal static class Chunker
{
    /// <summary>Characters of a passage, at most: what fits a screen, and a question's context.</summary>
    public const int MaxLength = 2_000;

    /// <summary>A section shorter than this takes the next one in.</summary>
    private const int Small = 400;

    public static List<Passage> Cut(IReadOnlyList<Section> sections)
    {
        var passages = new List<Passage>();
        var pending = new StringBuilder();
        string? link = null;
        string? heading = null;
        foreach (var section in sections)
        {
            var text = section.Text.AsSpan().Trim();
            if (text.IsEmpty && string.IsNullOrWhiteSpace(section.Heading))
            {
                continue;
            }

            if (pending.Length > 0 && (pending.Length >= Small || pending.Length + text.Length > MaxLength))
            {
                Flush();
            }

            if (pending.Length == 0)
            {
                (link, heading) = (section.Link, section.Heading);
            }
            else if (section.Heading is { } inner)
            {
                pending.Append("\n\n").Append(inner);
            }

            pending.Append(pending.Length > 0 ? "\n\n" : "").Append(text);
            if (pending.Length > MaxLength)
            {
                Flush();
            }
        }

        Flush();
        return passages;

        void Flush()
        {
            var rest = pending.ToString().AsSpan().Trim();
            pending.Clear();
            if (rest.IsEmpty && heading is { } alone)
            {
                passages.Add(new Passage(alone, link, null));
            }

            while (!rest.IsEmpty)
            {
                var length = rest.Length <= MaxLength ? rest.Length : CutAt(rest);
                var piece = rest[..length].TrimEnd();
                if (!piece.IsEmpty)
                {
                    passages.Add(new Passage(piece.ToString(), link, heading));
                }

                rest = rest[length..].TrimStart();
            }
        }
    }

    private static int CutAt(ReadOnlySpan<char> text)
    {
        var window = text[..MaxLength];
        const int Least = MaxLength / 2;
        var paragraph = window.LastIndexOf("\n\n");
        if (paragraph >= Least)
        {
            return paragraph;
        }

        var sentence = Math.Max(
            Math.Max(window.LastIndexOf(". "), window.LastIndexOf(".\n")),
            Math.Max(window.LastIndexOf("? "), Math.Max(window.LastIndexOf("! "), window.LastIndexOf('。')))
        );
        if (sentence >= Least)
        {
            return sentence + 1;
        }

        var space = window.LastIndexOfAny(' ', '\n', '\t');
        if (space >= Least)
        {
            return space;
        }

        return char.IsHighSurrogate(window[^1]) ? MaxLength - 1 : MaxLength;
    }
}
