using Tributary.Extraction.Archives;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Formats;

/// <summary>Archives are opened, not read: one that arrives here is met with the reason.</summary>
internal sealed class ArchiveRefusal : IFormat
{
    public string Name => "an archive";

    public bool Recognises(FileProbe probe) => ArchiveProbe.KindOf(probe) is not null;

    public Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken) =>
        throw new ContentException(
            ContentProblem.Unsupported,
            "It is an archive inside an archive, or in a place where archives are not opened. Unpack it first."
        );
}
