using Tributary.Extraction;
using Tributary.Sdk.Content;

namespace Tributary.Contract;

/// <summary>The real services for files and pages, once a process.</summary>
public static class Content
{
    private static readonly TributaryExtraction Extraction = new();

    public static IHtmlConverter Html => Extraction.Html;

    public static IContainerOpener Containers => Extraction.Containers;

    public static ITextExtractor Text => Extraction.Text;
}
