using Tributary.Extraction.Formats;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Office;

/// <summary>OOXML documents with a password ([MS-OFFCRYPTO]): a compound file around the encrypted zip. Workbooks open with their password.</summary>
internal sealed class EncryptedOfficeFormat(ExtractionLimits limits) : IFormat
{
    public string Name => "an encrypted Office document";

    public bool Recognises(FileProbe probe) => probe.Compound?.Has("EncryptedPackage") == true;

    public Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken) =>
        file.Password is not null && file.Probe.Extension is "xlsx" or "xlsm"
            ? Task.FromResult(
                LegacySpreadsheetFormat.Read(file, new DocumentFacts(), isBinary: false, limits, cancellationToken)
            )
            : throw new ContentException(
                ContentProblem.Encrypted,
                "The document is encrypted. Save it without a password (only workbooks open with the password that was given)."
            );
}
