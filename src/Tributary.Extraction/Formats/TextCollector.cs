using System.Text;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;

namespace Tributary.Extraction.Formats;

/// <summary>
/// Gathers the sections of one file under the cap on characters. When it is full, formats may stop reading; what they
/// add nevertheless is dropped.
/// </summary>
internal sealed class TextCollector(int maxCharacters, CancellationToken cancellationToken)
{
    private readonly List<Section> _sections = [];
    private readonly StringBuilder _text = new();
    private string? _heading;
    private string? _link;
    private bool _isHeadingText;
    private int _left = maxCharacters;

    /// <summary>Nothing more fits.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Ends the section before, and starts one.</summary>
    /// <param name="heading">What it is called.</param>
    /// <param name="link">Where it is.</param>
    /// <param name="isText">The heading is the author's own words, not a page's number: a section without other text keeps it.</param>
    public void StartSection(string? heading = null, string? link = null, bool isText = false)
    {
        EndSection();
        _isHeadingText = isText;
        _heading = string.IsNullOrWhiteSpace(heading) ? null : heading.Trim();
        _link = link;
    }

    public void Append(ReadOnlySpan<char> text)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (text.Length > _left)
        {
            IsFull = true;
            var cut = _left;
            if (cut > 0 && char.IsHighSurrogate(text[cut - 1]))
            {
                cut--;
            }

            text = text[..cut];
        }

        _text.Append(text);
        _left -= text.Length;
    }

    public void Append(StringBuilder text)
    {
        foreach (var chunk in text.GetChunks())
        {
            Append(chunk.Span);
        }
    }

    public void AppendLine(ReadOnlySpan<char> line)
    {
        Append(line);
        Append("\n");
    }

    /// <summary>A paragraph with an empty line after it; nothing when it is blank.</summary>
    public void AppendParagraph(ReadOnlySpan<char> text)
    {
        if (!text.IsWhiteSpace())
        {
            AppendLine(text.Trim());
            Append("\n");
        }
    }

    /// <summary>The sections that have text.</summary>
    public IReadOnlyList<Section> Finish()
    {
        EndSection();
        return _sections;
    }

    /// <summary>The result, with the note that it was cut.</summary>
    public ExtractedText Finish(DocumentFacts facts)
    {
        var sections = Finish();
        if (IsFull)
        {
            facts.Metadata["truncated"] = "true";
        }

        return new ExtractedText
        {
            Title = facts.Title,
            ModifiedAt = facts.ModifiedAt,
            Authors = facts.Authors,
            Metadata = facts.Metadata,
            Sections = sections,
        };
    }

    private void EndSection()
    {
        var text = TextCleaner.Trim(_text);
        text = text.Length == 0 && _isHeadingText ? _heading ?? "" : text;
        if (text.Length > 0)
        {
            _sections.Add(new Section(text, _link, _heading));
        }

        _text.Clear();
        _heading = null;
        _link = null;
        _isHeadingText = false;
    }
}
