using System.Globalization;
using System.Text;
using Tributary.Engine.Store;

namespace Tributary.Engine.Search;

/// <summary>Where a search goes on.</summary>
/// <param name="After">The place in the text ranking after which the window begins; null for its beginning.</param>
/// <param name="Window">Passages of a window: the same for all pages of a search.</param>
/// <param name="Skip">Documents of the window that earlier pages have shown.</param>
/// <param name="MatchAny">The words are ORed.</param>
/// <param name="Now">The time that ages are counted from: the same for all pages, so that their order is.</param>
internal sealed record SearchCursor(RankPosition? After, int Window, int Skip, bool MatchAny, DateTimeOffset Now)
{
    private const int MaxWindow = 1_000;

    /// <summary>Reads what <see cref="ToString"/> wrote; null stays null.</summary>
    /// <exception cref="EngineException">It is none of ours.</exception>
    public static SearchCursor? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        try
        {
            var parts = Encoding.ASCII.GetString(Convert.FromBase64String(text)).Split(' ').Select(long.Parse).ToList();
            var cursor = new SearchCursor(
                parts[5] == 0 ? null : new RankPosition(BitConverter.Int64BitsToDouble(parts[4]), parts[5]),
                checked((int)parts[0]),
                checked((int)parts[1]),
                parts[2] == 1,
                DateTimeOffset.FromUnixTimeMilliseconds(parts[3])
            );
            return cursor is { Window: > 0 and <= MaxWindow, Skip: >= 0 } ? cursor : throw new FormatException();
        }
        catch (Exception exception) when (exception is FormatException or OverflowException or ArgumentException)
        {
            throw new EngineException(RefusalKind.Rejected, "The cursor is not one that a search has returned.");
        }
    }

    /// <inheritdoc />
    public override string ToString()
    {
        var (rank, passage) = After is { } after
            ? (BitConverter.DoubleToInt64Bits(after.Rank), after.PassageId)
            : (0, 0);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{Window} {Skip} {(MatchAny ? 1 : 0)} {Now.ToUnixTimeMilliseconds()} {rank} {passage}"
        );
        return Convert.ToBase64String(Encoding.ASCII.GetBytes(text));
    }
}
