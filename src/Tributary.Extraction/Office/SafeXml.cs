using System.Text;
using System.Xml;
using Tributary.Extraction.Formats;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Office;

/// <summary>
/// A forward-only XML reader for files of strangers: no document types (so no entities to blow up or fetch), nothing
/// resolved, depth bounded, long texts in pieces.
/// </summary>
internal sealed class SafeXml : IDisposable
{
    private readonly XmlReader _reader;
    private readonly Stream _content;
    private readonly int _maxDepth;
    private readonly char[] _buffer = new char[8192];

    public SafeXml(Stream content, ExtractionLimits limits)
    {
        _content = content;
        _maxDepth = limits.MaxDepth;
        _reader = XmlReader.Create(
            new TagLengthGuard(content),
            new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                IgnoreComments = true,
                IgnoreProcessingInstructions = true,
                CheckCharacters = false,
                CloseInput = true,
            }
        );
    }

    /// <summary>The name without its prefix.</summary>
    public string Name => _reader.LocalName;

    public string Namespace => _reader.NamespaceURI;

    public bool IsStart => _reader.NodeType == XmlNodeType.Element;

    public bool IsEnd => _reader.NodeType == XmlNodeType.EndElement;

    public bool IsText =>
        _reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace;

    /// <summary>A start that has no end of its own.</summary>
    public bool IsEmpty => _reader.IsEmptyElement;

    public int Depth => _reader.Depth;

    /// <summary>The next node.</summary>
    /// <exception cref="ContentException">It lies deeper than the cap.</exception>
    public bool Read()
    {
        var isRead = _reader.Read();
        return _reader.Depth <= _maxDepth
            ? isRead
            : throw new ContentException(
                ContentProblem.TooLarge,
                $"Its elements are nested deeper than {_maxDepth:N0}."
            );
    }

    /// <summary>An attribute by its name without prefix; null when it is not there.</summary>
    public string? Attribute(string name)
    {
        if (_reader.GetAttribute(name) is { } plain)
        {
            return plain;
        }

        string? value = null;
        if (_reader.MoveToFirstAttribute())
        {
            do
            {
                if (_reader.LocalName == name && _reader.Prefix != "xmlns")
                {
                    value = _reader.Value;
                }
            } while (value is null && _reader.MoveToNextAttribute());
            _reader.MoveToElement();
        }

        return value;
    }

    /// <summary>The attribute r:id; some elements have an id of their own beside it.</summary>
    public string? RelationId()
    {
        string? value = null;
        if (_reader.MoveToFirstAttribute())
        {
            do
            {
                var isRelation = _reader.NamespaceURI.EndsWith("/relationships", StringComparison.Ordinal);
                value = isRelation && _reader.LocalName == "id" ? _reader.Value : value;
            } while (_reader.MoveToNextAttribute());
            _reader.MoveToElement();
        }

        return value;
    }

    /// <summary>Hands the text of a text node on, in pieces.</summary>
    public void CopyText(StringBuilder target, int maxCharacters)
    {
        int read;
        while ((read = _reader.ReadValueChunk(_buffer, 0, _buffer.Length)) > 0 && target.Length < maxCharacters)
        {
            target.Append(_buffer, 0, read);
        }
    }

    /// <summary>The text in the element that the reader stands on, which ends on its end.</summary>
    public string ElementText(int maxCharacters = 100_000)
    {
        if (IsEmpty)
        {
            return "";
        }

        var text = new StringBuilder();
        var depth = Depth;
        while (Read() && Depth > depth)
        {
            if (IsText)
            {
                CopyText(text, maxCharacters);
            }
        }

        return text.ToString();
    }

    /// <summary>Goes to the end of the element that the reader stands on.</summary>
    public void SkipElement()
    {
        if (IsEmpty)
        {
            return;
        }

        var depth = Depth;
        while (Read() && Depth > depth) { }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _content.Dispose();
    }
}
