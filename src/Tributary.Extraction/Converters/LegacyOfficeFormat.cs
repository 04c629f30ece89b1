using Tributary.Extraction.Formats;
using Tributary.Extraction.Office;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Converters;

/// <summary>Old Office documents (.doc, .ppt, binary .xlsb) by way of LibreOffice, then read like their successors.</summary>
internal sealed class LegacyOfficeFormat(
    ExtractionLimits limits,
    OfficeConversion conversion,
    IReadOnlyList<IFormat> successors
) : IFormat
{
    public string Name => "an old Office document";

    public bool Recognises(FileProbe probe) => ExtensionsOf(probe) is not null;

    public async Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken)
    {
        var (from, to) = ExtensionsOf(file.Probe)!.Value;
        if (from == "doc" && IsEncryptedWord(file.Probe))
        {
            throw new ContentException(
                ContentProblem.Encrypted,
                "The document is encrypted. Save it without a password."
            );
        }

        return await conversion.ConvertAsync(
            file.Content,
            from,
            to,
            async converted =>
            {
                var probe = FileProbe.Read(
                    $"{Path.GetFileNameWithoutExtension(file.Probe.Name)}.{to}",
                    null,
                    converted,
                    limits
                );
                var successor =
                    successors.FirstOrDefault(format => format.Recognises(probe))
                    ?? throw new InvalidDataException($"LibreOffice made no .{to} of it");
                return await successor.ExtractAsync(new SourceFile(probe, converted, null), cancellationToken);
            },
            cancellationToken
        );
    }

    private static (string From, string To)? ExtensionsOf(FileProbe probe)
    {
        if (probe.Compound is { } compound)
        {
            return compound.Has("WordDocument") ? ("doc", "docx")
                : compound.Has("PowerPoint Document") ? ("ppt", "pptx")
                : null;
        }

        return OfficeProbe.KindOf(probe) == "xlsb" ? ("xlsb", "xlsx") : null;
    }

    // [MS-DOC] 2.5.2: the bit fEncrypted of the file information block.
    private static bool IsEncryptedWord(FileProbe probe) =>
        probe.Compound!.ReadStream("WordDocument", 32) is { Length: >= 12 } start && (start[11] & 1) != 0;
}
