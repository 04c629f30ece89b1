using System.Text;

namespace Tributary.Extraction.Office;

/// <summary>The texts that cells refer to by number (ECMA-376 part 1, 18.4). What does not fit the cap on text is not kept: it could not be shown.</summary>
internal sealed class SharedStrings
{
    // What a short string costs beside its characters, so that a million empty ones do not fill the memory.
    private const int CostOfOne = 16;
    private readonly List<string> _strings = [];

    public SharedStrings(OfficePackage package, string? part)
    {
        using var xml = package.OpenXml(part ?? "xl/sharedStrings.xml");
        var left = package.Limits.MaxCharacters * 2L;
        while (left > 0 && xml?.Read() == true)
        {
            if (xml.IsStart && xml.Name == "si")
            {
                var text = RichText(xml, package.Limits.MaxCharacters);
                _strings.Add(text);
                left -= text.Length + CostOfOne;
            }
        }
    }

    public string this[int index] => index >= 0 && index < _strings.Count ? _strings[index] : "";

    /// <summary>The text of the element that the reader stands on: runs joined, phonetic guides left out.</summary>
    public static string RichText(SafeXml xml, int maxCharacters)
    {
        if (xml.IsEmpty)
        {
            return "";
        }

        var text = new StringBuilder();
        var depth = xml.Depth;
        while (xml.Read() && xml.Depth > depth)
        {
            if (xml.IsStart && xml.Name == "rPh")
            {
                xml.SkipElement();
            }
            else if (xml.IsText)
            {
                xml.CopyText(text, maxCharacters);
            }
        }

        return text.ToString();
    }
}
