using System.Text.Json;

namespace Tributary.Sdk.Reading;

/// <summary>Where a read begins.</summary>
/// <param name="Checkpoint">
/// The last committed checkpoint of this connector, whether its run ended well or not; null at the first run, after a
/// reset, and when <paramref name="FromBeginning"/> started afresh.
/// </param>
/// <param name="FromBeginning">
/// Everything is to be read again: what <see cref="ReaderContext.Known"/> says is not to be trusted (it answers
/// nothing then), and no conditional request is made.
/// </param>
public sealed record ReadRequest(JsonElement? Checkpoint, bool FromBeginning = false)
{
    /// <summary>The checkpoint as a type; null when there is none or it is of another shape (an older version's): start afresh then.</summary>
    public T? CheckpointAs<T>()
        where T : class
    {
        if (Checkpoint is not { ValueKind: JsonValueKind.Object } position)
        {
            return null;
        }

        try
        {
            return position.Deserialize<T>(Settings.SettingsJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
