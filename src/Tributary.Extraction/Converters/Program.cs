namespace Tributary.Extraction.Converters;

/// <summary>A program that reads what this library does not.</summary>
/// <param name="Command">Its file name.</param>
/// <param name="Package">The Debian package that has it.</param>
/// <param name="Purpose">What it is needed for, as the end of "… is needed to".</param>
internal sealed record Program(string Command, string Package, string Purpose)
{
    public static readonly Program PdfToText = new("pdftotext", "poppler-utils", "read PDF files");
    public static readonly Program PdfInfo = new("pdfinfo", "poppler-utils", "read PDF files");
    public static readonly Program PdfToPpm = new("pdftoppm", "poppler-utils", "read scanned PDF files");
    public static readonly Program Tesseract = new("tesseract", "tesseract-ocr", "recognise text in pictures");
    public static readonly Program LibreOffice = new(
        "soffice",
        "libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui",
        "read old Office files"
    );
    public static readonly Program SevenZip = new("7z", "p7zip-full", "open 7z archives");
    public static readonly Program HeifConvert = new("heif-convert", "libheif-examples", "read HEIC pictures");
}
