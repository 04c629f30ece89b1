using Tributary.Sdk.Reading;

namespace Tributary.Engine.Runs;

/// <summary>For checks and reads from the beginning: nothing is known.</summary>
internal sealed class NothingKnown : IKnownDocuments
{
    private static readonly Dictionary<string, KnownDocument> Nothing = [];

    public static NothingKnown Instance { get; } = new();

    public ValueTask<IReadOnlyDictionary<string, KnownDocument>> GetAsync(
        IReadOnlyCollection<string> ids,
        CancellationToken cancellationToken
    ) => ValueTask.FromResult<IReadOnlyDictionary<string, KnownDocument>>(Nothing);
}
