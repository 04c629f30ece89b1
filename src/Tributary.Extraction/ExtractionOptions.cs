namespace Tributary.Extraction;

/// <summary>How this machine extracts.</summary>
public sealed record ExtractionOptions
{
    /// <summary>What one file may cost.</summary>
    public ExtractionLimits Limits { get; init; } = new();

    /// <summary>Where large inputs and the files of converters are kept for as long as they are worked on. Made when it does not exist.</summary>
    public string TemporaryFolder { get; init; } = Path.GetTempPath();

    /// <summary>Folders in which converters (pdftotext, tesseract, soffice, 7z) are looked for; null means the PATH.</summary>
    public IReadOnlyList<string>? ProgramFolders { get; init; }

    /// <summary>Languages of text recognition, as <c>tesseract --list-langs</c> names them, joined by "+".</summary>
    public string OcrLanguages { get; init; } = "eng";
}
