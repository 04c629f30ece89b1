using System.Text;
using AngleSharp.Dom;

namespace Tributary.Extraction.Html;

/// <summary>What stands in pre elements: text as it is, and the language that some class names.</summary>
internal static class CodeBlocks
{
    private static readonly string[] Prefixes =
    [
        "language-",
        "lang-",
        "highlight-source-",
        "highlight-",
        "brush:",
        "sourceCode ",
    ];

    /// <summary>The text with its line ends; line numbers and copy buttons left out.</summary>
    public static string TextOf(IElement element, Furniture furniture)
    {
        var text = new StringBuilder();
        Append(element, furniture, text);
        return text.ToString().Replace("\r\n", "\n").Trim('\n', '\r').TrimEnd();
    }

    /// <summary>The language that the element, its code element or its wrappers name; empty when none.</summary>
    public static string LanguageOf(IElement element)
    {
        var candidates = new[]
        {
            element,
            element.FirstElementChild,
            element.ParentElement,
            element.ParentElement?.ParentElement,
        };
        foreach (var candidate in candidates)
        {
            if (candidate is null)
            {
                continue;
            }

            var language =
                candidate.GetAttribute("data-lang") ?? candidate.GetAttribute("data-language") ?? InClasses(candidate);
            if (!string.IsNullOrWhiteSpace(language) && language.Length < 30)
            {
                // Sphinx's word for "whatever the project is written in", and themes' word for nothing.
                return language is "default" or "none" or "plaintext" or "text" or "notranslate" ? "" : language;
            }
        }

        return "";
    }

    private static string? InClasses(IElement element)
    {
        var classes = element.ClassName;
        if (string.IsNullOrEmpty(classes))
        {
            return null;
        }

        foreach (var prefix in Prefixes)
        {
            var start = classes.IndexOf(prefix, StringComparison.OrdinalIgnoreCase);
            if (start >= 0 && (start == 0 || classes[start - 1] == ' '))
            {
                var rest = classes.AsSpan(start + prefix.Length).TrimStart();
                var end = rest.IndexOfAny(' ', ';');
                return (end < 0 ? rest : rest[..end]).ToString();
            }
        }

        return null;
    }

    private static void Append(IElement element, Furniture furniture, StringBuilder text)
    {
        var children = element.ChildNodes;
        for (var i = 0; i < children.Length; i++)
        {
            switch (children[i])
            {
                case IText part:
                    text.Append(part.Data);
                    break;
                case IElement { LocalName: "br" }:
                    text.Append('\n');
                    break;
                case IElement child when !furniture.LeavesOut(child, isInContent: true):
                    // Themes that wrap each line in a block rely on it for the line end.
                    if (child.LocalName is "div" or "li" && text.Length > 0 && text[^1] != '\n')
                    {
                        text.Append('\n');
                    }

                    Append(child, furniture, text);
                    break;
            }
        }
    }
}
